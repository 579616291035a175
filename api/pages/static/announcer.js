import { say } from "./elements.js";

/** Milliseconds between two announcements: a screen reader must be able to finish its sentence. */
const PAUSE = 5000;

/** Reads things out with measure: the newest words only, never the same ones twice in a row. */
export class Announcer {
  #element;
  #now;
  #lastAt = -Infinity;
  #waiting = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {HTMLElement} element a live region @param {() => number} [now] milliseconds */
  constructor(element, now = () => performance.now()) {
    this.#element = element;
    this.#now = now;
  }

  /** @param {string} text */
  say(text) {
    this.#waiting = text;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#speak(), Math.max(0, this.#lastAt + PAUSE - this.#now()));
  }

  #speak() {
    this.#timer = undefined;
    if (this.#element.textContent === this.#waiting) return;
    this.#lastAt = this.#now();
    say(this.#element, this.#waiting);
  }
}
