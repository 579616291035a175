/** @import {Clock} from "./types.js" */

/** One place to wait in: for a time, until somebody calls, or whichever comes first. */
export class Rest {
  #clock;
  /** @type {(() => void)|null} */
  #end = null;
  /** @type {string|null} */
  #reason = null;
  #missed = new Set();

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * Resolves after the time, or when `wake(reason)` is called; at once when that call came before the rest began.
   * @param {string} reason
   * @param {number} milliseconds Infinity waits for the call alone
   * @returns {Promise<void>}
   */
  begin(reason, milliseconds) {
    if (this.#missed.delete(reason)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = Number.isFinite(milliseconds) ? this.#clock.setTimeout(() => this.#end?.(), milliseconds) : null;
      this.#reason = reason;
      this.#end = () => {
        if (timer !== null) this.#clock.clearTimeout(timer);
        this.#end = null;
        this.#reason = null;
        resolve();
      };
    });
  }

  /** @param {string} reason */
  wake(reason) {
    if (this.#reason === reason) this.#end?.();
    else this.#missed.add(reason);
  }

  /** Ends a rest of that reason, and is forgotten when there is none. @param {string} reason */
  nudge(reason) {
    if (this.#reason === reason) this.#end?.();
  }

  /** Ends whatever rest there is. */
  end() {
    this.#end?.();
  }
}
