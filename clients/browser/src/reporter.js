/** @import {Claim, ClientEvent, Clock, MonitorParts, Status, Trouble} from "./types.js" */
/** @import {EventLog} from "./event-log.js" */
import { watchPage } from "./page-activity.js";
import { PresenceWatch } from "./presence.js";

/** Milliseconds between two heartbeats; a longer silence is a finding on the server. */
const HEARTBEAT = 30_000;

/** Decides what is worth an event and writes it into the log: the page, lasting changes of presence, heartbeats. */
export class Reporter {
  #log;
  #clock;
  #page;
  #presence = new PresenceWatch();
  #leavePage = () => {};
  /** @type {unknown} */
  #heartbeat = null;
  /** @type {(event: ClientEvent) => void} */
  onReported = () => {};
  /** @type {() => void} the page goes in this very moment */
  onLeaving = () => {};
  /** @type {(trouble: Trouble) => void} the event could not even be kept */
  onLost = () => {};

  /** @param {{log: EventLog, clock: Clock, page: MonitorParts["page"]}} parts */
  constructor({ log, clock, page }) {
    this.#log = log;
    this.#clock = clock;
    this.#page = page;
  }

  /** @param {() => Readonly<Status>} status what a heartbeat tells */
  start(status) {
    this.#leavePage = watchPage(this.#page, (kind, reason) => {
      this.report(kind, reason);
      if (reason === "page_left") this.onLeaving();
    });
    this.#beat(status);
  }

  stop() {
    this.#leavePage();
    this.#clock.clearTimeout(this.#heartbeat);
  }

  /** @param {Claim} claim */
  observe(claim) {
    const reason = this.#presence.observe(claim, this.#clock.now());
    if (reason) this.report("presence", reason, { face_count: claim.face_count });
  }

  /** @param {string} kind @param {string} reason @param {Record<string, unknown>} [detail] */
  async report(kind, reason, detail) {
    try {
      this.onReported(await this.#log.record(kind, reason, detail));
    } catch (error) {
      this.onLost({ code: "client_error", message: String(error) });
    }
  }

  /** @param {() => Readonly<Status>} status */
  #beat(status) {
    this.#heartbeat = this.#clock.setTimeout(() => {
      const { camera, detector, waiting, claim } = status();
      this.report("heartbeat", "heartbeat", { camera, detector, waiting, claim: claim?.status ?? null });
      this.#beat(status);
    }, HEARTBEAT);
  }
}
