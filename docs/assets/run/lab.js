// @ts-check
// The gate lab: one recurrent unit with a slider for every number in it.
import { CellDrawing } from "./lab-cell.js";
import { LagPlot, Plot, say } from "./lab-plot.js";
import { NAMES, PRESETS, UNITS, decode, encode, initial, numbers, preset, presetOf } from "./lab-state.js";
import { button, make } from "./output.js";
import { call } from "./session.js";

/** @typedef {import("./lab-state.js").State} State */
/** @typedef {import("./lab-state.js").Unit} Unit */
/** @typedef {{traces: Record<string, number[]>, gradient: number[]}} Answer */

const KINDS = [
  { label: "bias", most: 12, step: 0.1 },
  { label: "weight on x", most: 20, step: 0.5 },
  { label: "weight on h", most: 20, step: 0.5 },
];

/** Ask for the newest state only: what has been overtaken is never computed. */
export class Computer {
  /** @param {(answer: Answer) => void} onAnswer @param {(text: string) => void} onStatus */
  constructor(onAnswer, onStatus) {
    this.onAnswer = onAnswer;
    this.onStatus = onStatus;
    this.isBusy = false;
    /** @type {object | null} */
    this.next = null;
  }

  /** @param {object} given */
  async ask(given) {
    this.next = given;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      while (this.next) {
        const now = this.next;
        this.next = null;
        this.onAnswer(await call("gates.trace", now, this.onStatus));
      }
      this.onStatus("");
    } catch (error) {
      this.onStatus(`${error instanceof Error ? error.message : error}`);
    }
    this.isBusy = false;
  }
}

/**
 * A slider with its value, for one number.
 * @param {string} label
 * @param {{most: number, step: number, value: number}} range
 * @param {(value: number) => void} onChange
 */
export function slider(label, { most, step, value }, onChange) {
  const row = make("label", "lab-slider");
  const name = make("span", "lab-slider-name", label);
  const input = document.createElement("input");
  const shown = make("output", "lab-slider-value");
  Object.assign(input, { type: "range", min: -most, max: most, step, value });
  const tell = () => {
    shown.textContent = say(input.valueAsNumber).replace(/0$/, "");
  };
  input.addEventListener("input", () => {
    tell();
    onChange(input.valueAsNumber);
  });
  tell();
  row.append(name, input, shown);
  return row;
}

/**
 * @param {string} label
 * @param {Record<string, string>} options
 * @param {(value: string) => void} onChange
 */
function choice(label, options, onChange) {
  const row = make("label", "lab-choice", label);
  const select = document.createElement("select");
  for (const [value, text] of Object.entries(options)) select.append(new Option(text, value));
  select.addEventListener("change", () => onChange(select.value));
  row.append(select);
  return { row, select };
}

/**
 * @param {HTMLElement} place  holds a still picture and the button that was pressed
 * @param {HTMLElement} bar
 */
