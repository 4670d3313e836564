// Compile Python to bytecode with the Python that will run it, in the browser as here: Pyodide's.
// node bytecode.mjs PYODIDE SOURCES.zip OUT.zip [MODULE ...]
// Sources are named by where they will lie, without the first slash. OUT.zip holds a .pyc
// for each .py, or, where modules are named, for those alone that are loaded with these.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, sources, out, ...modules] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder });
pyodide.FS.writeFile("/sources.zip", fs.readFileSync(sources));
pyodide.globals.set("modules", pyodide.toPy(modules));
pyodide.runPython(`
import importlib, sys, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

for name in modules:
    importlib.import_module(name)
loaded = {getattr(module, "__file__", None) for module in sys.modules.values()}
with zipfile.ZipFile("/sources.zip") as sources, zipfile.ZipFile("/out.zip", "w") as out:
    for path in sources.namelist():
        if path.endswith(".py") and (not modules or "/" + path in loaded):
            # The name that a traceback shows, and a time that says nothing of a source.
            code = compile(sources.read(path), "/" + path, "exec", dont_inherit=True)
            out.writestr(path + "c", _code_to_hash_pyc(code, bytes(8), False))
`);
fs.writeFileSync(out, pyodide.FS.readFile("/out.zip"));
