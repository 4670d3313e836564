// @ts-check
// Light, dark, or as the system has it: stands behind the choice itself, before the text of a page.
// Material's own script comes last, and has the browser compute all styles three times over.
(() => {
  const { documentElement: root, body } = document;
  root.className = "js js-focus-visible"; // as Material's script sets it, when that costs more
  const choices = /** @type {NodeListOf<HTMLInputElement>} */ (
    document.querySelectorAll("[data-book=theme] > input")
  );
  const frames = /** @type {NodeListOf<HTMLMetaElement>} */ (
    document.querySelectorAll("meta[name=theme-color]")
  );
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const meta = document.createElement("meta");
  meta.name = "color-scheme";
  let chosen = 0;
  try {
    const index = __md_get("__palette")?.index;
    if (choices[index]) chosen = index;
  } catch {
    // A browser that remembers nothing follows the system.
  }

  function paint() {
    const system = isDark.matches ? "slate" : "default";
    const scheme = chosen ? choices[chosen]?.dataset.mdColorScheme : system;
    const theme = scheme === "slate" ? "dark" : "light";
    body.setAttribute("data-md-color-scheme", scheme ?? system);
    meta.content = theme;
    for (const frame of frames) frame.media = frame.dataset.theme === theme ? "all" : "not all";
    choices.forEach((choice, k) => {
      choice.checked = k === chosen;
      if (choice.nextElementSibling instanceof HTMLElement)
        choice.nextElementSibling.hidden = k !== chosen;
    });
    return { scheme, primary: "custom", accent: "custom" };
  }

  choices.forEach((choice, k) => {
    choice.addEventListener("change", () => {
      chosen = k;
      const media = choice.dataset.mdColorMedia;
      __md_set("__palette", { index: k, color: { media, ...paint() } });
    });
    choice.addEventListener("keydown", ({ key }) => {
      const next = choices[(k + 1) % choices.length];
      if (key !== "Enter" || !next) return;
      next.click();
      next.focus();
    });
  });
  isDark.addEventListener("change", paint);
  paint();
  document.head.append(meta);
})();
