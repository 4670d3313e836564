// @ts-check
// A prediction: the reader commits to an answer, then sees what is right, and the solution opens.
import { button, make } from "./output.js";
import { markSolved, offerClearing } from "./solved.js";

let count = 0;

/**
 * @param {HTMLElement} place  names the exercise and holds its question
 * @param {HTMLElement} bar
 */
export function start(place, bar) {
  const { exercise: name = "", predict = "{}" } = place.dataset;
  /** @type {{question: string, choices: string[], words: string[], right: number}} */
  const { question, choices, words, right } = JSON.parse(predict);
  const status = /** @type {HTMLElement} */ (bar.querySelector(".run-status"));
  const form = /** @type {HTMLFormElement} */ (make("form", "predict"));
  const fields = make("fieldset", "");
  const group = `predict-${++count}`;
  fields.append(make("legend", "", question));
  choices.forEach((text, k) => {
    const label = make("label", "predict-choice");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: group, value: String(k), required: true });
    label.append(radio, make("span", "", text));
    fields.append(label);
  });
  const submit = button("This is my prediction", () => undefined);
  submit.type = "submit";
  const verdict = make("p", "run-verdict");
  verdict.setAttribute("role", "status");
  form.append(fields, submit, verdict);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = Number(new FormData(form).get(group));
    const isRight = chosen === right;
    verdict.textContent = `${isRight ? "✓ That is it. " : "Not so. "}${words[chosen]}`;
    verdict.classList.toggle("run-right", isRight);
    if (isRight) markSolved(name, bar);
    solution()?.setAttribute("open", "");
  });
  bar.querySelector(".run-start")?.remove();
  status.textContent = "";
  bar.before(form);
  offerClearing(bar);
  /** @type {HTMLElement | null} */ (form.querySelector("input"))?.focus();

  /** The fold with the solution, after the question. */
  function solution() {
    let next = place.nextElementSibling;
    while (next && next.localName !== "details" && !/^h[1-6]$/.test(next.localName))
      next = next.nextElementSibling;
    return next?.localName === "details" ? next : null;
  }
}
