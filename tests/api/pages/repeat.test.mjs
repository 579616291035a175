import assert from "node:assert/strict";
import test from "node:test";
import { repeat } from "../../../api/pages/static/repeat.js";

test("each round waits for the one before, its pause is asked anew", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 0.5);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  /** @type {(() => void)[]} */
  const endings = [];
  let pause = 1000;
  const act = () => new Promise((resolve) => endings.push(() => resolve(undefined)));
  repeat(act, () => pause);
  mock.timers.tick(10_000);
  assert.equal(endings.length, 1);
  endings[0]();
  await settled();
  mock.timers.tick(999);
  assert.equal(endings.length, 1);
  mock.timers.tick(1);
  assert.equal(endings.length, 2);
  pause = 5000;
  endings[1]();
  await settled();
  mock.timers.tick(4999);
  assert.equal(endings.length, 2);
  mock.timers.tick(1);
  assert.equal(endings.length, 3);
});

test("pauses stray by a fifth", async ({ mock }) => {
  const pauses = [];
  mock.method(globalThis, "setTimeout", (_run, milliseconds) => pauses.push(milliseconds));
  for (const drawn of [0, 0.5, 1]) {
    mock.method(Math, "random", () => drawn);
    await repeat(async () => {}, () => 1000);
  }
  assert.deepEqual(pauses, [800, 1000, 1200]);
});

test("a round that fails is followed by the next", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let rounds = 0;
  const act = async () => {
    rounds += 1;
    if (rounds === 1) throw new Error("no network");
  };
  await assert.rejects(repeat(act, () => 1000));
  mock.timers.tick(1200);
  assert.equal(rounds, 2);
});
