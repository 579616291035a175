import { part, say } from "./elements.js";
import { _ } from "./i18n.js";
import { nextPose } from "./poses.js";

/** @typedef {{state: string, reasons: {message: string}[]}} ImageAnswer */
/** @typedef {{blob: Blob, pose: number|null, state: string, item: HTMLElement}} Taken */

/** How a chip shows each state. @type {Record<string, () => [text: string, tone: string]>} */
const STATES = {
  unsent: () => [_("Not sent yet"), "plain"],
  pending: () => [_("Being checked"), "plain"],
  accepted: () => [_("Accepted"), "good"],
  refused: () => [_("Not usable"), "bad"],
};

/** The pictures that were taken or chosen, in their order, with what the server said to each. Each one can be taken again. */
export class Pictures {
  #list;
  #template;
  #onChange;
  #onAgain;
  /** @type {Taken[]} */
  #taken = [];
  /** @type {Taken|null} the one that the next picture replaces */
  #again = null;

  /** @param {{list: HTMLElement, template: HTMLTemplateElement, onChange: () => void, onAgain: () => void}} parts */
  constructor({ list, template, onChange, onAgain }) {
    this.#list = list;
    this.#template = template;
    this.#onChange = onChange;
    this.#onAgain = onAgain;
  }

  get blobs() {
    return this.#taken.map(({ blob }) => blob);
  }

  get count() {
    return this.#taken.length;
  }

  /** Whether something in the list is not known to the server. */
  get hasNews() {
    return this.#taken.some(({ state }) => state === "unsent");
  }

  /** What the next picture is for. */
  get next() {
    const again = this.#again;
    if (again) return { pose: again.pose, again: this.#taken.indexOf(again) + 1 };
    return { pose: nextPose(this.#taken.map(({ pose }) => pose)), again: null };
  }

  /** Adds a picture, or puts it in the place of the one that was to be taken again. @param {Blob} blob @param {number|null} pose */
  add(blob, pose) {
    const replaced = this.#again;
    if (replaced) {
      this.#again = null;
      Object.assign(replaced, { blob, state: "unsent" });
      this.#draw(replaced, { state: "unsent", reasons: [] });
    } else {
      const item = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
      const taken = { blob, pose, state: "unsent", item };
      part(item, "again").addEventListener("click", () => this.#takeAgain(taken));
      part(item, "remove").addEventListener("click", () => this.#remove(taken));
      this.#list.append(item);
      this.#taken.push(taken);
      this.#draw(taken, { state: "unsent", reasons: [] });
    }
    this.#onChange();
  }

  /** @param {ImageAnswer[]} answers one for each picture, in order */
  showAnswers(answers) {
    answers.forEach((answer, index) => {
      const taken = this.#taken[index];
      if (!taken) return;
      taken.state = answer.state;
      this.#draw(taken, answer);
    });
    this.#again = this.#taken.find(({ state }) => state === "refused") ?? null;
    this.#onChange();
  }

  /** None is known to the server any more: sending failed. */
  takeBack() {
    for (const taken of this.#taken) {
      taken.state = "unsent";
      this.#draw(taken, { state: "unsent", reasons: [] });
    }
    this.#onChange();
  }

  /** @param {Taken} taken */
  #takeAgain(taken) {
    this.#again = taken;
    this.#onChange();
    this.#onAgain();
  }

  /** @param {Taken} taken */
  #remove(taken) {
    const at = this.#taken.indexOf(taken);
    this.#taken.splice(at, 1);
    if (this.#again === taken) this.#again = null;
    URL.revokeObjectURL(imageOf(taken).src);
    taken.item.remove();
    this.#taken.forEach((one, index) => number(one, index));
    // The focus would be lost with the button it stood on.
    const neighbour = this.#taken[Math.min(at, this.#taken.length - 1)];
    if (neighbour) part(neighbour.item, "remove").focus();
    this.#onChange();
  }

  /** @param {Taken} taken @param {ImageAnswer} answer */
  #draw(taken, { state, reasons }) {
    const image = imageOf(taken);
    if (image.dataset.size !== String(taken.blob.size)) {
      if (image.src) URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(taken.blob);
      image.dataset.size = String(taken.blob.size);
    }
    number(taken, this.#taken.indexOf(taken));
    const chip = part(taken.item, "state");
    const [text, tone] = STATES[state]?.() ?? [state, "plain"];
    say(chip, text);
    chip.className = `chip ${tone}`;
    say(part(taken.item, "reasons"), reasons.map(({ message }) => _(message)).join(" "));
    for (const name of ["again", "remove"]) part(taken.item, name).hidden = state === "pending";
    taken.item.dataset.state = state;
  }
}

/** @param {Pick<Taken, "item">} taken @returns {HTMLImageElement} */
function imageOf({ item }) {
  return /** @type {HTMLImageElement} */ (item.querySelector("img"));
}

/** @param {Taken} taken @param {number} index */
function number({ item }, index) {
  imageOf({ item }).alt = _("Picture %(number)s", { number: index + 1 });
  part(item, "again").setAttribute("aria-label", _("Take picture %(number)s again", { number: index + 1 }));
  part(item, "remove").setAttribute("aria-label", _("Remove picture %(number)s", { number: index + 1 }));
}
