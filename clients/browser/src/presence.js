/** @import {Claim} from "./types.js" */

/** Milliseconds a state has to last before it is worth an event: one blink of the detector is none. */
const SUSTAINED = 3000;

/** @type {Record<string, string>} */
const REASONS = { no_face: "no_face_detected", several_faces: "several_faces_detected", one_face: "face_returned" };

/** Turns a stream of claims into the few presence events worth telling. */
export class PresenceWatch {
  /** @type {string} what was last told; a page begins with its student there */
  #told = "one_face";
  #current = "one_face";
  #since = 0;

  /**
   * @param {Claim} claim
   * @param {number} now milliseconds
   * @returns {string|null} the reason of the presence event to record
   */
  observe({ status }, now) {
    if (status !== this.#current) {
      this.#current = status;
      this.#since = now;
    }
    if (status === this.#told || status === "unavailable" || now - this.#since < SUSTAINED) return null;
    this.#told = status;
    return REASONS[status];
  }
}
