// The NumPy half in WebAssembly, as a browser runs it, timed under Node:
//   node tools/bench/browser.mjs PYODIDE_FOLDER NUMPY_WHEEL PACKAGE_ZIP > browser.json
// PACKAGE_ZIP holds the folder rnn_book. Processor time is counted; medians of five.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, wheel, code] = process.argv.slice(2).map((name) => path.resolve(name));
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: folder + path.sep });
const bytes = (name) => new Uint8Array(fs.readFileSync(name));
python.unpackArchive(bytes(wheel), "wheel");
python.unpackArchive(bytes(code), "zip", { extractDir: "/home/pyodide/package" });
globalThis.processorTime = () => {
  const spent = process.cpuUsage();
  return (spent.user + spent.system) / 1e6;
};
process.stdout.write(
  python.runPython(`
import json, statistics, sys
sys.path.insert(0, "/home/pyodide/package")
import numpy as np
from js import processorTime
from rnn_book.numpy import LSTM

def median(run):
    run(); run()
    times = []
    for _ in range(5):
        begun = processorTime()
        run()
        times.append(processorTime() - begun)
    return float(f"{statistics.median(times):.4g}")

rng = np.random.default_rng(0)
draw = lambda *shape: rng.standard_normal(shape).astype(np.float32)
found = []
for steps, batch, features, hidden in ((20, 32, 64, 128), (100, 1, 32, 64)):
    x, d = draw(steps, batch, features), draw(steps, batch, hidden)
    layer = LSTM(features, hidden, rng=0)
    h, weights = draw(batch, hidden), draw(hidden, 4 * hidden)
    seconds = median(lambda: (layer(x), layer.backward(d)))
    product = median(lambda: [h @ weights for _ in range(10)]) / 10
    speed = 2e-9 * batch * hidden * 4 * hidden / product
    found.append({"size": [steps, batch, features, hidden], "seconds": seconds, "speed": round(speed, 3)})
json.dumps(found, indent=1)
`) + "\n",
);
