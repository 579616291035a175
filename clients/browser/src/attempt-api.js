/** @import {ClientEvent, Clock, Frame, Outcome} from "./types.js" */
import { readAnswer } from "./answers.js";
import { base64OfHex } from "./digest.js";
import { clockOffset } from "./server-clock.js";

/** Milliseconds after which a request without an answer is given up and tried again. */
const REQUEST_LIMIT = 30_000;

/** Browsers refuse keepalive requests that carry more than 64 KiB in all; it lets the last events outlive the page. */
const KEEPALIVE_MAX_BYTES = 32 * 1024;

/** The three requests of the HTTP contract that a monitored page makes. None of them rejects. */
export class AttemptApi {
  #url;
  #fetch;
  #clock;
  csrfToken;
  /** @type {(seconds: number) => void} how far the server's clock is ahead of this one */
  onClockOffset = () => {};

  /** @param {{apiUrl: string, attemptId: string, csrfToken: string, fetch: typeof globalThis.fetch, clock: Clock}} parts */
  constructor({ apiUrl, attemptId, csrfToken, fetch, clock }) {
    this.#url = `${apiUrl}/attempts/${encodeURIComponent(attemptId)}`;
    this.#fetch = fetch;
    this.#clock = clock;
    this.csrfToken = csrfToken;
  }

  /** @returns {Promise<Outcome>} */
  readAttempt() {
    return this.#ask("", { method: "GET" });
  }

  /** @param {Frame} frame @returns {Promise<Outcome>} */
  async putFrame(frame) {
    /** @type {Record<string, string>} */
    const headers = {
      "Content-Type": "image/jpeg",
      "Content-Digest": `sha-256=:${base64OfHex(frame.sha256)}:`,
      "X-Captured-At": frame.capturedAt,
      "X-Client-Claim": asciiJson(frame.claim),
    };
    if (frame.ticket) headers["X-Capture-Ticket"] = frame.ticket;
    const body = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (frame.jpeg)]);
    const outcome = await this.#ask(`/frames/${frame.seq}`, { method: "PUT", headers, body });
    if (outcome.kind === "accepted" && (outcome.body.seq !== frame.seq || outcome.body.sha256 !== frame.sha256)) {
      // A hotel's sign-in page says 200 to everything; only a receipt for these bytes lets the frame go.
      return { kind: "retry", trouble: { code: "not_a_receipt", message: "Something else than the exam server answered." } };
    }
    return outcome;
  }

  /** @param {ClientEvent[]} events @returns {Promise<Outcome>} */
  async postEvents(events) {
    const body = JSON.stringify({ events });
    const keepalive = body.length <= KEEPALIVE_MAX_BYTES;
    const outcome = await this.#ask("/events", { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive });
    if (outcome.kind === "accepted" && !Number.isInteger(outcome.body.accepted)) {
      return { kind: "retry", trouble: { code: "not_a_receipt", message: "Something else than the exam server answered." } };
    }
    return outcome;
  }

  /** @param {string} path @param {RequestInit} request @returns {Promise<Outcome>} */
  async #ask(path, request) {
    const giveUp = new AbortController();
    const timer = this.#clock.setTimeout(() => giveUp.abort(), REQUEST_LIMIT);
    const headers = { ...request.headers, Accept: "application/json", "X-CSRF-Token": this.csrfToken };
    const fetch = this.#fetch;
    try {
      const options = { ...request, headers, credentials: /** @type {const} */ ("same-origin"), cache: /** @type {const} */ ("no-store"), signal: giveUp.signal };
      const asked = this.#clock.now();
      const response = await fetch(this.#url + path, options);
      const offset = clockOffset(response.headers.get("Date"), asked, this.#clock.now());
      const outcome = await readAnswer(response);
      // The clock of a hotel's sign-in page is nobody's business.
      if (offset !== null && outcome.kind === "accepted") this.onClockOffset(offset);
      return outcome;
    } catch {
      const code = giveUp.signal.aborted ? "no_answer" : "network_error";
      return { kind: "retry", trouble: { code, message: "The exam server cannot be reached." } };
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}

/** JSON for a header: nothing but ASCII may stand there. @param {unknown} value */
function asciiJson(value) {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
