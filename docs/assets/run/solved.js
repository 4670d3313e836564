// @ts-check
// What this reader has solved, on this device alone: marks in the browser's own storage.
import { button, make } from "./output.js";

const KEY = "rnn-book-solved";

/** @returns {Record<string, true>} */
function marks() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/**
 * Mark an exercise as solved, beside its button.
 * @param {string} name
 * @param {HTMLElement} bar
 */
export function markSolved(name, bar) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...marks(), [name]: true }));
  } catch {
    // A browser that remembers nothing shows the mark until the page is closed.
  }
  if (!bar.querySelector(".run-solved")) bar.append(make("span", "run-solved", "✓ solved"));
  offerClearing(bar);
}

/** One button that forgets all marks. @param {HTMLElement} bar */
export function offerClearing(bar) {
  if (document.querySelector(".run-clear") || !Object.keys(marks()).length) return;
  const clear = button("Forget what I have solved", () => {
    localStorage.removeItem(KEY);
    document.querySelectorAll(".run-solved").forEach((mark) => mark.remove());
    clear.remove();
  });
  clear.classList.add("run-clear");
  clear.title = "The marks are on this device alone; this clears them on all pages.";
  bar.append(clear);
}
