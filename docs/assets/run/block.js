// @ts-check
// One snippet that runs: Run, Stop, Reset, the editor, and the output below.
import { edit } from "./editor.js";
import { Output, button } from "./output.js";
import { Stopped, run, stop } from "./session.js";

/**
 * Take over a block whose Run has been pressed, and run it.
 * @param {HTMLElement} block  the highlighted code
 * @param {HTMLElement} bar  holds the button that was pressed, and the status
 */
export function start(block, bar) {
  const pre = /** @type {HTMLElement} */ (block.querySelector("pre"));
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const output = new Output();
  bar.after(output.element);

  const editor = edit(pre, { label: "Python code of this snippet", onRun: go, onChange: offerReset });
  const original = editor.value();
  const runButton = button("Run", go);
  const stopButton = button("Stop", stop);
  const resetButton = button("Reset", () => {
    editor.set(original);
    output.clear();
    status.textContent = "The code is as it was.";
    offerReset();
  });
  bar.querySelector(".run-start")?.replaceWith(runButton, stopButton, resetButton);
  stopButton.hidden = true;
  runButton.title = "Control and Enter";
  offerReset();

  function offerReset() {
    resetButton.hidden = editor.value() === original;
  }

  async function go() {
    if (!stopButton.hidden) return; // it runs
    output.clear();
    editor.mark(null);
    stopButton.hidden = false;
    runButton.setAttribute("aria-disabled", "true");
    let begun = 0;
    try {
      const result = await run(
        editor.value(),
        (text) => output.write(text),
        (text) => (status.textContent = text),
        () => {
          begun = performance.now();
          status.textContent = "Running …";
        },
      );
      output.flush();
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      status.textContent = result.error ? "Ended with an error." : `Done in ${seconds} s.`;
      if (result.lost)
        output.fail(`(The output is cut here: ${result.lost} more characters were printed.)`);
      if (result.error) {
        output.fail(`${output.error.textContent ? `${output.error.textContent}\n` : ""}${result.error}`);
        editor.mark(result.line);
      } else if (!output.text.textContent) status.textContent += " Nothing was printed.";
    } catch (error) {
      output.flush();
      status.textContent =
        error instanceof Stopped
          ? "Stopped. The next run starts a fresh Python."
          : `${error instanceof Error ? error.message : error}`;
    }
    stopButton.hidden = true;
    runButton.removeAttribute("aria-disabled");
  }

  void go();
}
