// @ts-check
// The small form of the gate lab, on the page of one gate: its bias, and what it does to the cell.
import { Computer, slider } from "./lab.js";
import { Plot } from "./lab-plot.js";
import { BOOK, NAMES, preset } from "./lab-state.js";
import { make } from "./output.js";

/**
 * @param {HTMLElement} place  its data say which gate, which unit and which traces
 * @param {HTMLElement} bar
 */
export function start(place, bar) {
  const { gate = "f", preset: name = "keeper", traces = "fc" } = place.dataset;
  const unit = "rz".includes(gate) ? "gru" : "lstm";
  const rows = preset(unit, name);
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const box = make("div", "lab lab-small");
  let step = 1;
  /** @type {Record<string, number[]>} */
  let shown = {};
  const computer = new Computer(
    (answer) => {
      if (!box.isConnected) {
        bar.querySelector(".run-start")?.remove();
        place.append(box);
      }
      shown = answer.traces;
      box.dataset.answers = String(Number(box.dataset.answers ?? 0) + 1);
      plot.show({ x: BOOK, ...shown }, step);
    },
    (text) => (status.textContent = text),
  );
  const plot = new Plot(box, {
    letters: ["x", ...traces],
    onStep: (t) => {
      step = t;
      plot.show({ x: BOOK, ...shown }, step);
    },
  });
  const [bias] = rows[gate];
  const control = slider(`Bias of the ${NAMES[gate]}`, { most: 12, step: 0.1, value: bias }, (value) => {
    rows[gate] = [value, rows[gate][1], rows[gate][2]];
    void computer.ask({ unit, x: BOOK, rows });
  });
  control.classList.add(`lab-${gate}`);
  box.prepend(control);
  void computer.ask({ unit, x: BOOK, rows });
}
