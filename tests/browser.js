// What test_browser.py looks at in a page. Each function returns a list of findings.
{
  // Elements that make the page wider than the window, unless a box of their own scrolls them.
  tooWide() {
    const width = document.documentElement.clientWidth;
    const whole = document.documentElement.scrollWidth;
    if (whole <= width) return [];
    const scrolls = (e) =>
      e && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
    const culprits = [...document.querySelectorAll("article *")].filter(
      (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement),
    );
    return [`the page is ${whole} px wide`].concat(
      culprits.slice(0, 5).map((e) => `${e.tagName} ${e.textContent.trim().slice(0, 60)}`),
    );
  },

  // At a desk, 80 columns of code fit, in both tabs and in folds.
  scrollingCode() {
    if (innerWidth < 1280) return [];
    const columns = (e) => Math.max(...e.textContent.split("\n").map((line) => line.length));
    const style = document.createElement("style");
    style.textContent = ".tabbed-block { display: block !important }";
    document.head.append(style);
    const found = [...document.querySelectorAll("article .highlight pre > code")]
      .filter((e) => !e.closest(".mkdocstrings-source")) // indented by their depth
      .filter((e) => columns(e) <= 80 && e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.scrollWidth - e.clientWidth} px: ${e.textContent.trim().slice(0, 60)}`);
    style.remove();
    return found;
  },

  // At a desk no table hides a column, and no code is cut off.
  hidden() {
    if (innerWidth < 1280) return [];
    return [...document.querySelectorAll("article :is(.md-typeset__scrollwrap, pre > code)")]
      .filter((e) => e.scrollWidth > e.clientWidth + 1 && !e.closest(".mkdocstrings-source"))
      .map((e) => `${e.scrollWidth - e.clientWidth} px: ${e.textContent.trim().slice(0, 60)}`);
  },

  // On a phone no formula is longer than its line.
  longFormulas() {
    if (innerWidth > 400) return [];
    const right = document.documentElement.clientWidth;
    return [...document.querySelectorAll("article .formula")]
      .filter((e) => !e.closest(".md-typeset__scrollwrap"))
      .filter((e) =>
        e.matches("div") ? e.scrollWidth > e.clientWidth + 1 : e.getBoundingClientRect().right > right,
      )
      .map((e) => e.querySelector("annotation")?.textContent ?? e.textContent);
  },

  // What scrolls sideways shows it, and the keyboard can get there.
  secretScrolling() {
    return [...document.querySelectorAll("article *")]
      .filter((e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
      .filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
      .filter((e) => e.tabIndex < 0 || !getComputedStyle(e).backgroundImage.includes("gradient"))
      .map((e) => `${e.tagName} .${e.className} ${e.textContent.trim().slice(0, 60)}`);
  },

  // Text that a box cuts off.
  cutOff() {
    return [...document.querySelectorAll("article *")]
      .filter((e) => ["hidden", "clip"].includes(getComputedStyle(e).overflowX))
      .filter((e) => !e.closest(".katex, svg"))
      .filter((e) => e.clientWidth > 1 && e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
      .filter((e) => getComputedStyle(e).textOverflow !== "ellipsis")
      .map((e) => `${e.tagName} .${e.className} ${e.textContent.trim().slice(0, 60)}`);
  },

  // Code under the buttons of its block.
  coveredCode() {
    const found = [];
    for (const buttons of document.querySelectorAll("article .md-code__nav")) {
      const box = buttons.getBoundingClientRect();
      const code = buttons.closest(".highlight")?.querySelector("pre > code");
      if (!box.width || !code || !buttons.checkVisibility()) continue;
      const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
      const view = code.getBoundingClientRect();
      const range = document.createRange();
      let isCovered = false;
      for (let text = texts.nextNode(); text && !isCovered; text = texts.nextNode()) {
        if (buttons.contains(text) || !text.textContent.trim()) continue;
        range.selectNodeContents(text);
        isCovered = [...range.getClientRects()].some(
          (one) =>
            Math.min(one.right, view.right) > box.left + 1 &&
            one.left < Math.min(box.right, view.right) - 1 &&
            one.bottom > box.top + 3 &&
            one.top < box.bottom - 3,
        );
      }
      if (isCovered) found.push(code.textContent.trim().slice(0, 60));
    }
    return found;
  },

  brokenImages() {
    return [...document.images]
      .filter((image) => !(image.complete && image.naturalWidth > 0))
      .map((image) => image.src.slice(0, 120));
  },

  // Formulas without extent, except in the tabs that are not chosen.
  hiddenFormulas() {
    return [...document.querySelectorAll(".formula")]
      .filter((e) => e.closest(".tabbed-block")?.offsetHeight !== 0)
      .filter((e) => {
        const box = e.querySelector(".katex-html")?.getBoundingClientRect();
        return !box || box.width < 2 || box.height < 4;
      })
      .map((e) => e.querySelector("annotation")?.textContent ?? e.textContent);
  },

  // Signs that the end of a line has torn from their formula: "(" before it, "." after it.
  tornSigns() {
    const article = document.querySelector("article");
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const place = (text, at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect();
    };
    const found = [];
    for (const formula of article.querySelectorAll("span.formula")) {
      const bases = [...formula.querySelectorAll(".katex-base")];
      if (!formula.checkVisibility() || !bases[0]?.offsetHeight) continue;
      texts.currentNode = formula;
      const before = texts.previousNode();
      let after = texts.nextNode();
      while (after && formula.contains(after)) after = texts.nextNode();
      const block = formula.closest("p, li, dd, td, th, figcaption");
      const [opens, follows] = [/[([“‘]$/.test(before?.data), /^\S/.test(after?.data)];
      const isTorn =
        (opens && place(before, before.length - 1).bottom < bases[0].getBoundingClientRect().top) ||
        (follows &&
          block?.contains(after) &&
          place(after, 0).top > bases.at(-1).getBoundingClientRect().bottom);
      if (isTorn) found.push(`${before?.data.slice(-20)} … ${after?.data.slice(0, 20)}`);
    }
    return found;
  },

  // On a phone, what belongs together in two lines, and titles that end in three dots.
  torn() {
    if (innerWidth > 400) return [];
    const formula = (e) => [...e.querySelectorAll(".katex-base")].flatMap((b) => [...b.getClientRects()]);
    const isTorn = (boxes) =>
      Math.max(...boxes.map((box) => box.top)) >= Math.min(...boxes.map((box) => box.bottom));
    const pieces = [...document.querySelectorAll("article :is(.tied, .formula[data-short])")]
      .filter((e) => e.checkVisibility())
      .map((e) => [e, e.matches(".formula") ? formula(e) : [...e.getClientRects()]])
      .filter(([, boxes]) => boxes.length && isTorn(boxes));
    const titles = [...document.querySelectorAll(":is(.md-header, .md-footer) .md-ellipsis")]
      .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
      .map((e) => [e]);
    return [...pieces, ...titles].map(([e]) => e.textContent.trim().slice(0, 60));
  },

  async fonts() {
    await document.fonts.ready;
    return [...document.fonts].map((font) => [font.family.replaceAll('"', ""), font.status]);
  },

  // Text that contrasts less than 4.5 to 1 with what lies behind it (WCAG 2.2, 1.4.3).
  pale() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const known = new Map();
    const rgba = (colour) => {
      if (!known.has(colour)) {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        known.set(colour, [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255));
      }
      return known.get(colour);
    };
    const over = ([r, g, b, a], [R, G, B]) =>
      [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
    const behind = (e) => {
      if (!e) return [1, 1, 1, 1];
      const paint = rgba(getComputedStyle(e).backgroundColor);
      return paint[3] > 0.99 ? paint : over(paint, behind(e.parentElement));
    };
    const luminance = (colour) => {
      const [r, g, b] = colour.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };

    const found = new Set();
    const article = document.querySelector("article");
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const e = text.parentElement;
      if (!text.textContent.trim() || !e.checkVisibility()) continue;
      if (e.closest(".katex-mathml, .headerlink")) continue; // not shown until pointed at
      const back = behind(e);
      const [a, b] = [over(rgba(getComputedStyle(e).color), back), back].map(luminance);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const words = text.textContent.trim().slice(0, 40);
      if (ratio < 4.5) found.add(`${ratio.toFixed(1)}: ${e.tagName} .${e.className} ${words}`);
    }
    return [...found].slice(0, 10);
  },
}
