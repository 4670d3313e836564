// @ts-check
// One Python for a page: started by the first run, shared by everything on the page, ended by Stop.

/** @typedef {{error: string | null, line: number | null, lost: number}} RunResult */
/** @typedef {(text: string) => void} Listener */
/** @typedef {{resolve: (value: any) => void, reject: (reason: Error) => void, onOutput?: Listener}} Job */

const BASE = new URL(".", import.meta.url).href;
const START_LIMIT = 20_000; // ms until a worker that says nothing counts as blocked

/** The reader pressed Stop. */
export class Stopped extends Error {}

/** @type {Worker | null} */
let worker = null;
/** @type {Promise<void> | null} */
let started = null;
/** @type {((reason: Error) => void) | null} */
let abandon = null;
/** @type {Map<number, Job>} */
const jobs = new Map();
let last = 0;
/** @type {Set<Listener>} */
const watchers = new Set();

/** @param {string} text */
const report = (text) => watchers.forEach((watcher) => watcher(text));

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** End the worker; whatever waits for it fails with a reason. @param {Error} reason */
function end(reason) {
  worker?.terminate();
  worker = null;
  started = null;
  abandon?.(reason);
  abandon = null;
  for (const job of jobs.values()) job.reject(reason);
  jobs.clear();
}

/** Let the site's service worker keep scripts and pages, where there is one. */
async function keepOffline() {
  try {
    const registration = await navigator.serviceWorker.register(new URL("../../../offline.js", BASE));
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await Promise.race([
        new Promise((resolve) =>
          navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
        ),
        new Promise((resolve) => setTimeout(resolve, 1000)),
      ]);
    registration.active?.postMessage({ page: location.href });
  } catch {
    // Without it everything runs, as long as there is a network.
  }
}

/** Start Python, unless it runs already. @returns {Promise<void>} */
function start() {
  if (started) return started;
  report("Loading …");
  started = new Promise((resolve, reject) => {
    abandon = reject;
    // The first worker waits, so that what it fetches is kept; later ones are kept from the start.
    const kept = keepOffline();
    void (navigator.serviceWorker?.controller ? Promise.resolve() : kept).then(() => {
      if (abandon !== reject) return; // stopped meanwhile
      const blocked = new Error(
        "Python could not be started: the browser or the server's rules block web workers.",
      );
      let timer = 0;
      try {
        worker = new Worker(new URL("worker.js", BASE), { type: "module" });
      } catch {
        end(blocked);
        return;
      }
      timer = window.setTimeout(() => end(blocked), START_LIMIT);
      worker.onerror = (event) => {
        event.preventDefault();
        end(blocked);
      };
      worker.onmessage = ({ data }) => {
        window.clearTimeout(timer);
        listen(data, resolve);
      };
      worker.postMessage({ type: "boot", base: BASE });
    });
  });
  return started;
}

/**
 * @param {any} data
 * @param {() => void} ready
 */
function listen(data, ready) {
  const job = jobs.get(data.id);
  if (data.type === "progress")
    report(`Loading Python: ${megabytes(data.loaded)} of ${megabytes(data.total)} MB`);
  else if (data.type === "starting") report("Starting Python …");
  else if (data.type === "failed") end(new Error(data.message));
  else if (data.type === "broken")
    end(new Error(`Python itself has stopped, and starts anew with the next run. (${data.message})`));
  else if (data.type === "output") job?.onOutput?.(data.text);
  else if (data.type === "done") {
    jobs.delete(data.id);
    job?.resolve(data.result);
  } else if (data.type === "ready") {
    abandon = null;
    try {
      localStorage.setItem("rnn-book-runtime", BASE);
    } catch {
      // A browser that remembers nothing says the size every time.
    }
    ready();
  }
}

/**
 * @param {object} message
 * @param {Listener} [onOutput]
 * @param {Listener} [onStatus]
 * @returns {Promise<any>}
 */
async function ask(message, onOutput, onStatus) {
  if (onStatus) watchers.add(onStatus);
  try {
    await start();
  } finally {
    if (onStatus) watchers.delete(onStatus);
  }
  return new Promise((resolve, reject) => {
    const id = ++last;
    jobs.set(id, { resolve, reject, onOutput });
    worker?.postMessage({ ...message, id });
  });
}

/**
 * Run a program.
 * @param {string} code
 * @param {Listener} onOutput  takes what it prints, piece by piece
 * @param {Listener} onStatus  takes how far the loading is
 * @param {() => void} [onStart]
 * @returns {Promise<RunResult>}
 */
export async function run(code, onOutput, onStatus, onStart) {
  watchers.add(onStatus);
  try {
    await start();
  } finally {
    watchers.delete(onStatus);
  }
  onStart?.();
  return ask({ code }, onOutput);
}

/**
 * Call a function of tools/page: values that JSON knows in, and out.
 * @param {string} name  module.function
 * @param {object} given
 * @param {Listener} [onStatus]
 * @returns {Promise<any>}
 */
export const call = (name, given, onStatus) =>
  ask({ name, arguments: given }, undefined, onStatus);

/** End everything that runs; the next run starts a fresh Python. */
export const stop = () => end(new Stopped("Stopped."));

export const isReady = () => worker !== null && started !== null && abandon === null;
