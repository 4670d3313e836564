// @ts-check
// The site's service worker, registered by the first Run: afterwards what has been loaded once works
// without a network. What lies in a folder named by its content comes from the cache; everything
// else comes from the network as long as there is one.
/// <reference lib="webworker" />

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const RUNTIME = "rnn-book-runtime";
const PAGES = "rnn-book-pages";
const NAMED_BY_CONTENT = /\/assets\/(?:run|pyodide)\/[0-9a-f]{12}\//;
const KEPT = new Set(["document", "script", "style", "font", "image", "worker"]);
scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

// The page that has registered this worker was loaded before anybody kept it.
scope.addEventListener("message", (event) => {
  const { page } = event.data ?? {};
  if (page) event.waitUntil(caches.open(PAGES).then((cache) => cache.add(page)).catch(() => undefined));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (NAMED_BY_CONTENT.test(url.pathname)) event.respondWith(fromCache(request));
  else if (KEPT.has(request.destination)) event.respondWith(fromNetwork(request));
});

/** @param {Request} request */
async function fromCache(request) {
  const cache = await caches.open(RUNTIME);
  const kept = await cache.match(request);
  if (kept) return kept;
  return fetch(request); // store.js checks what it loads, and puts it there
}

/** @param {Request} request */
async function fromNetwork(request) {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone()).catch(() => undefined);
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: request.destination !== "document" });
    if (kept) return kept;
    throw error;
  }
}
