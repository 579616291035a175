/**
 * Saves answers one after the other and never gives one up: what the server has not confirmed is kept on this disk, over
 * a reload or a crash too. Each answer carries the revision it follows, so that two tabs cannot undo each other's work.
 *
 * @typedef {{choice_ids?: string[], text?: string}} Value
 * @typedef {{revision: number, value: Value, received_at?: string}} Stored what the server has
 * @typedef {"saved"|"waiting"|"failing"|"conflict"|"refused"} State
 *
 * @typedef {object} Answer
 * @property {Stored} stored
 * @property {Value|null} draft not confirmed yet
 * @property {Value|null} sent the draft of the request under way or of the last one that got no answer
 * @property {Stored|null} conflict what somebody else saved meanwhile
 * @property {string|null} refused why the server does not take it
 *
 * @typedef {{value: Value, revision: number}} Draft on the revision that was stored when it was made
 *
 * @typedef {object} Disk one place for each question: a second tab does not write over this one's drafts
 * @property {() => Record<string, Draft>} load
 * @property {(questionId: string, draft: Draft|null) => void} save null: nothing is kept of it any more
 */

/** Milliseconds between the last key and the save. */
const TYPING_PAUSE = 800;

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 20_000;

export class AnswerSaver extends EventTarget {
  #send;
  #disk;
  #clock;
  /** @type {Map<string, Answer>} */
  #answers = new Map();
  /** @type {unknown} */
  #timer = null;
  #failures = 0;
  #isSending = false;
  /** @type {Set<string>} questions whose request is on its way */
  #underWay = new Set();
  #isStopped = false;
  /** @type {unknown} the trouble of the last request, null when it went well */
  trouble = null;

  /**
   * @param {object} parts
   * @param {(questionId: string, body: {value: Value, revision: number}, how?: {keepalive?: boolean}) => Promise<Stored>} parts.send rejects with a problem that has status, code, body
   * @param {Disk} parts.disk
   * @param {{setTimeout: (run: () => void, milliseconds: number) => unknown, clearTimeout: (handle: any) => void}} [parts.clock]
   */
  constructor({ send, disk, clock = { setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: (handle) => clearTimeout(handle) } }) {
    super();
    this.#send = send;
    this.#disk = disk;
    this.#clock = clock;
  }

  /** What the server has, and over it what this disk kept. @param {{id: string, answer: Stored|null}[]} questions */
  open(questions) {
    const kept = this.#disk.load();
    for (const { id, answer } of questions) {
      const stored = answer ?? { revision: 0, value: {} };
      const draft = kept[id] && !isSame(kept[id].value, stored.value) ? kept[id].value : null;
      // Kept on an older revision than the server has: somebody else saved since.
      const conflict = draft && kept[id].revision < stored.revision ? stored : null;
      this.#answers.set(id, { stored, draft, sent: draft, conflict, refused: null });
      this.#keep(id);
    }
    if (this.waiting.length) this.#soon(0);
  }

  /** @param {string} id @returns {Value} as the student sees it */
  valueOf(id) {
    const { draft, stored } = this.#of(id);
    return draft ?? stored.value;
  }

  /** @param {string} id @returns {{state: State, savedAt: string|null, refused: string|null}} */
  stateOf(id) {
    const { draft, conflict, refused, stored } = this.#of(id);
    const savedAt = stored.received_at ?? null;
    if (refused) return { state: "refused", savedAt, refused };
    if (conflict) return { state: "conflict", savedAt, refused };
    if (draft === null) return { state: "saved", savedAt, refused };
    return { state: this.trouble ? "failing" : "waiting", savedAt, refused };
  }

  /** @param {string} id @returns {Stored|null} */
  conflictOf(id) {
    return this.#of(id).conflict;
  }

