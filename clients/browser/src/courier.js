/** @import {Clock, Outcome, Trouble} from "./types.js" */
import { Rest } from "./rest.js";

/** Milliseconds before the second try, and the longest pause between two tries. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/**
 * Sends one thing after the other for as long as it is told to, and knows how long to leave the server alone:
 * doubling pauses with jitter after trouble, the server's own time when it names one, and until somebody has
 * signed in again when it asks for that.
 */
export class Courier {
  #send;
  #random;
  #rest;
  #failures = 0;
  #isRunning = true;
  /** @type {(trouble: Trouble|null) => void} null: the last thing went well */
  onTrouble = () => {};
  /** @type {(trouble: Trouble) => void} */
  onSignInNeeded = () => {};
  /** @type {(trouble: Trouble) => void} */
  onClosed = () => {};

  /** @param {{send: () => Promise<Outcome>, clock: Clock, random: () => number}} parts */
  constructor({ send, clock, random }) {
    this.#send = send;
    this.#random = random;
    this.#rest = new Rest(clock);
  }

  async run() {
    while (this.#isRunning) await this.#restAfter(await this.#sendOne());
  }

  /** There is something new to send. */
  wake() {
    this.#rest.wake("work");
  }

  /** The network is said to be back: no need to wait for the back-off. A time the server named still holds. */
  tryNow() {
    this.#rest.nudge("back-off");
  }

  resume() {
    this.#rest.nudge("sign-in");
  }

  stop() {
    this.#isRunning = false;
    this.#rest.end();
  }

  /** @returns {Promise<Outcome>} */
  async #sendOne() {
    try {
      return await this.#send();
    } catch (error) {
      // The edge of the loop: a disk that fails for a moment must not end the sending for good.
      return { kind: "retry", trouble: { code: "client_error", message: String(error) } };
    }
  }

  /** @param {Outcome} outcome @returns {Promise<void>} */
  async #restAfter(outcome) {
    if (!this.#isRunning) return;
    if ("trouble" in outcome) this.onTrouble(outcome.trouble);
    switch (outcome.kind) {
      case "accepted":
        this.#failures = 0;
        return this.onTrouble(null);
      case "refused":
        this.#failures = 0;
        return;
      case "nothing":
        return this.#rest.begin("work", Infinity);
      case "retry":
        this.#failures += 1;
        return this.#rest.begin("back-off", this.#backOff());
      case "wait":
        return this.#rest.begin("server's time", (outcome.seconds + this.#random()) * 1000);
      case "sign_in":
        this.onSignInNeeded(outcome.trouble);
        return this.#rest.begin("sign-in", Infinity);
      case "closed":
        this.#isRunning = false;
        return this.onClosed(outcome.trouble);
    }
  }

  /** Half of the pause is left to chance, so that a room full of students does not knock at the same moment. */
  #backOff() {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1));
    return pause * (0.5 + 0.5 * this.#random());
  }
}
