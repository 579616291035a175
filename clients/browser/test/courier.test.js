/** @import {Outcome, Trouble} from "../src/types.js" */
import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeClock } from "../fakes/clock.js";
import { Courier } from "../src/courier.js";

const trouble = { code: "network_error", message: "away" };

/**
 * A courier whose outcomes are told in advance; afterwards there is nothing to send.
 * @param {{outcomes: (Outcome|Error)[], chance?: number}} how
 */
function courierOf({ outcomes, chance = 1 }) {
  const clock = new FakeClock();
  /** @type {number[]} seconds since the start at which it sent */
  const sent = [];
  const begin = clock.now();
  const send = async () => {
    const outcome = outcomes.shift();
    if (!outcome) return /** @type {Outcome} */ ({ kind: "nothing" });
    sent.push((clock.now() - begin) / 1000);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const courier = new Courier({ send, clock, random: () => chance });
  courier.run();
  return { courier, clock, sent };
}

/** @param {number} count @returns {Outcome[]} */
const failures = (count) => Array.from({ length: count }, () => ({ kind: "retry", trouble }));

it("pauses double after each failure, up to one minute", async () => {
  const { clock, sent } = courierOf({ outcomes: failures(9) });
  await clock.advance(300_000);
  const pauses = sent.slice(1).map((at, index) => at - sent[index]);
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
});

it("chance takes up to half of a pause, so that a room does not knock at once", async () => {
  const { clock, sent } = courierOf({ outcomes: failures(3), chance: 0 });
  await clock.advance(60_000);
  assert.deepEqual(sent, [0, 0.5, 1.5]);
});

it("a success makes the next pause short again", async () => {
  const { clock, sent } = courierOf({ outcomes: [...failures(3), { kind: "accepted", body: {} }, ...failures(2)] });
  await clock.advance(60_000);
  assert.deepEqual(sent, [0, 1, 3, 7, 7, 8]);
});

it("the network's return ends a back-off", async () => {
  const { courier, clock, sent } = courierOf({ outcomes: failures(5) });
  await clock.advance(10_000);
  assert.equal(sent.length, 4);
  courier.tryNow();
  await clock.advance(0);
  assert.deepEqual(sent, [0, 1, 3, 7, 10]);
});

it("a time the server named holds, whatever the network says", async () => {
  const { courier, clock, sent } = courierOf({ outcomes: [{ kind: "wait", seconds: 30, trouble }, { kind: "accepted", body: {} }], chance: 0 });
  await clock.advance(10_000);
  courier.tryNow();
  courier.wake();
  await clock.advance(19_000);
  assert.deepEqual(sent, [0]);
  await clock.advance(1000);
  assert.deepEqual(sent, [0, 30]);
});

it("after 401 it is silent until somebody has signed in", async () => {
  const { courier, clock, sent } = courierOf({ outcomes: [{ kind: "sign_in", trouble }, { kind: "accepted", body: {} }] });
  courier.wake();
  courier.tryNow();
  await clock.advance(3_600_000);
  assert.deepEqual(sent, [0]);
  courier.resume();
  await clock.advance(0);
  assert.deepEqual(sent, [0, 3600]);
});

it("a closed attempt ends it", async () => {
  const { courier, clock, sent } = courierOf({ outcomes: [{ kind: "closed", trouble }, ...failures(1)] });
  /** @type {Trouble[]} */
  const closed = [];
  courier.onClosed = (why) => closed.push(why);
  await clock.advance(600_000);
  courier.wake();
  await clock.advance(600_000);
  assert.deepEqual(sent, [0]);
  assert.deepEqual(closed, [trouble]);
});

it("a sender that throws is trouble like any other, not the end", async () => {
  const { courier, clock, sent } = courierOf({ outcomes: [new Error("disk"), { kind: "accepted", body: {} }] });
  /** @type {(string|undefined)[]} */
  const told = [];
  courier.onTrouble = (what) => told.push(what?.code);
  await clock.advance(60_000);
  assert.deepEqual(sent, [0, 1]);
  assert.deepEqual(told, ["client_error", undefined]);
});

it("work that comes while something is being sent is not forgotten", async () => {
  /** @type {Outcome[]} */
  const outcomes = [];
  const clock = new FakeClock();
  let asked = 0;
  const courier = new Courier({
    send: async () => {
      asked += 1;
      if (asked === 1) {
        outcomes.push({ kind: "accepted", body: {} });
        courier.wake();
        return { kind: "nothing" };
      }
      return outcomes.shift() ?? { kind: "nothing" };
    },
    clock,
    random: () => 0,
  });
  courier.run();
  await clock.advance(0);
  assert.equal(outcomes.length, 0);
});