export function start(place, bar) {
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const images = new URL("../../../images/", import.meta.url).href;
  let state = decode(location.search);
  let timer = 0;
  /** @type {Answer | null} */
  let answer = null;

  const lab = make("div", "lab");
  const head = make("div", "lab-head");
  const unitChoice = choice(
    "Unit",
    Object.fromEntries(Object.entries(UNITS).map(([unit, { name }]) => [unit, name])),
    (unit) => change({ ...initial(/** @type {Unit} */ (unit)), x: state.x, step: state.step }, true),
  );
  const presetChoice = { row: make("div", "lab-preset") };
  const link = button("Copy a link to this", async () => {
    try {
      await navigator.clipboard.writeText(new URL(address(), location.href).href);
      status.textContent = "The link is on the clipboard.";
    } catch {
      status.textContent = "The address of this page is the link.";
    }
  });
  const reset = button("Start again", () => change(initial(), true));
  head.append(unitChoice.row, presetChoice.row, link, reset);

  const left = make("div", "lab-left");
  const right = make("div", "lab-right");
  const sliders = make("div", "lab-sliders");
  const own = make("label", "lab-own", "Sequence");
  const field = document.createElement("input");
  field.type = "text";
  field.inputMode = "text";
  field.setAttribute("aria-label", "Sequence of up to 50 numbers, separated by commas");
  field.addEventListener("change", () => {
    const x = numbers(field.value);
    if (x.length) change({ ...state, x, step: Math.min(state.step, x.length - 1) });
    else field.value = state.x.join(", ");
  });
  own.append(field);
  const plots = make("div", "lab-traces");
  const cell = make("div", "lab-cell-box");
  const values = make("p", "lab-values");
  values.setAttribute("aria-live", "polite");
  const stepper = make("div", "lab-stepper");
  const lags = make("div", "lab-lags");
  lags.append(make("p", "lab-caption", "Gradient by lag: how strongly the last h depends on the state k steps before"));
  left.append(own, plots);
  right.append(cell, stepper, values, lags);
  lab.append(head, left, right, sliders);

  /** @type {Plot} */
  let plot;
  const lagPlot = new LagPlot(lags);
  const drawing = new CellDrawing(cell, images);
  const computer = new Computer(
    (found) => {
      answer = found;
      lab.dataset.answers = String(Number(lab.dataset.answers ?? 0) + 1);
      if (!lab.isConnected) {
        place.querySelectorAll(".lab-still").forEach((still) => still.remove());
        place.append(lab);
        bar.querySelector(".run-start")?.remove();
      }
      show();
    },
    (text) => (status.textContent = text),
  );

  stepper.append(
    button("‹ Step before", () => pick(state.step - 1)),
    button("Next step ›", () => pick(state.step + 1)),
  );

  function build() {
    unitChoice.select.value = state.unit;
    const labels = Object.entries(PRESETS[state.unit]).map(([name, { label }]) => [name, label]);
    const options = { "": "Your own", ...Object.fromEntries(labels) };
    const { row, select } = choice("Preset", options, (name) => {
      if (name) change({ ...state, rows: preset(state.unit, name) }, true);
    });
    select.value = presetOf(state.unit, state.rows);
    presetChoice.row.replaceWith(row);
    presetChoice.row = row;
    plots.replaceChildren();
    plot = new Plot(plots, {
      letters: ["x", ...UNITS[state.unit].traces],
      onStep: pick,
      onInput: (t, value) => change({ ...state, x: state.x.with(t, value) }),
    });
    sliders.replaceChildren(...[...UNITS[state.unit].letters].map(group));
  }

  /** @param {string} letter */
  function group(letter) {
    const fields = make("fieldset", `lab-group lab-${letter}`);
    fields.append(make("legend", "", `${letter}: ${NAMES[letter]}`));
    KINDS.forEach(({ label, most, step }, kind) => {
      const value = state.rows[letter][kind];
      fields.append(
        slider(label, { most, step, value }, (now) => {
          const row = /** @type {[number, number, number]} */ (state.rows[letter].with(kind, now));
          change({ ...state, rows: { ...state.rows, [letter]: row } });
        }),
      );
    });
    return fields;
  }

  /** @param {State} next @param {boolean} [isNew]  whether the sliders must be set anew */
  function change(next, isNew = false) {
    state = next;
    if (isNew) build();
    const select = /** @type {HTMLSelectElement} */ (presetChoice.row.querySelector("select"));
    select.value = presetOf(state.unit, state.rows);
    remember();
    void computer.ask({ unit: state.unit, x: state.x, rows: state.rows });
  }

  function address() {
    return `${location.pathname}?${encode(state)}${location.hash}`;
  }

  /** Once a slider rests: a browser takes only so many addresses per second. */
  function remember() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => history.replaceState(history.state, "", address()), 250);
  }

  /** @param {number} step */
  function pick(step) {
    if (step < 0 || step >= state.x.length) return;
    state = { ...state, step };
    remember();
    show();
  }

  function show() {
    if (!answer) return;
    const { traces, gradient } = answer;
    if (document.activeElement !== field) field.value = state.x.join(", ");
    const t = Math.min(state.step, traces.h.length - 1);
    plot.show({ x: state.x.slice(0, traces.h.length), ...traces }, t);
    lagPlot.show(gradient);
    const now = Object.fromEntries(Object.entries(traces).map(([letter, one]) => [letter, one[t]]));
    const before = { c_: t ? (traces.c?.[t - 1] ?? 0) : 0, h_: t ? traces.h[t - 1] : 0 };
    void drawing.show(state.unit, { x: state.x[t], ...now, ...before });
    const told = [...UNITS[state.unit].traces].map((letter) => `${letter} = ${say(now[letter])}`);
    values.textContent = `Step ${t + 1} of ${traces.h.length}: x = ${say(state.x[t])}, ${told.join(", ")}`;
  }

  build();
  change(state);
}
