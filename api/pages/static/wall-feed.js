/** @typedef {"connecting"|"live"|"lost"|"signed-out"} Standing */
/** @typedef {{addEventListener: (name: string, hear: (event: any) => void) => void, close: () => void}} Source */
/** @typedef {{load: (points: number) => Promise<any>, open: (cursor: string) => Source, onSnapshot: (snapshot: any, isFirst: boolean) => void, onEvent: (kind: string, data: any) => void, onStanding: () => void}} Parts */

/** Milliseconds without any sign before the connection counts as dead; signs of life come every five seconds. */
const PATIENCE = 12_000;

/** Milliseconds after which what the database was last read says is old. */
const FRESH = 10_000;

/** Milliseconds between two snapshots, which tell what events do not: waiting frames, and frames without a verdict. */
const REFRESH = 15_000;

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

const POINTS = 60;

const KINDS = ["verification", "incident", "attempt"];

/** Keeps a page up to date: a snapshot, then events, and both again whenever the connection was lost. */
export class WallFeed {
  /** @type {Standing} */
  #standing = "connecting";
  #parts;
  /** @type {Source|null} */
  #source = null;
  #heardAt = 0;
  #failures = 0;
  #hasShown = false;
  /** Milliseconds by which the server's clock is ahead of this computer's. */
  #offset = 0;
  /** @type {number|null} */
  #readAt = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #again;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  start() {
    setInterval(() => this.#watch(), 1000);
    // Walls that opened together must not ask together for ever.
    setInterval(() => this.#refresh(), REFRESH * (0.8 + 0.4 * Math.random()));
    return this.#connect();
  }

  /** Milliseconds by the server's clock. */
  serverNow() {
    return Date.now() + this.#offset;
  }

  /** How old what the page shows is, in milliseconds; null before anything was shown. */
  age() {
    return this.#readAt === null ? null : Math.max(0, this.serverNow() - this.#readAt);
  }

  /** The moment of which what is shown is true: nobody falls silent because this page lost its connection. */
  shownAt() {
    return this.standing === "live" || this.#readAt === null ? this.serverNow() : this.#readAt;
  }

  /** @returns {Standing} */
  get standing() {
    const age = this.age();
    return this.#standing === "live" && age !== null && age > FRESH ? "lost" : this.#standing;
  }

  async #connect() {
    const snapshot = await this.#load(POINTS);
    if (!snapshot || this.#standing === "signed-out") return;
    const source = this.#parts.open(snapshot.read_at);
    this.#source = source;
    this.#heardAt = Date.now();
    /** @param {string} name @param {(data: any) => void} act */
    const on = (name, act) =>
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        this.#heardAt = Date.now();
        act(event.data ? JSON.parse(event.data) : null);
      });
    for (const kind of KINDS) on(kind, (data) => this.#parts.onEvent(kind, data));
    on("hello", (data) => this.#note(data));
    on("alive", (data) => this.#note(data));
    on("lost", () => this.#load(POINTS));
    on("end", ({ reason }) => (reason === "not_signed_in" ? this.#signOut() : this.#drop()));
    on("error", () => this.#drop());
  }

  /** @param {number} points @returns {Promise<any>} null when it did not work */
  async #load(points) {
    try {
      const snapshot = await this.#parts.load(points);
      this.#parts.onSnapshot(snapshot, !this.#hasShown);
      this.#hasShown = true;
      this.#readAt = Math.max(this.#readAt ?? 0, Date.parse(snapshot.read_at));
      return snapshot;
    } catch (problem) {
      const status = /** @type {any} */ (problem)?.status;
      if (status === 401 || status === 403) this.#signOut();
      else if (points) this.#drop();
      return null;
    }
  }

  /** @param {{read_at: string, now: string}} standing */
  #note({ read_at: readAt, now }) {
    this.#failures = 0;
    this.#offset = Date.parse(now) - Date.now();
    this.#readAt = Math.max(this.#readAt ?? 0, Date.parse(readAt));
    this.#stand("live");
  }

  #watch() {
    if (this.#source && Date.now() - this.#heardAt > PATIENCE) this.#drop();
    this.#parts.onStanding();
  }

  #refresh() {
    if (this.#source) this.#load(0);
  }

  #drop() {
    this.#close();
    if (this.#standing === "signed-out" || this.#again !== undefined) return;
    this.#stand("lost");
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures += 1;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#connect();
    }, pause * (0.8 + 0.4 * Math.random()));
  }

  #signOut() {
    this.#close();
    this.#stand("signed-out");
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  /** @param {Standing} standing */
  #stand(standing) {
    this.#standing = standing;
    this.#parts.onStanding();
  }
}
