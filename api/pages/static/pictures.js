import { part } from "./elements.js";
import { _ } from "./i18n.js";

/** @typedef {{state: string, reasons: {message: string}[]}} ImageAnswer */

/** How a chip shows each state. @type {Record<string, () => [text: string, tone: string]>} */
const STATES = {
  unsent: () => [_("Not sent yet"), "plain"],
  pending: () => [_("Being checked"), "plain"],
  accepted: () => [_("Accepted"), "good"],
  refused: () => [_("Not usable"), "bad"],
};

/** The pictures that were taken or chosen, in their order, with what the server said to each. */
export class Pictures {
  #list;
  #template;
  #onChange;
  /** @type {{blob: Blob, item: HTMLElement}[]} */
  #taken = [];

  /** @param {HTMLElement} list @param {HTMLTemplateElement} template @param {() => void} onChange */
  constructor(list, template, onChange) {
    this.#list = list;
    this.#template = template;
    this.#onChange = onChange;
  }

  get blobs() {
    return this.#taken.map(({ blob }) => blob);
  }

  /** @param {Blob} blob */
  add(blob) {
    const item = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
    const image = /** @type {HTMLImageElement} */ (item.querySelector("img"));
    image.src = URL.createObjectURL(blob);
    image.alt = _("Picture %(number)s", { number: this.#taken.length + 1 });
    part(item, "remove").addEventListener("click", () => this.#remove(item));
    this.#list.append(item);
    this.#taken.push({ blob, item });
    this.#onChange();
  }

  /** @param {ImageAnswer[]} answers one for each picture, in order */
  showAnswers(answers) {
    answers.forEach((answer, index) => {
      const item = this.#taken[index]?.item;
      if (item) show(item, answer);
    });
  }

  /** The next picture begins a new set; what the server has stays to be seen. */
  close() {
    this.#taken = [];
    this.#onChange();
  }

  clear() {
    for (const image of this.#list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.#list.replaceChildren();
    this.close();
  }

  /** @param {HTMLElement} item */
  #remove(item) {
    this.#taken = this.#taken.filter((taken) => taken.item !== item);
    item.remove();
    this.#onChange();
  }
}

/** @param {HTMLElement} item @param {ImageAnswer} answer */
function show(item, { state, reasons }) {
  const chip = part(item, "state");
  const [text, tone] = STATES[state]?.() ?? [state, "plain"];
  chip.textContent = text;
  chip.className = `chip ${tone}`;
  part(item, "reasons").textContent = reasons.map(({ message }) => _(message)).join(" ");
  part(item, "remove").hidden = state !== "unsent";
}
