// @ts-check
// Traces over time, one row per quantity, in the book's colours; the input's row can be dragged.
import { GATES, NAMES } from "./lab-state.js";

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 44;
const RIGHT = 12;
const ROW = 54;
const PAD = 9;

/** One unit of a drawing is one pixel, so that its letters are as large on a phone. @param {HTMLElement} parent */
const widthOf = (parent) => Math.min(Math.max(parent.clientWidth, 260), 700);

/** @param {string} name @param {Record<string, string | number>} attributes @param {Element} [parent] */
export function draw(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent?.append(element);
  return element;
}

/** @param {number} value */
export const say = (value) => value.toFixed(2).replace("-", "−").replace(/^−0\.00$/, "0.00");

/**
 * @typedef {object} PlotOptions
 * @property {string[]} letters  the rows, from above; "x" is the input
 * @property {(step: number) => void} [onStep]
 * @property {(step: number, value: number) => void} [onInput]  makes the input's row draggable
 */

export class Plot {
  /** @param {HTMLElement} parent @param {PlotOptions} options */
  constructor(parent, options) {
    this.options = options;
    this.parent = parent;
    this.width = widthOf(parent);
    this.svg = draw("svg", { class: "lab-plot-traces", role: "group" }, parent);
    new ResizeObserver(() => {
      if (widthOf(parent) !== this.width && this.steps) this.show(this.values, this.step);
    }).observe(parent);
    this.svg.setAttribute("aria-label", "Traces over time");
    /** @type {Record<string, number[]>} */
    this.values = {};
    this.step = 0;
    this.svg.addEventListener("pointerdown", (event) => this.pick(/** @type {PointerEvent} */ (event)));
  }

  /** @param {Record<string, number[]>} values @param {number} step */
  show(values, step) {
    this.values = values;
    this.step = step;
    this.width = widthOf(this.parent);
    const steps = Math.max(...Object.values(values).map((one) => one.length));
    const rows = this.options.letters.filter((letter) => values[letter]);
    const height = rows.length * ROW + 22;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    const focused = /** @type {HTMLElement | null} */ (this.svg.querySelector(":focus"))?.dataset.step;
    this.svg.replaceChildren();
    this.across = (this.width - LEFT - RIGHT) / steps;
    this.steps = steps;
    const band = { x: this.at(step) - this.across / 2, y: 0, width: this.across, height, class: "lab-band" };
    draw("rect", band, this.svg);
    rows.forEach((letter, row) => this.row(letter, values[letter], row * ROW));
    const every = Math.ceil(steps / 10);
    for (let t = 0; t < steps; t += every) {
      const text = draw("text", { x: this.at(t), y: height - 6, class: "lab-tick" }, this.svg);
      text.textContent = String(t + 1);
    }
    if (focused !== undefined)
      /** @type {HTMLElement | null} */ (this.svg.querySelector(`[data-step="${focused}"]`))?.focus();
  }

  /** @param {number} t */
  at(t) {
    return LEFT + (t + 0.5) * (this.across ?? 1);
  }

  /** @param {string} letter @param {number[]} values @param {number} top */
  row(letter, values, top) {
    const isGate = GATES.includes(letter);
    const most = Math.max(1, ...values.map(Math.abs));
    const [low, high] = isGate ? [0, 1] : [-most, most];
    const scale = (/** @type {number} */ v) =>
      top + ROW - PAD - ((v - low) / (high - low)) * (ROW - 2 * PAD);
    const group = draw("g", { class: `lab-row lab-${letter}` }, this.svg);
    draw("line", { x1: LEFT, x2: this.width - RIGHT, y1: scale(0), y2: scale(0), class: "lab-zero" }, group);
    const name = draw("text", { x: 4, y: top + ROW / 2 + 5, class: "lab-letter" }, group);
    name.textContent = letter;
    for (const value of isGate ? [0, 1] : [-most, most]) {
      const tick = draw("text", { x: LEFT - 5, y: scale(value) + 4, class: "lab-scale" }, group);
      tick.textContent = isGate || most === 1 ? say(value).replace(".00", "") : say(value).slice(0, -1);
    }
    const points = values.map((value, t) => `${this.at(t).toFixed(1)},${scale(value).toFixed(1)}`);
    draw("polyline", { points: points.join(" "), class: "lab-line" }, group);
    values.forEach((value, t) => {
      const isHandle = letter === "x" && this.options.onInput;
      const radius = isHandle ? Math.min(8, Math.max(4, (this.across ?? 1) / 2)) : values.length > 20 ? 2 : 3.5;
      const dot = draw("circle", { cx: this.at(t), cy: scale(value), r: radius, class: "lab-dot" }, group);
      if (isHandle) this.handle(/** @type {SVGElement} */ (dot), t, value, scale);
    });
  }

