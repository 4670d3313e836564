// @ts-check
// A coding exercise: its first lines become an editor, and the check says what is right or why not.
import { edit } from "./editor.js";
import { Output, button, make } from "./output.js";
import { Stopped, call, stop } from "./session.js";
import { markSolved, offerClearing } from "./solved.js";

/**
 * @param {HTMLElement} place  names the exercise; the block before it holds the first lines
 * @param {HTMLElement} bar
 */
export function start(place, bar) {
  const name = place.dataset.exercise ?? "";
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const tell = (/** @type {string} */ text) => (status.textContent = text);
  const block = /** @type {HTMLElement} */ (place.previousElementSibling);
  const pre = /** @type {HTMLElement} */ (block.querySelector("pre"));
  const output = new Output();
  const verdict = make("p", "run-verdict");
  verdict.setAttribute("role", "status");
  bar.after(verdict, output.element);

  const editor = edit(pre, { label: "Your solution, in Python", onRun: check });
  const original = editor.value();
  const checkButton = button("Check", check);
  const stopButton = button("Stop", stop);
  const resetButton = button("Start over", () => {
    editor.set(original);
    output.clear();
    verdict.textContent = "";
    tell("");
  });
  bar.querySelector(".run-start")?.replaceWith(checkButton, stopButton, resetButton);
  stopButton.hidden = true;
  offerClearing(bar);
  tell("Change the code above, then press Check.");
  editor.area.focus();

  async function check() {
    if (!stopButton.hidden) return;
    output.clear();
    editor.mark(null);
    verdict.textContent = "";
    verdict.className = "run-verdict";
    stopButton.hidden = false;
    tell("Checking …");
    try {
      const result = await call("exercises.check", { name, code: editor.value() }, tell);
      if (result.printed) output.write(result.printed);
      output.flush();
      if (result.error) {
        output.fail(result.error);
        editor.mark(result.line);
      }
      verdict.textContent = `${result.solved ? "✓ " : ""}${result.words}`;
      verdict.classList.toggle("run-right", result.solved);
      tell(result.solved ? "Solved." : "Not yet.");
      if (result.solved) markSolved(name, bar);
    } catch (error) {
      tell(error instanceof Stopped ? "Stopped." : `${error instanceof Error ? error.message : error}`);
    }
    stopButton.hidden = true;
  }
}
