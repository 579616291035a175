/** @import {Clock, Outcome, Trouble} from "./types.js" */
import { Courier } from "./courier.js";
import { Rest } from "./rest.js";

/** Milliseconds that events gather before they are sent, so that a burst is one request. */
const GATHER = 2000;

/** @typedef {"attempt"|"frames"|"events"} Line */

/** The three lines to the server, each with its own courier: trouble with frames holds no event back. */
export class Shipping {
  #couriers;
  #clock;
  /** @type {unknown} */
  #gathering = null;
  /** @type {(line: Line, trouble: Trouble|null) => void} */
  onTrouble = () => {};
  /** @type {(trouble: Trouble) => void} */
  onSignInNeeded = () => {};
  /** @type {(trouble: Trouble) => void} */
  onClosed = () => {};

  /** @param {{send: Record<Line, () => Promise<Outcome>>, clock: Clock, random: () => number}} parts */
  constructor({ send, clock, random }) {
    this.#clock = clock;
    this.#couriers = {
      attempt: new Courier({ send: send.attempt, clock, random }),
      frames: new Courier({ send: send.frames, clock, random }),
      events: new Courier({ send: send.events, clock, random }),
    };
    for (const [line, courier] of this.#lines()) {
      courier.onTrouble = (trouble) => this.onTrouble(line, trouble);
      courier.onSignInNeeded = (trouble) => this.onSignInNeeded(trouble);
      courier.onClosed = (trouble) => this.onClosed(trouble);
    }
  }

  start() {
    for (const [, courier] of this.#lines()) courier.run();
  }

  /** @param {Line} line */
  wake(line) {
    this.#couriers[line].wake();
  }

  /** Sends events soon, together with those that come meanwhile. */
  wakeEventsSoon() {
    this.#gathering ??= this.#clock.setTimeout(() => {
      this.#gathering = null;
      this.wake("events");
    }, GATHER);
  }

  tryNow() {
    for (const [, courier] of this.#lines()) courier.tryNow();
  }

  resume() {
    for (const [, courier] of this.#lines()) courier.resume();
  }

  /**
   * Waits until nothing is left to send or the time is over.
   * @param {() => Promise<number>} countWaiting
   * @param {number} milliseconds
   */
  async flush(countWaiting, milliseconds) {
    const rest = new Rest(this.#clock);
    const end = this.#clock.now() + milliseconds;
    this.wake("events");
    this.tryNow();
    while ((await countWaiting()) > 0 && this.#clock.now() < end) await rest.begin("look again", 100);
  }

  stop() {
    this.#clock.clearTimeout(this.#gathering);
    for (const [, courier] of this.#lines()) courier.stop();
  }

  #lines() {
    return /** @type {[Line, Courier][]} */ (Object.entries(this.#couriers));
  }
}