  /** @param {SVGElement} dot @param {number} t @param {number} value @param {(v: number) => number} scale */
  handle(dot, t, value, scale) {
    const label = { role: "slider", tabindex: 0, "aria-label": `${NAMES.x} at step ${t + 1}` };
    const range = { "aria-valuemin": -2, "aria-valuemax": 2, "aria-valuenow": value };
    for (const [key, one] of Object.entries({ ...label, ...range })) dot.setAttribute(key, String(one));
    dot.dataset.step = String(t);
    dot.classList.add("lab-handle");
    dot.addEventListener("focus", () => {
      if (this.step !== t) this.options.onStep?.(t);
    });
    dot.addEventListener("keydown", (event) => {
      const by = /** @type {Record<string, number>} */ ({
        ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 0.5, PageDown: -0.5,
      })[event.key];
      const beside = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 })[event.key];
      if (by) this.move(t, this.values.x[t] + by);
      else if (beside)
        /** @type {HTMLElement | null} */ (this.svg.querySelector(`[data-step="${t + beside}"]`))?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    // Pixels of the drawing per unit, for dragging.
    dot.dataset.unit = String(Math.abs(scale(0) - scale(1)));
  }

  /** @param {number} t @param {number} value */
  move(t, value) {
    this.options.onInput?.(t, Math.round(Math.min(Math.max(value, -2), 2) * 20) / 20);
  }

  /** Choose a step with the pointer, and drag the input's point. @param {PointerEvent} event */
  pick(event) {
    const box = this.svg.getBoundingClientRect();
    const zoom = this.width / box.width;
    const t = Math.floor(((event.clientX - box.left) * zoom - LEFT) / (this.across ?? 1));
    if (t < 0 || t >= (this.steps ?? 0)) return;
    this.options.onStep?.(t);
    const dot = /** @type {SVGElement} */ (event.target);
    if (!dot.classList.contains("lab-handle")) return;
    event.preventDefault();
    const start = { y: event.clientY, value: this.values.x[t] };
    const unit = Number(dot.dataset.unit);
    const drag = (/** @type {PointerEvent} */ now) =>
      this.move(t, start.value - ((now.clientY - start.y) * zoom) / unit);
    const drop = () => {
      window.removeEventListener("pointermove", drag);
      window.removeEventListener("pointerup", drop);
      window.removeEventListener("pointercancel", drop);
    };
    window.addEventListener("pointermove", drag);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", drop);
  }
}

/** How much of each earlier state is left in the gradient, on a logarithmic scale. */
export class LagPlot {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    this.svg = draw("svg", { class: "lab-plot-lags", role: "img" }, parent);
    new ResizeObserver(() => {
      if (this.gradient) this.show(this.gradient);
    }).observe(parent);
  }

  /** @param {number[]} gradient */
  show(gradient) {
    this.gradient = gradient;
    const [width, height, lowest, highest] = [widthOf(this.parent), 120, -6, 1];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height + 24}`);
    this.svg.replaceChildren();
    const scale = (/** @type {number} */ power) =>
      8 + ((highest - power) / (highest - lowest)) * (height - 16);
    for (const power of [-6, -4, -2, 0]) {
      draw("line", { x1: LEFT, x2: width - RIGHT, y1: scale(power), y2: scale(power), class: "lab-zero" }, this.svg);
      const tick = draw("text", { x: LEFT - 5, y: scale(power) + 4, class: "lab-scale" }, this.svg);
      tick.textContent = power ? `10⁻${"⁰¹²³⁴⁵⁶"[-power]}` : "1";
    }
    const across = (width - LEFT - RIGHT) / gradient.length;
    gradient.forEach((value, lag) => {
      const power = Math.min(highest, Math.max(lowest, Math.log10(Math.max(value, 1e-30))));
      const bar = { x: LEFT + (lag + 0.2) * across, width: 0.6 * across, y: scale(power), class: "lab-bar" };
      draw("rect", { ...bar, height: Math.max(0, scale(lowest) - scale(power)) }, this.svg);
    });
    const every = Math.ceil(gradient.length / 10);
    for (let lag = 0; lag < gradient.length; lag += every) {
      const text = draw("text", { x: LEFT + (lag + 0.5) * across, y: height + 14, class: "lab-tick" }, this.svg);
      text.textContent = String(lag);
    }
    const last = gradient.length - 1;
    this.svg.setAttribute(
      "aria-label",
      `Gradient by lag, from 1 at lag 0 to ${gradient[last].toExponential(1)} at lag ${last}`,
    );
  }
}
