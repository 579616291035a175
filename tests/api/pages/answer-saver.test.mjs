import assert from "node:assert/strict";
import test from "node:test";
import { AnswerSaver, isEmpty, isSame } from "../../../api/pages/static/answer-saver.js";

/** A server that keeps one answer for each question, as the real one does. */
class Server {
  stored = new Map();
  requests = [];
  isReachable = true;
  loseAnswers = 0;

  send = async (id, { value, revision }) => {
    this.requests.push([id, value, revision]);
    if (!this.isReachable) throw { status: 0, code: "unreachable" };
    const current = this.stored.get(id) ?? { question_id: id, revision: 0, value: {} };
    if (revision !== current.revision + 1 && !(revision === current.revision && isSame(value, current.value))) {
      throw { status: 409, code: "answer_conflict", body: { current: current.revision ? current : null } };
    }
    const saved = { question_id: id, revision, value, received_at: "2026-11-23T10:00:00Z" };
    this.stored.set(id, saved);
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw { status: 0, code: "unreachable" };
    }
    return saved;
  };
}

/** Timers that run when they are told to. */
class Timers {
  #waiting = new Map();
  #last = 0;
  setTimeout = (run, delay) => {
    this.#last += 1;
    this.#waiting.set(this.#last, { run, delay });
    return this.#last;
  };
  clearTimeout = (handle) => this.#waiting.delete(handle);
  async runOne() {
    const [next] = this.#waiting;
    if (!next) return false;
    this.#waiting.delete(next[0]);
    next[1].run();
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }
  async runAll() {
    for (let round = 0; round < 50; round += 1) if (!(await this.runOne())) return;
  }
  get delays() {
    return [...this.#waiting.values()].map(({ delay }) => delay);
  }
}

const disk = () => ({ drafts: {}, load() { return structuredClone(this.drafts); }, save(id, draft) { if (draft) this.drafts[id] = structuredClone(draft); else delete this.drafts[id]; } });

function open({ server = new Server(), kept = disk(), questions = [{ id: "q1", answer: null }, { id: "q2", answer: null }] } = {}) {
  const clock = new Timers();
  const saver = new AnswerSaver({ send: server.send, disk: kept, clock });
  saver.open(questions);
  return { saver, server, clock, kept };
}

test("what is typed is saved after a pause, once, with the revision that follows", async () => {
  const { saver, server, clock } = open();
  for (const text of ["a", "ab", "abc"]) saver.change("q1", { text }, { isTyping: true });
  assert.equal(saver.stateOf("q1").state, "waiting");
  await clock.runAll();
  assert.deepEqual(server.requests, [["q1", { text: "abc" }, 1]]);
  saver.change("q1", { text: "abcd" }, { isTyping: true });
  await clock.runAll();
  assert.deepEqual(server.requests[1], ["q1", { text: "abcd" }, 2]);
  assert.equal(saver.stateOf("q1").state, "saved");
  assert.deepEqual(saver.waiting, []);
});

test("without a network everything is kept on this disk, and sent after a reload", async () => {
  const first = open();
  first.server.isReachable = false;
  first.saver.change("q1", { text: "offline" });
  first.saver.change("q2", { choice_ids: ["c1"] });
  await first.clock.runAll();
  assert.equal(first.saver.stateOf("q1").state, "failing");
  first.server.isReachable = true;
  const second = open({ server: first.server, kept: first.kept });
  assert.deepEqual(second.saver.valueOf("q1"), { text: "offline" });
  await second.clock.runAll();
  assert.deepEqual(first.server.stored.get("q1").value, { text: "offline" });
  assert.deepEqual(first.server.stored.get("q2").value, { choice_ids: ["c1"] });
  assert.deepEqual(second.kept.drafts, {});
});

test("an answer that arrived while its receipt was lost makes no conflict", async () => {
  const { saver, server, clock } = open();
  server.loseAnswers = 1;
  saver.change("q1", { text: "one" });
  await saver.saveNow();
  saver.change("q1", { text: "one and two" });
  await clock.runAll();
  assert.equal(saver.stateOf("q1").state, "saved");
  assert.deepEqual(server.stored.get("q1").value, { text: "one and two" });
  assert.equal(server.stored.get("q1").revision, 2);
});

test("another tab's answer is not written over; the student chooses", async () => {
  for (const choice of ["mine", "theirs"]) {
    const { saver, server, clock } = open();
    server.stored.set("q1", { question_id: "q1", revision: 3, value: { text: "theirs" }, received_at: "2026-11-23T10:00:00Z" });
    saver.change("q1", { text: "mine" });
    await clock.runAll();
    assert.equal(saver.stateOf("q1").state, "conflict");
    assert.deepEqual(saver.conflictOf("q1").value, { text: "theirs" });
    assert.deepEqual(saver.valueOf("q1"), { text: "mine" }, "nothing typed is lost");
    saver.settle("q1", choice);
    await clock.runAll();
    assert.deepEqual(server.stored.get("q1").value, { text: choice });
    assert.deepEqual(saver.valueOf("q1"), { text: choice });
  }
});

test("a draft on an older revision than the server has is a conflict from the start", () => {
  const kept = disk();
  kept.drafts = { q1: { value: { text: "old draft" }, revision: 1 } };
  const { saver } = open({ kept, questions: [{ id: "q1", answer: { revision: 2, value: { text: "newer" } } }] });
  assert.equal(saver.stateOf("q1").state, "conflict");
  assert.deepEqual(saver.waiting, []);
});

test("tries come less and less often, and when the server says when, then", async () => {
  const { saver, server, clock } = open();
  server.isReachable = false;
  saver.change("q1", { text: "x" });
  const pauses = [];
  for (let round = 0; round < 4; round += 1) {
    await clock.runOne();
    pauses.push(clock.delays[0]);
  }
  pauses.forEach((delay, round) => assert.ok(delay >= 500 * 2 ** round && delay <= 1000 * 2 ** round, String(pauses)));
  const slow = new AnswerSaver({ send: async () => { throw { status: 503, code: "busy", retryAfterSeconds: 7 }; }, disk: disk(), clock });
  slow.open([{ id: "q1", answer: null }]);
  slow.change("q1", { text: "x" });
  await slow.saveNow();
  assert.ok(clock.delays.includes(7000));
});

test("who types on while the server asks for patience does not make it send sooner", async () => {
  const clock = new Timers();
  let count = 0;
  const busy = new AnswerSaver({ send: async () => { count += 1; throw { status: 429, code: "too_many_requests", retryAfterSeconds: 7 }; }, disk: disk(), clock });
  busy.open([{ id: "q1", answer: null }]);
  busy.change("q1", { text: "a" });
  await busy.saveNow();
  for (const text of ["ab", "abc"]) busy.change("q1", { text }, { isTyping: true });
  assert.deepEqual(clock.delays, [7000]);
  assert.equal(count, 1);
  busy.change("q1", {});
  await clock.runAll();
  busy.change("q1", { text: "again" }, { isTyping: true });
  assert.deepEqual(clock.delays.length, 1, "and afterwards it is sent all the same");
});

test("a refused value is said and not sent again until it changes", async () => {
  let count = 0;
  const clock = new Timers();
  const saver = new AnswerSaver({ send: async () => { count += 1; throw { status: 422, code: "invalid_request", message: "too long" }; }, disk: disk(), clock });
  saver.open([{ id: "q1", answer: null }]);
  saver.change("q1", { text: "x" });
  await clock.runAll();
  assert.deepEqual(saver.stateOf("q1"), { state: "refused", savedAt: null, refused: "too long" });
  assert.equal(count, 1);
});

test("a newer answer heard from another tab is shown, unless something is typed here", () => {
  const { saver } = open();
  saver.heard("q1", { revision: 1, value: { text: "there" } });
  assert.deepEqual(saver.valueOf("q1"), { text: "there" });
  saver.change("q2", { text: "here" });
  saver.heard("q2", { revision: 1, value: { text: "there" } });
  assert.deepEqual(saver.valueOf("q2"), { text: "here" });
});

test("handing in waits for what is open and leaves nothing on this disk", async () => {
  const server = new Server();
  const kept = disk();
  const saver = new AnswerSaver({ send: server.send, disk: kept });
  saver.open([{ id: "q1", answer: null }]);
  saver.change("q1", { text: "last words" }, { isTyping: true });
  assert.equal(await saver.flush(1000), 0);
  saver.forget();
  assert.deepEqual(kept.drafts, {});
  assert.deepEqual(server.stored.get("q1").value, { text: "last words" });
});

test("leaving sends everything at once, in requests that outlive the page", async () => {
  const kept = disk();
  /** @type {any[]} */
  const sent = [];
  const saver = new AnswerSaver({ send: (id, _body, how) => { sent.push([id, how]); return new Promise(() => {}); }, disk: kept, clock: new Timers() });
  saver.open([{ id: "q1", answer: null }, { id: "q2", answer: null }]);
  saver.change("q1", { text: "one" }, { isTyping: true });
  saver.change("q2", { text: "two" }, { isTyping: true });
  saver.leave();
  assert.deepEqual(sent, [["q1", { keepalive: true }], ["q2", { keepalive: true }]]);
  assert.deepEqual(Object.keys(kept.drafts), ["q1", "q2"], "kept until the server has confirmed it");
});

test("leaving while one answer is on its way sends the others, and none twice", () => {
  /** @type {string[]} */
  const sent = [];
  const saver = new AnswerSaver({ send: (id) => { sent.push(id); return new Promise(() => {}); }, disk: disk(), clock: new Timers() });
  saver.open([{ id: "q1", answer: null }, { id: "q2", answer: null }]);
  saver.change("q1", { text: "one" });
  saver.saveNow();
  saver.change("q2", { text: "two" }, { isTyping: true });
  saver.leave();
  assert.deepEqual(sent, ["q1", "q2"]);
});

test("what is taken back while others are sent is not sent", async () => {
  /** @type {(() => void)[]} */
  const answers = [];
  /** @type {[string, unknown][]} */
  const sent = [];
  const send = (id, { value, revision }) => { sent.push([id, value]); return new Promise((resolve) => answers.push(() => resolve({ question_id: id, revision, value }))); };
  const saver = new AnswerSaver({ send, disk: disk(), clock: new Timers() });
  saver.open([{ id: "q1", answer: null }, { id: "q2", answer: { revision: 1, value: { text: "old" } } }]);
  saver.change("q1", { text: "one" });
  saver.change("q2", { text: "new" });
  const done = saver.saveNow();
  saver.change("q2", { text: "old" });
  answers[0]();
  await done;
  assert.deepEqual(sent, [["q1", { text: "one" }]]);
});

test("a second tab does not write over what the first one keeps", async () => {
  const first = open();
  first.server.isReachable = false;
  first.saver.change("q1", { text: "first tab" });
  const second = open({ server: first.server, kept: first.kept, questions: [{ id: "q2", answer: null }] });
  second.saver.change("q2", { text: "second tab" });
  assert.deepEqual(Object.keys(first.kept.drafts), ["q1", "q2"]);
});

test("what waits for the student is told before handing in", async () => {
  const { saver, server, clock } = open();
  server.stored.set("q2", { question_id: "q2", revision: 1, value: { text: "theirs" } });
  saver.change("q2", { text: "mine" });
  await clock.runAll();
  assert.deepEqual(saver.unsettled, ["q2"]);
  saver.settle("q2", "theirs");
  assert.deepEqual(saver.unsettled, []);
});

test("what is empty and what is the same", () => {
  assert.ok(isEmpty({}));
  assert.ok(isEmpty({ text: "  ", choice_ids: [] }));
  assert.ok(!isEmpty({ choice_ids: ["a"] }));
  assert.ok(isSame({ choice_ids: ["a", "b"] }, { choice_ids: ["b", "a"] }));
  assert.ok(isSame({}, { choice_ids: [] }));
  assert.ok(!isSame({ text: "a" }, { text: "b" }));
  assert.ok(isSame({ text: "Caf\u00e9 " }, { text: "Cafe\u0301" }));
});
