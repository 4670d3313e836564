// @ts-check
// The one script of a page that has something to run. It shows the buttons; what they do is loaded
// when one is pressed. A classic script, because a browser loads no module from a file.
"use strict";
(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const base = new URL(".", script.src).href;
  const size = script.dataset.size ?? "";

  /** Why nothing can run here, or an empty string. */
  function hindrance() {
    if (script.dataset.missing) return `Nothing can run in this copy: ${script.dataset.missing}.`;
    if (location.protocol === "file:")
      return "Nothing can run here, because this page was opened as a file. A browser starts Python only on pages that a web server sends: `make book` starts one.";
    if (!window.Worker || !window.WebAssembly)
      return "Nothing can run here, because this browser has no web workers or no WebAssembly.";
    return "";
  }

  /** Whether the runtime has been loaded on this device before. */
  function isLoaded() {
    try {
      return localStorage.getItem("rnn-book-runtime") === base;
    } catch {
      return false;
    }
  }

  /** @param {string} exercise */
  function isSolved(exercise) {
    try {
      return exercise in JSON.parse(localStorage.getItem("rnn-book-solved") ?? "{}");
    } catch {
      return false;
    }
  }

  /**
   * A button that loads a module with the first press, and a line that says how things stand.
   * @param {string} label
   * @param {string} module
   * @param {HTMLElement} element  what the module works on
   * @param {boolean} [needsPython]
   * @returns {HTMLElement}
   */
  function starter(label, module, element, needsPython = true) {
    const bar = document.createElement("div");
    bar.className = "run-bar";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "run-button run-start";
    const status = document.createElement("span");
    status.className = "run-status";
    status.setAttribute("role", "status");
    bar.append(button, status);
    const reason = needsPython ? hindrance() : "";
    button.textContent = reason
      ? `${label}: not available here`
      : isLoaded() || !needsPython
        ? label
        : `${label} (loads ${size} once)`;
    button.addEventListener("click", async () => {
      if (reason) {
        status.textContent = reason;
        return;
      }
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
      status.textContent = "Loading …";
      try {
        const { start } = await import(base + module);
        start(element, bar);
      } catch (error) {
        status.textContent = `The scripts of this page could not be loaded. Is the network there? Press again to retry. (${error})`;
        button.removeAttribute("aria-disabled");
      }
    });
    return bar;
  }

  for (const block of document.querySelectorAll(".highlight.run"))
    block.after(starter("Run", "block.js", /** @type {HTMLElement} */ (block)));
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-run-module]")
  )) {
    const { runModule = "", runLabel = "Start", runFree, exercise } = place.dataset;
    const bar = starter(runLabel, runModule, place, runFree === undefined);
    place.append(bar);
    if (exercise && isSolved(exercise)) {
      const mark = document.createElement("span");
      mark.className = "run-solved";
      mark.textContent = "✓ solved";
      bar.append(mark);
    }
  }
})();
