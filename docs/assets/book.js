// @ts-check
// What a page needs beyond Material's own script, for readers without a mouse or with tabs in folds.
"use strict";
(() => {
  /** @param {string} selector */
  const all = (selector) =>
    /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector));

  // What scrolls can be reached with Tab, and shows that there is more; only as long as it scrolls.
  const scrolling = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      const isWide = target.scrollWidth > target.clientWidth + 1;
      target.toggleAttribute("data-more", isWide);
      if (isWide || target.scrollHeight > target.clientHeight + 1) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  addEventListener("load", () => {
    const boxes =
      "div.formula, .figure-box, .md-typeset__scrollwrap, article pre > code, .md-sidebar__scrollwrap";
    all(boxes).forEach((box) => scrolling.observe(box));
  });

  // The choice of a tab holds for all tabs, on this page and the next, and moves nothing away. (On
  // the next, Material's line behind the text has made it before; but it reads no label in a fold.)
  const tabs = "__tabs";
  /** @param {string} name */
  function choose(name) {
    for (const label of all(".tabbed-labels > label")) {
      if (!(label instanceof HTMLLabelElement) || label.textContent?.trim() !== name) continue;
      if (label.control instanceof HTMLInputElement) label.control.checked = true;
    }
  }
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const set = target.closest(".tabbed-set");
    const name = target.labels?.[0]?.textContent?.trim();
    if (!set || !name) return;
    const { top } = set.getBoundingClientRect();
    choose(name);
    scrollBy({ top: set.getBoundingClientRect().top - top, behavior: "instant" });
    __md_set(tabs, [...new Set([name, ...kept()])]);
  });
  /** @returns {string[]} */
  function kept() {
    try {
      return __md_get(tabs) ?? [];
    } catch {
      return []; // a browser that remembers nothing
    }
  }
  kept().reverse().forEach(choose);

  // Code can be copied, but for outputs. Material's script carries it out; its own buttons come one
  // by one, and the page is measured after each.
  let blocks = 0;
  for (const block of all("article .highlight:not(.no-copy, .language-text, .doc-signature)")) {
    const pre = block.querySelector("pre");
    if (!pre || block.closest(".doc-contents")) continue;
    block.id ||= `code-${blocks++}`;
    const button = document.createElement("button");
    button.className = "md-code__button";
    button.title = "Copy to clipboard";
    Object.assign(button.dataset, { clipboardTarget: `#${block.id} pre > code`, mdType: "copy" });
    const row = document.createElement("div");
    row.className = "md-code__nav";
    row.append(button);
    pre.prepend(row);
  }

  // A term says what it means: pointed at, reached with Tab, or touched. Escape closes the note.
  const note = document.createElement("span");
  note.className = "term-note";
  note.id = "term-note";
  note.popover = "manual"; // nothing cuts it off
  /** @type {HTMLElement | null} */
  let noted = null;
  let later = 0;
  /** @param {HTMLElement} term */
  function explain(term) {
    clearTimeout(later);
    if (noted === term) return;
    conceal();
    noted = term;
    note.textContent = `${term.dataset.meaning} `;
    if (term.dataset.page) {
      const link = document.createElement("a");
      link.href = term.dataset.page;
      link.textContent = term.dataset.chapter ?? "";
      note.append(link);
    }
    term.after(note); // so that Tab goes from the term to its link
    note.showPopover?.();
    const [at, box] = [term.getBoundingClientRect(), note.getBoundingClientRect()];
    const most = document.documentElement.clientWidth - box.width - 8;
    const isLow = at.bottom + box.height + 8 > innerHeight && at.top > box.height + 60;
    note.style.left = `${scrollX + Math.max(8, Math.min(at.left - 8, most))}px`;
    note.style.top = `${scrollY + (isLow ? at.top - box.height - 4 : at.bottom + 4)}px`;
  }
  function conceal() {
    clearTimeout(later);
    note.remove();
    noted = null;
  }
  /** @param {() => void} act @param {number} wait */
  function soon(act, wait) {
    clearTimeout(later);
    later = setTimeout(act, wait);
  }
  const leave = () => soon(conceal, 250);
  for (const term of all("abbr.term")) {
    term.dataset.meaning = term.title;
    term.setAttribute("aria-description", term.title);
    term.removeAttribute("title"); // or the browser would show it as well
    term.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse") soon(() => explain(term), 120);
    });
    term.addEventListener("pointerleave", leave);
    term.addEventListener("focus", () => explain(term));
    term.addEventListener("blur", leave);
    term.addEventListener("click", () => explain(term));
  }
  for (const kind of ["pointerenter", "focusin"]) {
    note.addEventListener(kind, () => clearTimeout(later));
  }
  for (const kind of ["pointerleave", "focusout"]) note.addEventListener(kind, leave);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !noted) return;
    if (note.contains(document.activeElement)) noted.focus();
    conceal();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (noted && target instanceof Node && !noted.contains(target) && !note.contains(target)) conceal();
  });

  // The drawer on a phone: a real button opens it, and closed it takes no focus.
  const toggle = document.getElementById("__drawer");
  const drawer = document.querySelector(".md-sidebar--primary");
  const label = document.querySelector(".md-header__button[for=__drawer]");
  if (toggle instanceof HTMLInputElement && drawer instanceof HTMLElement && label) {
    const narrow = matchMedia("(max-width: 76.234375em)");
    const opener = document.createElement("button");
    opener.type = "button";
    opener.className = label.className;
    opener.setAttribute("for", "__drawer"); // Material's style asks for it
    opener.setAttribute("aria-label", "Contents");
    opener.append(...label.childNodes);
    label.replaceWith(opener);
    const follow = () => {
      drawer.inert = narrow.matches && !toggle.checked;
      opener.setAttribute("aria-expanded", String(toggle.checked));
    };
    const turn = (/** @type {boolean} */ open) => {
      toggle.checked = open;
      toggle.dispatchEvent(new Event("change", { bubbles: true }));
    };
    opener.addEventListener("click", () => {
      turn(!toggle.checked);
      if (toggle.checked) drawer.querySelector("a")?.focus({ preventScroll: true });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !narrow.matches || !toggle.checked) return;
      turn(false);
      opener.focus();
    });
    toggle.addEventListener("change", follow);
    narrow.addEventListener("change", follow);
    follow();
  }
})();
