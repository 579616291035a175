import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeServer, problem } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";
import { clockOffset, steadyOffset } from "../src/server-clock.js";

const NOON = Date.parse("2026-11-02T12:00:00Z");

it("the status tells how far the server's clock is ahead, and nothing before its first answer", async () => {
  const server = new FakeServer();
  const { clock, monitor } = visit({ server });
  assert.equal(monitor.status.clockOffsetSeconds, null);
  server.now = () => clock.now() + 300_000;
  await clock.until(() => server.frames.size === 1);
  assert.ok(Math.abs((monitor.status.clockOffsetSeconds ?? 0) - 300) <= 1);
});

it("somebody who sets the clock during the exam is noticed", async () => {
  const server = new FakeServer();
  const { clock, monitor } = visit({ server });
  server.now = () => clock.now();
  await clock.until(() => server.frames.size === 1);
  assert.ok(Math.abs(monitor.status.clockOffsetSeconds ?? 9) <= 1);
  server.now = () => clock.now() - 3600_000;
  await clock.until(() => server.frames.size === 2);
  assert.ok(Math.abs((monitor.status.clockOffsetSeconds ?? 0) + 3600) <= 1);
});

it("only an answer of the exam server counts", async () => {
  const server = new FakeServer();
  server.instead = () => problem(503, "unavailable");
  const { clock, monitor } = visit({ server });
  server.now = () => clock.now() + 300_000;
  await clock.advance(5000);
  assert.equal(monitor.status.clockOffsetSeconds, null);
});

for (const [name, date, asked, answered, expected] of /** @type {[string, string|null, number, number, number|null][]} */ ([
  ["a clock that is right", "Mon, 02 Nov 2026 12:00:00 GMT", NOON + 400, NOON + 600, 0],
  ["a clock that is a minute slow", "Mon, 02 Nov 2026 12:00:00 GMT", NOON - 59_600, NOON - 59_400, 60],
  ["an answer that took long", "Mon, 02 Nov 2026 12:00:00 GMT", NOON, NOON + 5000, null],
  ["an answer without a date", null, NOON, NOON, null],
  ["a date nobody can read", "yesterday", NOON, NOON, null],
  ["a clock that was set back meanwhile", "Mon, 02 Nov 2026 12:00:00 GMT", NOON, NOON - 1000, null],
])) {
  it(`reads ${name}`, () => assert.equal(clockOffset(date, asked, answered), expected));
}

it("a second more or less is no news", () => {
  assert.equal(steadyOffset(null, 1), 1);
  assert.equal(steadyOffset(0, 1), 0);
  assert.equal(steadyOffset(0, -2), -2);
});
