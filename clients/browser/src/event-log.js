/** @import {ClientEvent, Clock, Key, Outcome, Trouble} from "./types.js" */
/** @import {AttemptApi} from "./attempt-api.js" */
/** @import {Vault} from "./vault.js" */

/** Events one POST may carry, by the HTTP contract. */
const BATCH_MAX = 200;

/** Events kept while the server cannot be reached: more than eight hours of heartbeats. */
const MAX_EVENTS = 1000;

/** Newest events that are sent once more when the page goes: they fit into what browsers let outlive it. */
const LAST_WORDS_MAX = 100;

/** What happened in the browser, in order, kept until the server has it. Each event has a uuid: twice is once. */
export class EventLog {
  #vault;
  #attemptId;
  #clock;
  /** @type {Map<string, ClientEvent>} by id: what is not answered yet, as far as this visit knows */
  #unanswered = new Map();
  /** @type {(receipt: any) => void} */
  onAnswered = () => {};
  /** @type {(count: number, trouble: Trouble) => void} */
  onDropped = () => {};

  /** @param {{vault: Promise<Vault>, attemptId: string, clock: Clock}} parts */
  constructor({ vault, attemptId, clock }) {
    this.#vault = vault;
    this.#attemptId = attemptId;
    this.#clock = clock;
  }

  /**
   * @param {string} kind
   * @param {string} reason one of the reasons of its kind in the HTTP contract
   * @param {Record<string, unknown>} [detail]
   * @returns {Promise<ClientEvent>}
   */
  async record(kind, reason, detail) {
    /** @type {ClientEvent} */
    const event = { id: crypto.randomUUID(), kind, reason, client_at: new Date(this.#clock.now()).toISOString() };
    if (detail) event.detail = detail;
    this.#unanswered.set(event.id, event);
    if (this.#unanswered.size > LAST_WORDS_MAX) this.#unanswered.delete(this.#unanswered.keys().next().value ?? "");
    const { store } = await this.#vault;
    const number = await store.nextNumber(`event ${this.#attemptId}`, 1);
    const waiting = await this.#keys();
    for (const key of waiting.slice(0, Math.max(0, waiting.length - MAX_EVENTS + 1))) {
      await store.remove("events", key);
      this.onDropped(1, { code: "event_log_full", message: "Too many events were waiting; the oldest one was given up." });
    }
    await store.put("events", [this.#attemptId, number], event);
    return event;
  }

  /** @param {AttemptApi} api @returns {Promise<Outcome>} */
  async sendBatch(api) {
    const { store } = await this.#vault;
    const keys = (await this.#keys()).slice(0, BATCH_MAX);
    if (keys.length === 0) return { kind: "nothing" };
    const events = await Promise.all(keys.map((key) => store.get("events", key)));
    const outcome = await api.postEvents(events);
    if (outcome.kind === "accepted" || outcome.kind === "refused" || outcome.kind === "closed") {
      for (const { id } of events) this.#unanswered.delete(id);
      for (const key of keys) await store.remove("events", key);
    }
    if (outcome.kind === "accepted") this.onAnswered(outcome.body);
    if (outcome.kind === "refused" || outcome.kind === "closed") this.onDropped(keys.length, outcome.trouble);
    return outcome;
  }

  /**
   * Sends what is not answered without waiting for the disk: the page is gone in a moment. What arrives twice has the
   * same id and counts once; what does not arrive waits on the disk for the next visit.
   * @param {AttemptApi} api
   */
  sayLastWords(api) {
    if (this.#unanswered.size > 0) api.postEvents([...this.#unanswered.values()]);
  }

  async waiting() {
    return (await this.#keys()).length;
  }

  /** @returns {Promise<Key[]>} */
  async #keys() {
    const { store } = await this.#vault;
    return (await store.keys("events")).filter((key) => key[0] === this.#attemptId);
  }
}
