/** @import {Clock, Status, Trouble} from "./types.js" */

/** The one place that knows what a page may show. Says so only when something changed. */
export class StatusBoard {
  #clock;
  /** @type {Map<string, Trouble & {at: Date}>} the last trouble of each source that has not gone well since */
  #troubles = new Map();
  /** @type {Readonly<Status>} */
  current = Object.freeze({
    running: true,
    role: "capturing",
    camera: "opening",
    detector: "loading",
    storage: "opening",
    claim: null,
    intervalSeconds: 5,
    waiting: 0,
    waitingEvents: 0,
    lastCapturedAt: null,
    lastSentAt: null,
    clockOffsetSeconds: null,
    signInNeeded: false,
    lastError: null,
  });
  /** @type {(status: Readonly<Status>) => void} */
  onChange = () => {};

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {Partial<Status>} change */
  set(change) {
    const names = /** @type {(keyof Status)[]} */ (Object.keys(change));
    if (names.every((name) => change[name] === this.current[name])) return;
    this.current = Object.freeze({ ...this.current, ...change });
    this.onChange(this.current);
  }

  /** @param {string} source @param {Trouble|null} trouble null: that source is well again */
  setTrouble(source, trouble) {
    this.#troubles.delete(source);
    if (trouble) this.#troubles.set(source, { ...trouble, at: new Date(this.#clock.now()) });
    this.set({ lastError: [...this.#troubles.values()].at(-1) ?? null });
  }
}
