// @ts-check
// Colours for edited Python, under the class names that Pygments has given the block at build.

const KEYWORDS =
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield";
const BUILTINS =
  "abs all any bool dict enumerate float int isinstance len list map max min print range repr reversed round set sorted str sum super tuple type zip";

const words = (/** @type {string} */ list) => `\\b(?:${list.replaceAll(" ", "|")})\\b`;

/** Class of a token -> what it looks like, the first that fits wins. */
const TOKENS = {
  c1: "#[^\\n]*",
  s2: "[rRbBfFuU]{0,2}(?:\"\"\"[\\s\\S]*?(?:\"\"\"|$)|'''[\\s\\S]*?(?:'''|$)|\"(?:\\\\.|[^\"\\\\\\n])*\"?|'(?:\\\\.|[^'\\\\\\n])*'?)",
  nd: "(?<=^[ \\t]*)@[\\w.]+",
  nf: "(?<=\\bdef[ \\t]+|\\bclass[ \\t]+)\\w+",
  k: words(KEYWORDS),
  nb: `(?<!\\.)${words(BUILTINS)}`,
  mf: "\\b\\d[\\d_]*\\.?[\\d_]*(?:[eE][+-]?\\d+)?j?\\b|\\B\\.\\d[\\d_]*(?:[eE][+-]?\\d+)?",
  n: "\\b[^\\W\\d]\\w*",
  o: "[-+*/%@&|^~<>=!:]+",
};

const PATTERN = new RegExp(
  Object.entries(TOKENS)
    .map(([name, look]) => `(?<${name}>${look})`)
    .join("|"),
  "gmu",
);

/**
 * Replace what an element shows by coloured code.
 * @param {HTMLElement} element
 * @param {string} code
 */
export function show(element, code) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const match of code.matchAll(PATTERN)) {
    const [name] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? ["n"];
    const span = document.createElement("span");
    span.className = name;
    span.textContent = match[0];
    parts.push(code.slice(end, match.index), span);
    end = match.index + match[0].length;
  }
  element.replaceChildren(...parts, code.slice(end));
}
