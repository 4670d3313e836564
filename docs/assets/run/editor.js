// @ts-check
// A small editor: a transparent text area upon the coloured code. So caret, selection, undo, touch
// and screen readers are the browser's own, and the block's copy button copies what is in it.
import { show } from "./highlight.js";

const INDENT = "    ";
let count = 0;

/**
 * @typedef {object} Editor
 * @property {HTMLTextAreaElement} area
 * @property {() => string} value
 * @property {(code: string) => void} set
 * @property {(line: number | null) => void} mark  show where a run has failed
 */

/**
 * Make a block of code editable in place.
 * @param {HTMLElement} pre  holds the element `code`
 * @param {{label: string, onRun: () => void, onChange?: () => void}} options
 * @returns {Editor}
 */
export function edit(pre, { label, onRun, onChange }) {
  const code = /** @type {HTMLElement} */ (pre.querySelector("code"));
  const area = document.createElement("textarea");
  const help = document.createElement("span");
  const marker = document.createElement("div");
  help.id = `run-help-${++count}`;
  help.className = "run-hidden";
  help.textContent = "Control and Enter run the code. Escape, then Tab, leaves the editor.";
  Object.assign(area, {
    className: "run-editor",
    value: code.textContent?.replace(/\n$/, "") ?? "",
    spellcheck: false,
    wrap: "off",
  });
  for (const name of ["autocapitalize", "autocomplete", "autocorrect"]) area.setAttribute(name, "off");
  area.setAttribute("aria-label", label);
  area.setAttribute("aria-describedby", help.id);
  marker.className = "run-mark";
  marker.hidden = true;
  pre.classList.add("run-edited");
  pre.append(marker, area, help);

  const draw = () => show(code, `${area.value}\n`);
  const follow = () => {
    code.scrollLeft = area.scrollLeft;
  };
  let isLeaving = false;

  area.addEventListener("input", () => {
    draw();
    follow();
    marker.hidden = true;
    onChange?.();
  });
  area.addEventListener("scroll", follow);
  area.addEventListener("blur", () => (isLeaving = false));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    } else if (event.key === "Escape") {
      isLeaving = true;
    } else if (event.key === "Tab" && !event.shiftKey && !isLeaving) {
      event.preventDefault();
      insert(INDENT);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const before = area.value.slice(0, area.selectionStart);
      const line = before.slice(before.lastIndexOf("\n") + 1);
      const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
      insert(`\n${indent}${/:\s*(?:#.*)?$/.test(line) ? INDENT : ""}`);
    } else if (!["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) {
      isLeaving = false;
    }
    // Single keys are the site's own shortcuts elsewhere (search, next page).
    event.stopPropagation();
  });

  /** @param {string} text */
  function insert(text) {
    // The old command, because it alone leaves the browser's undo intact.
    if (!document.execCommand("insertText", false, text))
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  }

  return {
    area,
    value: () => area.value,
    set(text) {
      area.value = text;
      draw();
      marker.hidden = true;
    },
    mark(line) {
      marker.hidden = line === null;
      if (line === null) return;
      const style = getComputedStyle(area);
      const height = Number.parseFloat(style.lineHeight);
      marker.style.top = `${Number.parseFloat(style.paddingTop) + code.offsetTop + (line - 1) * height}px`;
      marker.style.height = `${height}px`;
    },
  };
}
