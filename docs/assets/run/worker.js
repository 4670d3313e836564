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
importlib.invalidate_caches()
from tools.page.running import run

def run_snippet(source, write):
    return json.dumps(run(source, write))

def call(name, arguments):
    module, _, function = name.partition(".")
    return json.dumps(getattr(importlib.import_module("tools.page." + module), function)(**json.loads(arguments)))
`;

/**
 * Write out many files that have come as one: a line that names them, then their contents.
 * @param {Pyodide["FS"]} system
 * @param {Uint8Array} content
 */
function unpack(system, content) {
  let at = content.indexOf(10) + 1;
  for (const [path, length] of JSON.parse(new TextDecoder().decode(content.subarray(0, at)))) {
    system.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    system.writeFile(path, content.subarray(at, at + length), { canOwn: true });
    at += length;
  }
}

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
  for (const [name, answer] of files)
    if (name.endsWith(".files")) unpack(pyodide.FS, new Uint8Array(await answer.arrayBuffer()));
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
