/** @import {Attempt, Outcome} from "./types.js" */
/** @import {AttemptApi} from "./attempt-api.js" */

/** States in which the server takes frames, and those before them that may still get there. */
const TAKING = new Set(["ready", "started", "error"]);
const NOT_YET = new Set(["created"]);

/** Seconds between two looks at an attempt that is not ready. */
const LOOK_AGAIN_SECONDS = 5;

/** Reads the attempt until it takes frames, and once more whenever somebody doubts what is known of it. */
export class AttemptReader {
  #api;
  #attemptId;
  #isKnown = false;
  /** @type {(attempt: Attempt) => void} */
  onTaking = () => {};

  /** @param {{api: AttemptApi, attemptId: string}} parts */
  constructor({ api, attemptId }) {
    this.#api = api;
    this.#attemptId = attemptId;
  }

  doubt() {
    this.#isKnown = false;
  }

  /** @returns {Promise<Outcome>} */
  async read() {
    if (this.#isKnown) return { kind: "nothing" };
    const outcome = await this.#api.readAttempt();
    if (outcome.kind !== "accepted") return outcome;
    const { id, state } = outcome.body;
    if (id !== this.#attemptId || typeof state !== "string") {
      return { kind: "retry", trouble: { code: "not_a_receipt", message: "Something else than the exam server answered." } };
    }
    if (TAKING.has(state)) {
      this.#isKnown = true;
      this.onTaking(outcome.body);
      return outcome;
    }
    if (NOT_YET.has(state)) {
      const trouble = { code: "attempt_not_ready", message: "The attempt does not take pictures yet." };
      return { kind: "wait", seconds: LOOK_AGAIN_SECONDS, trouble };
    }
    return { kind: "closed", trouble: { code: "attempt_closed", message: `The attempt is ${state}.` } };
  }
}
