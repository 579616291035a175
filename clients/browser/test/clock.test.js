import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import { createPageClock } from "../src/clock.js";

/** Stands where the browser has its workers; the test plays the other side. */
class FakeWorker {
  static last = new FakeWorker();
  /** @type {any[]} */
  got = [];
  isTerminated = false;
  onmessage = (/** @type {{data: any}} */ _message) => {};
  onerror = () => {};

  constructor() {
    FakeWorker.last = this;
  }

  /** @param {any} message */
  postMessage(message) {
    this.got.push(message);
  }

  terminate() {
    this.isTerminated = true;
  }
}

afterEach(() => Reflect.deleteProperty(globalThis, "Worker"));

it("time passes in a worker, where a hidden page is not slowed down", () => {
  Object.assign(globalThis, { Worker: FakeWorker });
  const clock = createPageClock();
  /** @type {string[]} */
  const rung = [];
  clock.setTimeout(() => rung.push("a"), 1000);
  const b = clock.setTimeout(() => rung.push("b"), 2000);
  const worker = FakeWorker.last;
  assert.deepEqual(worker.got.map(({ delayMilliseconds }) => delayMilliseconds), [1000, 2000]);
  clock.clearTimeout(b);
  for (const { handle } of worker.got) worker.onmessage({ data: handle });
  assert.deepEqual(rung, ["a"]);
  clock.close?.();
  assert.equal(worker.isTerminated, true);
});

it("when the worker's file cannot be loaded nobody waits for ever, and the page's own timers take over", async () => {
  Object.assign(globalThis, { Worker: FakeWorker });
  const clock = createPageClock();
  const waited = new Promise((resolve) => clock.setTimeout(() => resolve("woken"), 1_000_000));
  FakeWorker.last.onerror();
  assert.equal(await waited, "woken");
  await new Promise((resolve) => clock.setTimeout(() => resolve(null), 1));
  assert.equal(FakeWorker.last.got.length, 1);
});

it("a browser without workers has a clock too", async () => {
  const clock = createPageClock();
  await new Promise((resolve) => clock.setTimeout(() => resolve(null), 1));
  let hasRung = false;
  clock.clearTimeout(clock.setTimeout(() => (hasRung = true), 1));
  await new Promise((resolve) => clock.setTimeout(() => resolve(null), 10));
  assert.equal(hasRung, false);
});
