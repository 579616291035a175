import { clockWords } from "./attempt-words.js";
import { say } from "./elements.js";
import { ngettext } from "./i18n.js";

/** Minutes before the end at which a screen reader is told. */
const ANNOUNCED_MINUTES = [60, 30, 10, 5, 1];

/** Shows the time left by the server's clock and says when it is over. */
export class Countdown {
  #shown;
  #announcement;
  #serverNow;
  #onOver;
  /** @type {number|undefined} */
  #timer;
  #lastSeconds = Infinity;

  /** @param {{shown: HTMLElement, announcement: HTMLElement, serverNow: () => number, onOver: () => void}} parts */
  constructor({ shown, announcement, serverNow, onOver }) {
    this.#shown = shown;
    this.#announcement = announcement;
    this.#serverNow = serverNow;
    this.#onOver = onOver;
  }

  /** @param {string} deadline RFC 3339 */
  start(deadline) {
    this.stop();
    this.#timer = setInterval(() => this.#tick(Date.parse(deadline)), 250);
    this.#tick(Date.parse(deadline));
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** @param {number} deadline milliseconds since 1970 */
  #tick(deadline) {
    const seconds = (deadline - this.#serverNow()) / 1000;
    say(this.#shown, clockWords(seconds));
    const passed = ANNOUNCED_MINUTES.find((minutes) => seconds <= minutes * 60 && this.#lastSeconds > minutes * 60);
    if (passed && this.#lastSeconds !== Infinity) say(this.#announcement, ngettext("%(num)s minute left.", "%(num)s minutes left.", passed));
    this.#lastSeconds = seconds;
    if (seconds > 0) return;
    this.stop();
    this.#onOver();
  }
}
