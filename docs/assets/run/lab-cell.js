// @ts-check
// The book's own drawing of a cell, lit by the values of one step: a wire is as bright as what it
// carries is large.

/** The book draws no plain unit by its parts, so here is one. */
const PLAIN = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 300" role="img" aria-label="A plain recurrent unit">
<rect class="f-panel s-edge" x="64" y="50" width="432" height="190" rx="20" stroke-width="1.6"/>
<g data-part="h_in"><path class="none s-h" d="M8 140H180" stroke-width="4.5"/><path class="f-h" d="M195 140l-14-7v14Z"/></g>
<g data-part="x_in"><path class="none s-x" d="M210 272V170" stroke-width="4.5"/><path class="f-x" d="M210 155l-7 14h14Z"/></g>
<g data-part="h_sum"><path class="none s-soft" d="M225 140H275" stroke-width="2.8"/><path class="f-soft" d="M290 140l-12-6v12Z"/></g>
<g data-part="h_out"><path class="none s-h" d="M350 140H540" stroke-width="4.5"/><path class="f-h" d="M552 140l-14-7v14Z"/></g>
<g data-part="h_up"><path class="none s-h" d="M450 140V40" stroke-width="4.5"/><path class="f-h" d="M450 26l-7 14h14Z"/></g>
<circle class="f-background s-ink" cx="210" cy="140" r="15" stroke-width="2"/><path class="none s-ink" d="M202 140h16M210 132v16" stroke-width="2"/>
<rect class="f-background s-ink" x="290" y="124" width="60" height="32" rx="16" stroke-width="2"/>
<text class="m f-ink" x="320" y="147" font-size="20" text-anchor="middle">tanh</text>
<text class="m v f-h" x="36" y="126" font-size="22" text-anchor="middle">h</text><text class="m v f-h" x="528" y="126" font-size="22" text-anchor="middle">h</text>
<text class="m v f-x" x="232" y="286" font-size="22" text-anchor="middle">x</text></svg>`;

const DRAWINGS = { lstm: "lstm/memory-cell", gru: "gru/cell" };

/**
 * @typedef {Record<string, number>} Values  the traces at one step; c_ and h_ are those of the step before
 */

/** @param {number} value */
const size = (value) => Math.min(1, Math.abs(value));

/** What each part of the drawing carries. @type {Record<string, Record<string, (v: Values) => number>>} */
const PARTS = {
  lstm: {
    c_in: (v) => size(v.c_),
    c_kept: (v) => size(v.f * v.c_),
    c_out: (v) => size(v.c),
    c_read: (v) => size(v.c),
    c_squashed: (v) => size(Math.tanh(v.c)),
    h_in: (v) => size(v.h_),
    x_in: (v) => size(v.x),
    out_f: (v) => v.f,
    out_i: (v) => v.i,
    out_g: (v) => size(v.g),
    out_o: (v) => v.o,
    gate_f: (v) => v.f,
    gate_i: (v) => v.i,
    gate_g: (v) => size(v.g),
    gate_o: (v) => v.o,
    written: (v) => size(v.i * v.g),
    h_new: (v) => size(v.h),
    h_out: (v) => size(v.h),
    h_up: (v) => size(v.h),
  },
  gru: {
    h_in: (v) => size(v.h_),
    h_carry: (v) => size(v.h_),
    h_down: (v) => size(v.h_),
    h_side: (v) => size(v.h_),
    h_join: (v) => size(v.h_),
    h_kept: (v) => size(v.z * v.h_),
    x_in: (v) => size(v.x),
    x_join: (v) => size(v.x),
    x_up: (v) => size(v.x),
    out_z: (v) => v.z,
    gate_z: (v) => v.z,
    one_minus: (v) => 1 - v.z,
    out_r: (v) => v.r,
    gate_r: (v) => v.r,
    reset_h: (v) => size(v.r * v.h_),
    out_n: (v) => size(v.n),
    written: (v) => size((1 - v.z) * v.n),
    h_out: (v) => size(v.h),
    h_up: (v) => size(v.h),
  },
  rnn: {
    h_in: (v) => size(v.h_),
    x_in: (v) => size(v.x),
    h_out: (v) => size(v.h),
    h_up: (v) => size(v.h),
  },
};

export class CellDrawing {
  /** @param {HTMLElement} parent @param {string} images  address of the folder of figures */
  constructor(parent, images) {
    this.parent = parent;
    this.images = images;
    this.unit = "";
  }

  /** @param {string} unit @param {Values} values */
  async show(unit, values) {
    this.values = values;
    if (unit !== this.unit) {
      this.unit = unit;
      this.parent.replaceChildren();
      const text = await this.drawing(unit);
      if (!text || unit !== this.unit) return;
      const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      svg.querySelectorAll("style").forEach((style) => style.remove()); // the page has its own theme
      svg.querySelectorAll('[data-part="legend"]').forEach((part) => part.remove());
      const [, , width, height] = (svg.getAttribute("viewBox") ?? "0 0 560 560").split(" ").map(Number);
      svg.setAttribute("viewBox", `0 0 ${width} ${Math.min(height, unit === "gru" ? 560 : 445)}`);
      svg.removeAttribute("width");
      svg.removeAttribute("height");
      svg.classList.add("lab-cell");
      this.parent.append(document.importNode(svg, true));
    }
    this.light();
  }

  /** @param {string} unit @returns {Promise<string>} */
  async drawing(unit) {
    if (!(unit in DRAWINGS)) return PLAIN;
    const name = DRAWINGS[/** @type {keyof typeof DRAWINGS} */ (unit)];
    const answer = await fetch(`${this.images}${name}.svg`).catch(() => null);
    return answer?.ok ? answer.text() : "";
  }

  light() {
    const parts = PARTS[this.unit] ?? {};
    for (const part of /** @type {NodeListOf<SVGElement>} */ (this.parent.querySelectorAll("[data-part]"))) {
      const carried = parts[part.dataset.part ?? ""];
      if (carried && this.values) part.style.opacity = (0.2 + 0.8 * carried(this.values)).toFixed(3);
    }
  }
}
