// Reads one formula a line as JSON, answers with its HTML, or with the reason why it does not parse.
import readline from "node:readline";
import katex from "katex";

// \igate ... \hstate colour a letter as the figures do; the colours stand in docs/assets/book.css.
const letters = { igate: "i", fgate: "f", ggate: "g", ogate: "o", cstate: "c", hstate: "h",
                  rgate: "r", zgate: "z", ngate: "n" };
const macros = { "\\R": "\\mathbb{R}" };
for (const [name, letter] of Object.entries(letters)) {
  macros["\\" + name] = `\\htmlClass{${name}}{${letter}}`;
}

const options = {
  throwOnError: true,
  strict: (code) => (code === "htmlExtension" ? "ignore" : "error"),
  trust: (context) => context.command === "\\htmlClass",
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, { ...options, displayMode: display, macros: { ...macros } });
    answer = { html };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
