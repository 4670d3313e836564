// @ts-check
// The runtime's files: loaded with a count of bytes, checked against their sums, and kept in the
// browser's cache, unpacked, so that the next page needs no network for them.

/**
 * @typedef {{name: string, url: string, bytes: number, sha256: string, packed: boolean}} Entry
 */

export const CACHE = "rnn-book-runtime";

const TYPES = /** @type {Record<string, string>} */ ({
  wasm: "application/wasm",
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  css: "text/css",
});

/** A fault that the reader can understand and often mend. */
export class LoadError extends Error {}

/** @returns {Promise<Cache | null>} null where the browser keeps nothing (a private window). */
async function openCache() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

/**
 * @param {ArrayBuffer} content
 * @returns {Promise<string>}
 */
async function sha256(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Fetch a file, telling of every piece that arrives.
 * @param {string} url
 * @param {Entry} entry
 * @param {(bytes: number) => void} onBytes
 * @returns {Promise<ArrayBuffer>}
 */
async function download(url, entry, onBytes) {
  let answer;
  try {
    answer = await fetch(url);
  } catch {
    throw new LoadError(`${entry.name} could not be loaded: there seems to be no network.`);
  }
  if (!answer.ok || !answer.body)
    throw new LoadError(`${entry.name} could not be loaded: the server answered ${answer.status}.`);
  let seen = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      // What the host has compressed counts as it was before: at most the file's own size.
      const counted = Math.min(chunk.length, entry.bytes - seen);
      seen += counted;
      onBytes(counted);
      controller.enqueue(chunk);
    },
  });
  let stream = answer.body.pipeThrough(counter);
  if (entry.packed) stream = stream.pipeThrough(new DecompressionStream("gzip"));
  let content;
  try {
    content = await new Response(stream).arrayBuffer();
  } catch {
    throw new LoadError(`${entry.name} broke off before its end. Try again.`);
  }
  // Without a secure address (http, not on this machine) a browser offers no sums.
  if (globalThis.crypto?.subtle && (await sha256(content)) !== entry.sha256)
    throw new LoadError(
      `${entry.name} is not the file that was published with this book (its checksum differs), so nothing of it was run.`,
    );
  return content;
}

/**
 * Have every file at hand.
 * @param {string} base  address of files.json
 * @param {(loaded: number, total: number) => void} onProgress
 * @returns {Promise<Map<string, Response>>}  what to answer for each address
 */
export async function load(base, onProgress) {
  const cache = await openCache();
  const list = new URL("files.json", base).href;
  let answer = await cache?.match(list);
  if (!answer) {
    answer = await fetch(list).catch(() => {
      throw new LoadError("The list of files could not be loaded: there seems to be no network.");
    });
    if (!answer.ok)
      throw new LoadError(`The list of files is missing: the server answered ${answer.status}.`);
  }
  const keep = answer.clone();
  /** @type {Entry[]} */
  const entries = await answer.json();
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  let loaded = 0;
  const count = (/** @type {number} */ bytes) => onProgress((loaded += bytes), total);

  /** @type {Map<string, Response>} */
  const out = new Map();
  await Promise.all(
    entries.map(async (entry) => {
      const address = new URL(entry.url, base).href;
      // Pyodide asks for a packed file by its plain name.
      const plain = entry.packed ? address.replace(/\.bin$/, "") : address;
      let kept = await cache?.match(plain);
      if (kept) count(entry.bytes);
      else {
        const content = await download(address, entry, count);
        const type = TYPES[plain.split(".").pop() ?? ""] ?? "application/octet-stream";
        kept = new Response(content, { headers: { "Content-Type": type } });
        // A full disk is no reason not to run.
        await cache?.put(plain, kept.clone()).catch(() => undefined);
      }
      out.set(plain, kept);
    }),
  );
  if (cache) {
    await cache.put(list, keep).catch(() => undefined);
    await forgetOthers(cache, new Set([list, ...out.keys()]));
  }
  return out;
}

/**
 * Drop what earlier editions of the book have left.
 * @param {Cache} cache
 * @param {Set<string>} wanted
 */
async function forgetOthers(cache, wanted) {
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}
