import { isEmpty, isSame } from "./answer-saver.js";
import { _, ngettext, pageLanguage } from "./i18n.js";

/** @typedef {import("./answer-saver.js").AnswerSaver} AnswerSaver */
/** @typedef {import("./answer-saver.js").Value} Value */
/** @typedef {{id: string, number: number, kind: "single_choice"|"multiple_choice"|"short_text"|"long_text", text: string, points: number, choices: {id: string, text: string}[]}} Question */

const SHORT_TEXT_MAX = 500;
const LONG_TEXT_MAX = 20_000;

/** Questions made in one go; a hundred of them must not hold the page. */
const BATCH = 20;

/** Shows the questions, tells the saver what is answered, and shows what became of it. */
export class Paper {
  #list;
  #nav;
  #saver;
  #questions;
  #flagged;
  /** @type {Map<string, {item: HTMLFieldSetElement, link: HTMLAnchorElement}>} */
  #shown = new Map();

  /**
   * @param {{list: HTMLElement, nav: HTMLElement, saver: AnswerSaver, questions: Question[], flagged: Set<string>}} parts
   */
  constructor({ list, nav, saver, questions, flagged }) {
    this.#list = list;
    this.#nav = nav;
    this.#saver = saver;
    this.#questions = questions;
    this.#flagged = flagged;
    saver.addEventListener("change", (event) => this.#renew(/** @type {CustomEvent} */ (event).detail.id));
    saver.addEventListener("trouble", () => this.#questions.forEach(({ id }) => this.#showState(id)));
  }

  async show() {
    this.#list.replaceChildren();
    for (let at = 0; at < this.#questions.length; at += BATCH) {
      if (at > 0) await new Promise((resolve) => setTimeout(resolve));
      for (const question of this.#questions.slice(at, at + BATCH)) this.#add(question);
    }
    if (this.#questions.length === 0) this.#list.append(element("p", "empty", _("This exam has no questions on this page. Work on it as your examiner told you, and hand it in here.")));
    this.#nav.hidden = this.#questions.length === 0;
    this.#list.setAttribute("aria-busy", "false");
  }

  /** Numbers of the questions without an answer. */
  get open() {
    return this.#questions.filter(({ id }) => isEmpty(this.#saver.valueOf(id)));
  }

  /** Questions whose newest answer the server will not have unless the student does something. */
  get unsettled() {
    return this.#questions.filter(({ id }) => this.#saver.unsettled.includes(id));
  }

  get flagged() {
    return this.#questions.filter(({ id }) => this.#flagged.has(id));
  }

  get size() {
    return this.#questions.length;
  }

  /** @param {string} id */
  focus(id) {
    const item = this.#shown.get(id)?.item;
    item?.scrollIntoView({ block: "start" });
    /** @type {HTMLElement|null|undefined} */ (item?.querySelector("input, textarea"))?.focus({ preventScroll: true });
  }

  /** Shows the value again, as after a conflict. @param {string} id */
  showValue(id) {
    const question = this.#questions.find((one) => one.id === id);
    const item = this.#shown.get(id)?.item;
    if (question && item) writeValue(item, question, this.#saver.valueOf(id));
  }

  /** @param {Question} question */
  #add(question) {
    const item = document.createElement("fieldset");
    item.className = "question";
    item.id = `question-${question.number}`;
    const legend = element("legend", "");
    legend.append(
      element("span", "question-number", _("Question %(number)s of %(all)s", { number: question.number, all: this.#questions.length })),
      element("span", "question-text", question.text),
    );
    const points = pointsWords(question.points);
    const help = question.kind === "multiple_choice" ? `${points} · ${_("More than one can be right.")}` : points;
    const rule = element("p", "rule", help);
    rule.id = `${item.id}-rule`;
    item.append(legend, rule);
    item.setAttribute("aria-describedby", rule.id);
    item.append(question.choices.length ? choicesOf(question, item.id) : textOf(question, item.id));
    item.append(this.#foot(question));
    writeValue(item, question, this.#saver.valueOf(question.id));
    item.addEventListener("input", (event) => {
      const isTyping = event.target instanceof HTMLTextAreaElement || (event.target instanceof HTMLInputElement && event.target.type === "text");
      this.#saver.change(question.id, readValue(item), { isTyping });
      showCount(item);
    });
    item.addEventListener("focusout", () => this.#saver.stateOf(question.id).state === "waiting" && this.#saver.saveNow());
    const link = document.createElement("a");
    link.href = `#${item.id}`;
    link.textContent = String(question.number);
    this.#nav.append(link);
    this.#list.append(item);
    this.#shown.set(question.id, { item, link });
    this.#showState(question.id);
  }

  /** @param {Question} question */
  #foot(question) {
    const foot = element("div", "question-foot");
    const state = element("p", "question-state", "");
    state.setAttribute("data-part", "state");
    const conflict = document.createElement("button");
    Object.assign(conflict, { type: "button", className: "secondary", hidden: true, textContent: _("Compare both answers") });
    conflict.setAttribute("data-part", "conflict");
    conflict.addEventListener("click", () => this.#list.dispatchEvent(new CustomEvent("conflict", { detail: { id: question.id } })));
    const flag = document.createElement("button");
    Object.assign(flag, { type: "button", className: "quiet flag", textContent: _("Look at it again") });
    flag.setAttribute("aria-pressed", String(this.#flagged.has(question.id)));
    flag.addEventListener("click", () => {
      if (!this.#flagged.delete(question.id)) this.#flagged.add(question.id);
      flag.setAttribute("aria-pressed", String(this.#flagged.has(question.id)));
      this.#list.dispatchEvent(new CustomEvent("flagged"));
      this.#showState(question.id);
    });
    foot.append(state, conflict, flag);
    return foot;
  }

  /** @param {string} id */
  #renew(id) {
    const item = this.#shown.get(id)?.item;
    // A blank at the end, which the server does not keep, is not taken away under somebody's hands.
    const isTyping = item?.contains(document.activeElement) && isSame(readValue(item), this.#saver.valueOf(id));
    if (item && !isTyping) this.showValue(id);
    this.#showState(id);
  }

  /** @param {string} id */
  #showState(id) {
    const shown = this.#shown.get(id);
    if (!shown) return;
    const { state, savedAt, refused } = this.#saver.stateOf(id);
    const words = stateWords(state, savedAt, refused);
    const place = /** @type {HTMLElement} */ (shown.item.querySelector('[data-part="state"]'));
    if (place.textContent !== words) place.textContent = words;
    place.dataset.tone = state === "saved" ? "plain" : state === "waiting" ? "plain" : "unsure";
    /** @type {HTMLElement} */ (shown.item.querySelector('[data-part="conflict"]')).hidden = state !== "conflict";
    const isAnswered = !isEmpty(this.#saver.valueOf(id));
    shown.link.dataset.state = isAnswered ? "answered" : "open";
    shown.link.toggleAttribute("data-flagged", this.#flagged.has(id));
    const name = isAnswered ? _("Question %(number)s, answered", { number: shown.link.textContent ?? "" }) : _("Question %(number)s, open", { number: shown.link.textContent ?? "" });
    shown.link.setAttribute("aria-label", this.#flagged.has(id) ? `${name}, ${_("to look at again")}` : name);
  }
}

/** @param {Value} value @param {Question} question @returns {string} an answer in words, to compare two of them */
export function valueWords(value, question) {
  if (isEmpty(value)) return _("no answer");
  if (value.text) return value.text;
  return question.choices.filter(({ id }) => value.choice_ids?.includes(id)).map(({ text }) => text).join("\n");
}

/** @param {string} state @param {string|null} savedAt @param {string|null} refused @returns {string} */
function stateWords(state, savedAt, refused) {
  if (state === "refused") return _("Not saved: %(reason)s", { reason: refused ?? "" });
  if (state === "conflict") return _("Changed elsewhere: choose which one stays.");
  if (state === "failing") return _("Not saved yet. It is kept here, and we go on trying.");
  if (state === "waiting") return _("Saving …");
  if (!savedAt) return "";
  const time = new Intl.DateTimeFormat(pageLanguage(), { timeStyle: "short" }).format(new Date(savedAt));
  return _("Saved %(time)s", { time });
}

/** @param {number} points @returns {string} */
function pointsWords(points) {
  if (points !== Math.round(points)) return _("%(points)s points", { points });
  return ngettext("%(num)s point", "%(num)s points", points);
}

/** @param {Question} question @param {string} name */
function choicesOf({ kind, choices }, name) {
  const list = element("div", "choices");
  for (const { id, text } of choices) {
    const label = element("label", "choice");
    const input = document.createElement("input");
    Object.assign(input, { type: kind === "single_choice" ? "radio" : "checkbox", name, value: id });
    label.append(input, element("span", "", text));
    list.append(label);
  }
  return list;
}

/** @param {Question} question @param {string} name */
function textOf({ kind, number }, name) {
  const box = element("div", "");
  const isLong = kind === "long_text";
  const input = document.createElement(isLong ? "textarea" : "input");
  Object.assign(input, { name, autocomplete: "off", maxLength: isLong ? LONG_TEXT_MAX : SHORT_TEXT_MAX });
  input.setAttribute("aria-label", _("Answer to question %(number)s", { number }));
  box.append(input);
  if (!(input instanceof HTMLTextAreaElement)) return box;
  input.rows = 6;
  const count = element("p", "rule counter");
  count.setAttribute("data-part", "count");
  count.id = `${name}-count`;
  input.setAttribute("aria-describedby", count.id);
  box.append(count);
  return box;
}

/** @param {HTMLElement} item @returns {Value} */
function readValue(item) {
  const text = /** @type {HTMLInputElement|HTMLTextAreaElement|null} */ (item.querySelector('textarea, input[type="text"], input:not([type])'));
  if (text) return { text: text.value };
  const chosen = [...item.querySelectorAll("input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value);
  return { choice_ids: chosen };
}

/** @param {HTMLElement} item with a long text; nothing happens to others */
function showCount(item) {
  const place = item.querySelector('[data-part="count"]');
  const text = item.querySelector("textarea");
  if (!place || !text) return;
  const shown = new Intl.NumberFormat(pageLanguage());
  place.textContent = _("%(count)s of %(all)s characters", { count: shown.format(text.value.length), all: shown.format(LONG_TEXT_MAX) });
}

/** @param {HTMLElement} item @param {Question} question @param {Value} value */
function writeValue(item, question, value) {
  if (question.choices.length === 0) {
    const text = /** @type {HTMLInputElement|HTMLTextAreaElement} */ (item.querySelector("textarea, input"));
    if (text.value !== (value.text ?? "")) text.value = value.text ?? "";
    showCount(item);
    return;
  }
  for (const input of item.querySelectorAll("input")) input.checked = value.choice_ids?.includes(input.value) ?? false;
}

/** @param {string} tag @param {string} className @param {string} [text] */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