  /** Ids of the questions whose newest answer the server does not have yet. */
  get waiting() {
    return [...this.#answers].filter(([, { draft, conflict, refused }]) => draft !== null && !conflict && !refused).map(([id]) => id);
  }

  /** Ids of the questions whose answer here waits for the student: changed elsewhere, or not taken. */
  get unsettled() {
    return [...this.#answers].filter(([, { conflict, refused }]) => conflict || refused).map(([id]) => id);
  }

  /** @param {string} id @param {Value} value @param {{isTyping?: boolean}} [how] */
  change(id, value, { isTyping = false } = {}) {
    const answer = this.#of(id);
    answer.draft = isSame(value, answer.stored.value) && !answer.sent ? null : value;
    answer.refused = null;
    this.#keep(id);
    this.#tell(id);
    // After a failure the next try has its time already, the server's where it told one.
    const isPlanned = this.trouble !== null && this.#timer !== null;
    if (answer.draft !== null && !answer.conflict && !isPlanned) this.#soon(isTyping ? TYPING_PAUSE : 0);
  }

  /** @param {string} id @param {"mine"|"theirs"} choice */
  settle(id, choice) {
    const answer = this.#of(id);
    if (!answer.conflict) return;
    answer.stored = answer.conflict;
    answer.conflict = null;
    answer.sent = null;
    if (choice === "theirs") answer.draft = null;
    this.#keep(id);
    this.#tell(id);
    if (answer.draft !== null) this.#soon(0);
  }

  /** Another page of this browser saved. @param {string} id @param {Stored} stored */
  heard(id, stored) {
    const answer = this.#answers.get(id);
    if (!answer || answer.draft !== null || stored.revision <= answer.stored.revision) return;
    answer.stored = stored;
    this.#tell(id);
  }

  /** The network is back, or the student asks for it: no need to wait. */
  saveNow() {
    this.#failures = 0;
    return this.#run();
  }

  /** The page may be gone in a moment: everything is sent at once, in requests that outlive it. */
  async leave() {
    if (this.#isStopped) return;
    await Promise.all(this.#unsent.map((id) => this.#saveOne(id, { keepalive: true })));
    if (this.#unsent.length > 0 && !this.#isSending && !this.#isStopped) this.#soon(FIRST_PAUSE);
  }

  /** Tries until everything is saved or the time is over. @param {number} milliseconds @returns {Promise<number>} how many are left */
  async flush(milliseconds) {
    let isOver = false;
    const timer = this.#clock.setTimeout(() => (isOver = true), milliseconds);
    while (this.waiting.length > 0 && !isOver) {
      await this.saveNow();
      if (this.waiting.length > 0) await new Promise((resolve) => this.#clock.setTimeout(() => resolve(undefined), 250));
    }
    this.#clock.clearTimeout(timer);
    return this.waiting.length;
  }

  /** Everything was handed in: nothing of it stays on this disk. */
  forget() {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    for (const id of this.#answers.keys()) this.#disk.save(id, null);
  }

  /** @param {string} id @returns {Answer} */
  #of(id) {
    const answer = this.#answers.get(id);
    if (!answer) throw new TypeError(`There is no question ${id}.`);
    return answer;
  }

  /** @param {number} milliseconds */
  #soon(milliseconds) {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#run(), milliseconds);
  }

  /** Ids that wait and are not on their way. */
  get #unsent() {
    return this.waiting.filter((id) => !this.#underWay.has(id));
  }

  #clearTimer() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #run() {
    if (this.#isSending || this.#isStopped) return;
    this.#isSending = true;
    this.#clearTimer();
    let pauseMilliseconds = null;
    for (const id of this.#unsent) {
      // Sent by `leave`, or taken back, while this waited for the ones before it.
      if (!this.#unsent.includes(id)) continue;
      pauseMilliseconds = await this.#saveOne(id);
      if (pauseMilliseconds !== null || this.#isStopped) break;
    }
    this.#isSending = false;
    if (this.#unsent.length > 0 && !this.#isStopped) this.#soon(pauseMilliseconds ?? 0);
  }

  /** @param {string} id @param {{keepalive?: boolean}} [how] @returns {Promise<number|null>} milliseconds to wait before the next try */
  async #saveOne(id, how) {
    const answer = this.#of(id);
    const value = /** @type {Value} */ (answer.draft);
    const before = answer.sent;
    answer.sent = value;
    this.#underWay.add(id);
    try {
      const stored = await this.#send(id, { value, revision: answer.stored.revision + 1 }, how);
      this.#accept(answer, stored, value);
    } catch (error) {
      const problem = /** @type {any} */ (error);
      if (problem.code === "answer_conflict") this.#meetConflict(answer, problem.body?.current ?? null, before);
      else if (problem.status === 422) answer.refused = problem.message;
      else return this.#fail(problem);
    } finally {
      this.#underWay.delete(id);
    }
    this.#recover();
    this.#keep(id);
    this.#tell(id);
    return null;
  }

  /** @param {Answer} answer @param {Stored} stored @param {Value} value that was sent */
  #accept(answer, stored, value) {
    answer.stored = stored;
    answer.sent = null;
    // Typed on meanwhile: the rest follows.
    if (answer.draft !== null && isSame(answer.draft, value)) answer.draft = null;
    this.dispatchEvent(new CustomEvent("saved", { detail: stored }));
  }

  /** @param {Answer} answer @param {Stored|null} current @param {Value|null} before what an earlier request carried that got no answer */
  #meetConflict(answer, current, before) {
    answer.sent = null;
    if (!current) {
      answer.stored = { revision: 0, value: {} };
      return;
    }
    const isOurs = (before && isSame(current.value, before)) || isSame(current.value, answer.draft ?? {});
    if (!isOurs) {
      answer.conflict = current;
      return;
    }
    // Our own earlier request did arrive, only its answer did not.
    answer.stored = current;
    if (isSame(current.value, answer.draft ?? {})) answer.draft = null;
  }

  /** @param {any} problem @returns {number} */
  #fail(problem) {
    this.trouble = problem;
    this.#failures += 1;
    this.dispatchEvent(new CustomEvent("trouble", { detail: problem }));
    for (const id of this.waiting) this.#tell(id);
    if (problem.retryAfterSeconds) return problem.retryAfterSeconds * 1000;
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
  }

  #recover() {
    this.#failures = 0;
    if (this.trouble === null) return;
    this.trouble = null;
    this.dispatchEvent(new CustomEvent("trouble", { detail: null }));
  }

  /** @param {string} id */
  #keep(id) {
    if (this.#isStopped) return;
    const { draft, stored } = this.#of(id);
    this.#disk.save(id, draft === null ? null : { value: draft, revision: stored.revision });
  }

  /** @param {string} id */
  #tell(id) {
    this.dispatchEvent(new CustomEvent("change", { detail: { id } }));
  }
}

/** @param {Value} value @returns {boolean} */
export function isEmpty(value) {
  return !value.choice_ids?.length && !value.text?.trim();
}

/** @param {Value} one @param {Value} other @returns {boolean} */
export function isSame(one, other) {
  const chosen = (/** @type {Value} */ value) => [...(value.choice_ids ?? [])].sort().join();
  // The server keeps texts without outer blanks, and in one way of writing accents.
  const written = (/** @type {Value} */ value) => (value.text ?? "").normalize().trim();
  return chosen(one) === chosen(other) && written(one) === written(other);
}

const DISK_PREFIX = "face-monitor answers ";

/** @returns {string[]} places of drafts of any attempt */
function draftKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(DISK_PREFIX));
  } catch {
    return [];
  }
}

/** Whether this disk has an answer that the server has not confirmed. */
export function hasDrafts() {
  return draftKeys().length > 0;
}

export function forgetAllDrafts() {
  for (const key of draftKeys()) localStorage.removeItem(key);
}

/** Drafts of one attempt in localStorage; without it a reload loses what was not saved. @param {string} attemptId @returns {Disk} */
export function diskOf(attemptId) {
  const prefix = `${DISK_PREFIX}${attemptId} `;
  return {
    load() {
      /** @type {Record<string, Draft>} */
      const found = {};
      try {
        for (const key of draftKeys().filter((one) => one.startsWith(prefix))) {
          found[key.slice(prefix.length)] = JSON.parse(localStorage.getItem(key) ?? "");
        }
      } catch {
        // Forbidden, or not ours: what could be read counts.
      }
      return found;
    },
    save(questionId, draft) {
      try {
        if (draft) localStorage.setItem(prefix + questionId, JSON.stringify(draft));
        else localStorage.removeItem(prefix + questionId);
      } catch {
        // A full or forbidden disk: the server is asked at once all the same.
      }
    },
  };
}
