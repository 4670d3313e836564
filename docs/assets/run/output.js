// @ts-check
// Where the output of a run streams to, and how a run is told of.

/** @param {string} name @param {string} className @param {string} [text] */
export function make(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** @param {string} label @param {() => void} onClick */
export function button(label, onClick) {
  const element = /** @type {HTMLButtonElement} */ (make("button", "run-button", label));
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

/** Output that grows while it is written. */
export class Output {
  constructor() {
    this.element = make("div", "run-output");
    this.element.hidden = true;
    this.text = make("pre", "run-text");
    // Polite: a screen reader says it when it has finished what it is saying.
    this.text.setAttribute("role", "log");
    this.text.setAttribute("aria-live", "polite");
    this.text.setAttribute("aria-label", "Output of your run");
    this.text.tabIndex = 0;
    this.error = make("pre", "run-error");
    this.error.setAttribute("aria-live", "polite");
    this.element.append(this.text, this.error);
    /** @type {string[]} */
    this.waiting = [];
  }

  clear() {
    this.waiting = [];
    this.text.textContent = "";
    this.error.textContent = "";
    this.error.hidden = true;
    this.element.hidden = true;
  }

  /** @param {string} text */
  write(text) {
    this.waiting.push(text);
    if (this.waiting.length === 1) setTimeout(() => this.flush(), 16);
  }

  flush() {
    if (!this.waiting.length) return;
    this.element.hidden = false;
    this.text.append(this.waiting.join(""));
    this.waiting = [];
  }

  /** @param {string} text */
  fail(text) {
    this.flush();
    this.element.hidden = false;
    this.error.hidden = false;
    this.error.textContent = text;
  }
}
