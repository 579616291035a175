import { createHash } from "node:crypto";

/** @typedef {{method: string, path: string, headers: Record<string, string>, body: Buffer}} Sent */

/** The server's side of the HTTP contract, as far as the monitor meets it. `fetch` is bound and can be handed over. */
export class FakeServer {
  /** @type {Map<number, Sent & {sha256: string}>} */
  frames = new Map();
  /** @type {number[]} in the order they came, repeated ones too */
  arrivals = [];
  /** @type {Map<string, any>} */
  events = new Map();
  /** @type {Sent[]} */
  requests = [];
  state = "started";
  nextSeq = 1;
  intervalSeconds = 5;
  /** @type {any} */
  lastVerification = null;
  isReachable = true;
  /** @type {(() => number)|null} milliseconds; answers then carry a Date */
  now = null;
  /** @type {(sent: Sent) => Response|null|undefined|void} an answer instead of the usual one */
  instead = () => null;

  /** @type {typeof globalThis.fetch} */
  fetch = async (url, init = {}) => {
    if (!this.isReachable) throw new TypeError("fetch failed");
    const body = Buffer.from(await new Response(init.body).arrayBuffer());
    const sent = { method: init.method ?? "GET", path: String(url), headers: /** @type {Record<string, string>} */ (init.headers), body };
    this.requests.push(sent);
    const answer = this.instead(sent) ?? this.#answer(sent);
    if (this.now) answer.headers.set("Date", new Date(this.now()).toUTCString());
    return answer;
  };

  /** @param {"GET"|"PUT"|"POST"} method */
  count(method) {
    return this.requests.filter((sent) => sent.method === method).length;
  }

  /** @param {string} reason */
  eventsOf(reason) {
    return [...this.events.values()].filter((event) => event.reason === reason);
  }

  /** @param {Sent} sent */
  #answer(sent) {
    if (sent.method === "GET") {
      const id = decodeURIComponent(sent.path.split("/").at(-1) ?? "");
      const attempt = { id, state: this.state, next_seq: this.nextSeq, ticket: "first", frame_interval_seconds: this.intervalSeconds };
      return Response.json(attempt);
    }
    return sent.method === "PUT" ? this.#takeFrame(sent) : this.#takeEvents(sent);
  }

  /** @param {Sent} sent */
  #takeFrame(sent) {
    const seq = Number(sent.path.split("/").at(-1));
    const sha256 = createHash("sha256").update(sent.body).digest("hex");
    const known = this.frames.get(seq);
    if (known && known.sha256 !== sha256) return problem(409, "frame_conflict");
    this.arrivals.push(seq);
    this.frames.set(seq, { ...sent, sha256 });
    const next = { ticket: `after ${seq}`, interval_seconds: this.intervalSeconds };
    return Response.json({ seq, sha256, received_at: "2026-11-02T09:00:00.000000Z", next, last_verification: this.lastVerification }, { status: 202 });
  }

  /** @param {Sent} sent */
  #takeEvents(sent) {
    const { events } = JSON.parse(sent.body.toString());
    const fresh = events.filter((/** @type {any} */ event) => !this.events.has(event.id));
    for (const event of fresh) this.events.set(event.id, event);
    return Response.json({ accepted: fresh.length, duplicates: events.length - fresh.length }, { status: 202 });
  }
}

/** @param {number} status @param {string} code @param {Record<string, string>} [headers] */
export function problem(status, code, headers = {}) {
  const body = JSON.stringify({ type: `/problems/${code}`, status, code, detail: `It is ${code}.` });
  return new Response(body, { status, headers: { "Content-Type": "application/problem+json", ...headers } });
}
