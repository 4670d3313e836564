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
const SCRIPTS = [
  "start.js", "run.css", "block.js", "editor.js", "highlight.js", "output.js", "session.js", "store.js", "worker.js",
];

scope.addEventListener("install", () => void scope.skipWaiting());
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener("message", (event) => {
  const { keep, page } = event.data ?? {};
  if (!keep) return;
  event.waitUntil(
    (async () => {
      const runtime = await caches.open(RUNTIME);
      const addresses = SCRIPTS.map((name) => new URL(name, keep).href);
      for (const address of addresses)
        if (!(await runtime.match(address))) await runtime.add(address).catch(() => undefined);
      await (await caches.open(PAGES)).add(page).catch(() => undefined);
    })(),
  );
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
  const answer = await fetch(request);
  // The large files are put there by whoever checks them (store.js).
  if (answer.ok && /\/assets\/run\/[^/]+\/[^/]+\.(?:js|css|json)$/.test(new URL(request.url).pathname))
    await cache.put(request, answer.clone()).catch(() => undefined);
  return answer;
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
