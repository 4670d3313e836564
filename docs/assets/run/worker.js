// @ts-check
// Python, in a thread of its own: the page stays responsive, and ending this thread ends any loop.
import { LoadError, load } from "./store.js";

/** @typedef {import("pyodide").PyodideInterface} Pyodide */

/** @type {Promise<Pyodide> | undefined} */
let python;

/** @param {object} message */
const tell = (message) => self.postMessage(message);

const BOOT = `
import importlib, json
from tools.page.running import run

def run_snippet(source, write):
    return json.dumps(run(source, write))

def call(name, arguments):
    module, _, function = name.partition(".")
    return json.dumps(getattr(importlib.import_module("tools.page." + module), function)(**json.loads(arguments)))
`;

/**
 * @param {string} base  the folder of this script
 * @returns {Promise<Pyodide>}
 */
async function boot(base) {
  const files = await load(base, (loaded, total) => tell({ type: "progress", loaded, total }));
  tell({ type: "starting" });
  // Pyodide fetches its parts by address; what is at hand is not asked for again.
  const ask = self.fetch.bind(self);
  self.fetch = async (input, options) => {
    const url = new URL(input instanceof Request ? input.url : String(input), self.location.href);
    return files.get(url.href)?.clone() ?? ask(input, options);
  };
  const [address] = [...files.keys()].filter((name) => name.endsWith("/pyodide.mjs"));
  const { loadPyodide } = /** @type {typeof import("pyodide")} */ (await import(address));
  const pyodide = await loadPyodide({ indexURL: new URL(".", address).href });
  pyodide.setStdin({ error: true });
  // Their names are in the lock file; the messages that they were loaded are of no use here.
  await pyodide.loadPackage("numpy", { messageCallback: () => undefined });
  const [wheel] = [...files.keys()].filter((name) => name.startsWith(base) && name.endsWith(".whl"));
  pyodide.unpackArchive(await /** @type {Response} */ (files.get(wheel)).arrayBuffer(), "wheel");
  pyodide.runPython(BOOT);
  return pyodide;
}

/**
 * @param {{id: number, code?: string, name?: string, arguments?: object}} job
 */
async function work({ id, code, name, arguments: given }) {
  const pyodide = await /** @type {Promise<Pyodide>} */ (python);
  if (code !== undefined) {
    const write = (/** @type {string} */ text) => tell({ type: "output", id, text });
    const result = pyodide.globals.get("run_snippet")(code, write);
    tell({ type: "done", id, result: JSON.parse(result) });
  } else {
    const result = pyodide.globals.get("call")(name, JSON.stringify(given ?? {}));
    tell({ type: "done", id, result: JSON.parse(result) });
  }
}

self.onmessage = async ({ data }) => {
  if (data.type === "boot") {
    tell({ type: "here" });
    python = boot(data.base);
    try {
      await python;
      tell({ type: "ready" });
    } catch (error) {
      const message = error instanceof LoadError ? error.message : `Python did not start: ${error}`;
      tell({ type: "failed", message });
    }
    return;
  }
  try {
    await work(data);
  } catch (error) {
    // Python's own errors are answers; what arrives here has broken the interpreter.
    tell({ type: "broken", id: data.id, message: String(error) });
  }
};
