import { ServiceProblem } from "./service.js";

/** Rounds whose middle is shown: one slow answer is no slow network. */
const ROUNDS = 5;

/** Half a second: the header tells whole seconds, cut off. */
const HALF_SECOND = 500;

/** Measures the line to the server by what the page sends anyway: its questions and its pictures. */
export class NetworkLine {
  /** @type {number[]} */
  #rounds = [];
  /** @type {Map<number, {at: number, byteCount: number}>} pictures on their way, by number */
  #onTheirWay = new Map();
  /** @type {{milliseconds: number, byteCount: number}|null} of the newest picture */
  upload = null;
  /** @type {number|null} milliseconds by which the server's clock is ahead */
  clockOffset = null;

  /** @returns {number|null} milliseconds from question to answer */
  get answerMilliseconds() {
    const sorted = [...this.#rounds].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  /** Asks the service and takes the time. @param {string} path @returns {Promise<any>} rejects with a ServiceProblem */
  async read(path) {
    const begun = performance.now();
    let response;
    try {
      response = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
    } catch {
      throw new ServiceProblem(0);
    }
    const milliseconds = performance.now() - begun;
    const answer = await response.json().catch(() => null);
    // A hotel's sign-in page says 200 to everything.
    if (!response.ok || answer === null) throw new ServiceProblem(response.ok ? 0 : response.status, answer ?? {});
    this.#note(milliseconds, response.headers.get("Date"));
    return answer;
  }

  /** @param {EventTarget} monitor */
  watch(monitor) {
    monitor.addEventListener("frame-captured", (event) => {
      const { seq, byteCount } = /** @type {CustomEvent} */ (event).detail;
      this.#onTheirWay.set(seq, { at: performance.now(), byteCount });
    });
    monitor.addEventListener("frame-answered", (event) => {
      const sent = this.#onTheirWay.get(/** @type {CustomEvent} */ (event).detail.seq);
      if (!sent) return;
      this.#onTheirWay.delete(/** @type {CustomEvent} */ (event).detail.seq);
      this.upload = { milliseconds: performance.now() - sent.at, byteCount: sent.byteCount };
    });
  }

  /** @param {number} milliseconds @param {string|null} date the header */
  #note(milliseconds, date) {
    this.#rounds = [...this.#rounds, milliseconds].slice(-ROUNDS);
    const answeredAt = Date.parse(date ?? "") + HALF_SECOND;
    if (!Number.isNaN(answeredAt)) this.clockOffset = answeredAt - (Date.now() - milliseconds / 2);
  }
}
