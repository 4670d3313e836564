// @ts-check
// A character model that trains in the page: its text, its loss curve, and what it writes meanwhile.
import { draw } from "./lab-plot.js";
import { button, make } from "./output.js";
import { Stopped, call } from "./session.js";

const SLICE = 0.25; // seconds of training between two looks
const SAMPLE_EVERY = 5_000; // ms
const SAMPLE = 220; // characters
const KEPT = 6; // samples

class LossCurve {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.svg = draw("svg", { viewBox: "0 0 600 200", role: "img", class: "train-curve" }, parent);
    /** @type {[number, number][]} */
    this.points = [];
  }

  clear() {
    this.points = [];
    this.svg.replaceChildren();
  }

  /** @param {number} seen @param {number} bits */
  add(seen, bits) {
    // The mean over the last slices: one slice alone jumps with the passage it has read.
    const last = this.points.at(-1)?.[1] ?? bits;
    this.points.push([seen, last + 0.3 * (bits - last)]);
    const [left, right, top, bottom] = [40, 590, 12, 172];
    const most = Math.ceil(Math.max(...this.points.map(([, one]) => one)));
    const x = (/** @type {number} */ v) => left + ((right - left) * v) / seen;
    const y = (/** @type {number} */ v) => bottom - ((bottom - top) * v) / most;
    this.svg.replaceChildren();
    for (let bit = 0; bit <= most; bit++) {
      draw("line", { x1: left, x2: right, y1: y(bit), y2: y(bit), class: "lab-zero" }, this.svg);
      draw("text", { x: left - 8, y: y(bit) + 4, class: "lab-scale" }, this.svg).textContent = String(bit);
    }
    const line = this.points.map(([at, one]) => `${x(at).toFixed(1)},${y(one).toFixed(1)}`).join(" ");
    draw("polyline", { points: line, class: "train-line" }, this.svg);
    draw("text", { x: right, y: 192, class: "lab-scale" }, this.svg).textContent =
      `${seen.toLocaleString("en")} characters read`;
    draw("text", { x: left, y: 192, class: "train-axis" }, this.svg).textContent = "bits per character";
    this.svg.setAttribute(
      "aria-label",
      `Loss: ${this.points[this.points.length - 1][1].toFixed(2)} bits per character after ${seen} characters`,
    );
  }
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} bar
 */
export async function start(place, bar) {
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const tell = (/** @type {string} */ text) => (status.textContent = text);
  const box = make("div", "train");
  const area = document.createElement("textarea");
  area.className = "train-text";
  area.setAttribute("aria-label", "The text that the model learns from");
  area.spellcheck = false;
  const warmth = document.createElement("input");
  Object.assign(warmth, { type: "range", min: 0.2, max: 1.5, step: 0.1, value: 0.8 });
  const warmthLabel = make("label", "train-warmth", "Temperature of its writing");
  warmthLabel.append(warmth);
  const facts = make("p", "lab-caption");
  const samples = make("div", "train-samples");
  samples.setAttribute("aria-live", "polite");
  let isRunning = false;
  let isNew = true;

  const go = button("Train", () => void train());
  const halt = button("Stop", () => (isRunning = false));
  const again = button("Begin anew", () => {
    isRunning = false;
    isNew = true;
    curve.clear();
    samples.replaceChildren();
    facts.textContent = "";
    go.textContent = "Train";
    tell("The next training starts from fresh weights.");
  });
  halt.hidden = true;
  const controls = make("div", "train-controls");
  controls.append(go, halt, again, warmthLabel);
  box.append(area, controls, facts);
  const curve = new LossCurve(box);
  box.append(samples);
  area.addEventListener("input", () => {
    if (!isNew) tell("The text has changed: “Begin anew” trains on it.");
  });

  async function sample() {
    const text = await call("writer.write", { length: SAMPLE, temperature: warmth.valueAsNumber });
    samples.prepend(make("pre", "train-sample", text));
    while (samples.children.length > KEPT) samples.lastElementChild?.remove();
  }

  async function train() {
    if (isRunning) return;
    isRunning = true;
    halt.hidden = false;
    go.hidden = true;
    try {
      if (isNew) {
        const made = await call("writer.begin", { text: area.value }, tell);
        isNew = false;
        facts.textContent = `${made.characters.toLocaleString("en")} characters, ${made.symbols} different ones; an LSTM of 64 units with ${made.weights.toLocaleString("en")} weights.`;
      }
      let next = performance.now() + SAMPLE_EVERY / 2;
      while (isRunning) {
        const now = await call("writer.train", { seconds: SLICE });
        if (isNew) break; // begun anew meanwhile
        curve.add(now.seen, now.bits);
        tell(`Update ${now.updates}: ${Math.round(now.speed).toLocaleString("en")} characters per second.`);
        box.dataset.speed = String(Math.round(now.speed));
        if (performance.now() > next) {
          await sample();
          next = performance.now() + SAMPLE_EVERY;
        }
      }
      if (!isNew) {
        await sample();
        tell("Stopped. It goes on from here.");
      }
    } catch (error) {
      isNew = isNew || error instanceof Stopped;
      const text = error instanceof Error ? error.message : String(error);
      tell(text.includes("at least") ? "The text is too short: it needs at least 400 characters." : text);
    }
    isRunning = false;
    halt.hidden = true;
    go.hidden = false;
    go.textContent = isNew ? "Train" : "Go on";
  }

  try {
    area.value = await call("writer.example", {}, tell);
  } catch (error) {
    tell(`${error instanceof Error ? error.message : error}`);
    bar.querySelector(".run-start")?.removeAttribute("aria-disabled");
    return;
  }
  bar.querySelector(".run-start")?.remove();
  place.querySelectorAll(".lab-still").forEach((still) => still.remove());
  tell("Ready. Press Train, or paste a text of your own first.");
  place.append(box);
}
