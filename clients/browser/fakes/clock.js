/** @import {Clock} from "../src/types.js" */
import { quiet } from "./quiet.js";

/** A clock that stands still until it is told to go on. @implements {Clock} */
export class FakeClock {
  #now = Date.parse("2026-11-02T09:00:00Z");
  #last = 0;
  /** @type {Map<number, {at: number, run: () => void}>} */
  #timers = new Map();

  now = () => this.#now;

  /** @param {() => void} run @param {number} delay */
  setTimeout = (run, delay) => {
    this.#last += 1;
    this.#timers.set(this.#last, { at: this.#now + delay, run });
    return this.#last;
  };

  /** @param {any} handle */
  clearTimeout = (handle) => void this.#timers.delete(handle);

  /** Milliseconds until each timer that is set, soonest first. */
  get pending() {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /** @param {number} milliseconds */
  async advance(milliseconds) {
    const end = this.#now + milliseconds;
    await quiet();
    for (;;) {
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].run();
      await quiet();
    }
    this.#now = end;
  }

  /**
   * Goes on in small steps until it is so.
   * @param {() => unknown} isSo
   * @param {number} [limitSeconds] of this clock
   */
  async until(isSo, limitSeconds = 120) {
    const end = this.#now + limitSeconds * 1000;
    while (!isSo()) {
      if (this.#now > end) throw new Error(`not reached within ${limitSeconds} s: ${isSo}`);
      await this.advance(100);
    }
  }
}
