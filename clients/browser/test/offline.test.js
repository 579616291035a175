import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeServer } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

const INTERVAL_SECONDS = 2;
const FRAMES_OFFLINE = 300;

/** Milliseconds the server takes for one frame. */
const ANSWER_MS = 250;

describe("ten minutes without a network, with a reload in between", () => {
  it("lose nothing: 300 of 300 arrive once within two minutes, live ones first, no gap", async () => {
    const server = new FakeServer();
    server.intervalSeconds = INTERVAL_SECONDS;
    const before = visit({ server });
    await before.clock.until(() => server.frames.size === 1 && before.monitor.status.waiting === 0);
    server.isReachable = false;
    await before.clock.until(() => before.heardOf("frame-captured").length === 1 + FRAMES_OFFLINE / 2, 400);
    before.vanish();
    const after = visit({ server, disk: before.disk });
    await after.clock.until(() => after.heardOf("frame-captured").length === FRAMES_OFFLINE / 2, 400);
    assert.equal(after.monitor.status.waiting, FRAMES_OFFLINE);

    answerSlowly(server, after.clock);
    server.isReachable = true;
    after.page.window.dispatchEvent(new Event("online"));
    const reconnectedAt = after.clock.now();
    await after.clock.until(() => server.frames.size > FRAMES_OFFLINE && after.monitor.status.waiting === 0);
    const tookSeconds = (after.clock.now() - reconnectedAt) / 1000;
    assert.ok(tookSeconds > (FRAMES_OFFLINE * ANSWER_MS) / 1000, "the server was not slow at all");
    assert.ok(tookSeconds <= 120, `${tookSeconds} s`);

    const arrived = server.arrivals.slice(1);
    assert.equal(new Set(server.arrivals).size, server.arrivals.length, "a frame came twice");
    const all = [...server.frames.keys()].sort((a, b) => a - b);
    assert.deepEqual(all, Array.from({ length: all.length }, (_, index) => index + 1), "a number is missing");
    assert.deepEqual([...before.heardOf("frame-dropped"), ...after.heardOf("frame-dropped")], []);

    const newestKept = 1 + FRAMES_OFFLINE;
    const live = arrived.filter((seq) => seq > newestKept);
    assert.ok(live.length > 10);
    assert.equal(arrived[0], newestKept, "the newest one goes first");
    assert.ok(Math.max(...live.map((seq) => delayMs(server, seq))) <= 2 * ANSWER_MS, "a live frame waited for the backlog");
    const backlog = arrived.filter((seq) => seq <= newestKept);
    assert.deepEqual(backlog, [...backlog].sort((a, b) => b - a), "the newer one is worth more");
  });
});

/** @type {Map<number, number>} when each number arrived, milliseconds */
const arrivedAt = new Map();

/** @param {FakeServer} server @param {number} seq */
function delayMs(server, seq) {
  return (arrivedAt.get(seq) ?? NaN) - Date.parse(server.frames.get(seq)?.headers["X-Captured-At"] ?? "");
}

/** @param {FakeServer} server @param {import("../fakes/clock.js").FakeClock} clock */
function answerSlowly(server, clock) {
  const { fetch } = server;
  server.fetch = async (url, init) => {
    if (init?.method !== "PUT") return fetch(url, init);
    await new Promise((resolve) => clock.setTimeout(() => resolve(undefined), ANSWER_MS));
    arrivedAt.set(Number(String(url).split("/").at(-1)), clock.now());
    return fetch(url, init);
  };
}
