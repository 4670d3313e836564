// @ts-check
// What the gate lab can be set to: units, presets, and a link that carries a state.

/** @typedef {"lstm" | "gru" | "rnn"} Unit */
/** @typedef {Record<string, [number, number, number]>} Rows  letter -> bias, weight on x, on h */
/** @typedef {{unit: Unit, x: number[], rows: Rows, step: number}} State */

export const STEPS = 50;
export const BOOK = [0.2, 1, -0.2, 0.1, -0.1, -1, 0.1];

/** @type {Record<Unit, {name: string, letters: string, traces: string}>} */
export const UNITS = {
  lstm: { name: "LSTM", letters: "figo", traces: "figoch" },
  gru: { name: "GRU", letters: "rzn", traces: "rznh" },
  rnn: { name: "Plain unit", letters: "h", traces: "h" },
};

/** @type {Record<string, string>} */
export const NAMES = {
  x: "input",
  f: "forget gate",
  i: "input gate",
  g: "input node",
  o: "output gate",
  c: "cell state",
  h: "hidden state",
  r: "reset gate",
  z: "update gate",
  n: "candidate",
};

/** Values that lie between 0 and 1; the others lie around 0. */
export const GATES = "fiorz";

/** @type {Rows} */
const KEEPER = { f: [5, 0, -12], i: [-5, 10, 0], g: [0, 2, 0], o: [-5, -10, 0] };
/** @type {Rows} */
const FADER = { f: [0, 0, 0], i: [0, 0, 0], g: [0, 1, 0], o: [0, 0, 0] };
/** @type {Rows} */
const GRU_KEEPER = { r: [0, 0, 0], z: [8, -16, 0], n: [0, 2, 0] };

/** @type {Record<Unit, Record<string, {label: string, rows: Rows}>>} */
export const PRESETS = {
  lstm: {
    keeper: { label: "The keeper: write, hold, answer, clear", rows: KEEPER },
    fader: { label: "The fader: every gate half open", rows: FADER },
    open: { label: "Forget gate held open", rows: { ...KEEPER, f: [10, 0, 0] } },
    shut: { label: "Forget gate held shut", rows: { ...KEEPER, f: [-10, 0, 0] } },
    bias0: { label: "A fresh cell, forget bias 0", rows: { ...FADER, g: [0, 2, 0] } },
    bias2: { label: "A fresh cell, forget bias 2", rows: { ...FADER, f: [2, 0, 0], g: [0, 2, 0] } },
    saturated: {
      label: "Saturated: every sigmoid at its limit",
      rows: { f: [10, 0, 0], i: [10, 0, 0], g: [0, 20, 0], o: [10, 0, 0] },
    },
  },
  gru: {
    keeper: { label: "The keeper: replace at the mark, then keep", rows: GRU_KEEPER },
    open: { label: "Update gate keeps everything", rows: { ...GRU_KEEPER, z: [10, 0, 0] } },
    shut: { label: "Update gate replaces everything", rows: { ...GRU_KEEPER, z: [-10, 0, 0] } },
    fader: { label: "The fader: half kept, half replaced", rows: { r: [0, 0, 0], z: [0, 0, 0], n: [0, 1, 0] } },
    latch: { label: "A latch, as far as the reset gate lets it", rows: { r: [0, 0, 0], z: [-8, 0, 0], n: [0, 1, 2] } },
    saturated: { label: "Saturated candidate", rows: { r: [10, 0, 0], z: [0, 0, 0], n: [0, 20, 0] } },
  },
  rnn: {
    fader: { label: "The state halves at every step", rows: { h: [0, 1, 0.5] } },
    open: { label: "Recurrent weight 1", rows: { h: [0, 1, 1] } },
    shut: { label: "No recurrence", rows: { h: [0, 1, 0] } },
    saturated: { label: "Saturated: recurrent weight 4", rows: { h: [0, 4, 4] } },
  },
};

/** @param {Rows} rows @returns {Rows} */
const copy = (rows) => structuredClone(rows);

/** @param {Unit} unit @returns {State} */
export function initial(unit = "lstm") {
  const [first] = Object.values(PRESETS[unit]);
  return { unit, x: [...BOOK], rows: copy(first.rows), step: 1 };
}

/** @param {Unit} unit @param {string} name @returns {Rows} */
export const preset = (unit, name) => copy(PRESETS[unit][name].rows);

/** @param {Unit} unit @param {Rows} rows @returns {string} the preset's name, or "" */
export function presetOf(unit, rows) {
  const wanted = flat(unit, rows);
  const found = Object.entries(PRESETS[unit]).find(([, one]) => flat(unit, one.rows) === wanted);
  return found?.[0] ?? "";
}

/** @param {Unit} unit @param {Rows} rows */
const flat = (unit, rows) => [...UNITS[unit].letters].map((letter) => rows[letter].join(",")).join(";");

/** @param {State} state @returns {string} */
export function encode({ unit, x, rows, step }) {
  const query = new URLSearchParams({ unit, x: x.join(","), step: String(step + 1) });
  for (const letter of UNITS[unit].letters) query.set(letter, rows[letter].join(","));
  return query.toString().replaceAll("%2C", ",");
}

/** Read a state from a link; what is not there, or no number, is as at the start. @param {string} search */
export function decode(search) {
  const query = new URLSearchParams(search);
  const unit = query.get("unit") ?? "";
  const state = initial(unit in UNITS ? /** @type {Unit} */ (unit) : "lstm");
  const x = numbers(query.get("x") ?? "");
  if (x.length) state.x = x;
  for (const letter of UNITS[state.unit].letters) {
    const row = numbers(query.get(letter) ?? "");
    if (row.length === 3) state.rows[letter] = /** @type {[number, number, number]} */ (row);
  }
  const step = Number(query.get("step") ?? state.step + 1);
  if (Number.isInteger(step)) state.step = Math.min(Math.max(step - 1, 0), state.x.length - 1);
  return state;
}

/** The numbers of a text, at most fifty, within ±20. @param {string} text */
export function numbers(text) {
  return (text.match(/[-+]?(?:\d+\.?\d*|\.\d+)/g) ?? [])
    .slice(0, STEPS)
    .map((one) => Math.min(Math.max(Number(one), -20), 20));
}
