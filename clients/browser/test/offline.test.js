import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeServer } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

const INTERVAL_SECONDS = 2;
const FRAMES_OFFLINE = 300;

describe("ten minutes without a network, with a reload in between", () => {
  it("lose nothing: every frame arrives once within two minutes, the live ones first", async () => {
    const server = new FakeServer();
    server.intervalSeconds = INTERVAL_SECONDS;
    const before = visit({ server });
    await before.clock.until(() => server.frames.size === 3);
    await before.clock.until(() => before.monitor.status.waiting === 0);
    const online = server.arrivals.length;

    server.isReachable = false;
    await before.clock.until(() => before.monitor.status.waiting === FRAMES_OFFLINE / 2, 400);
    before.vanish();
    const after = visit({ server, disk: before.disk });
    await after.clock.until(() => after.monitor.status.waiting >= FRAMES_OFFLINE, 400);
    const kept = after.monitor.status.waiting;
    const newestKept = Math.max(...after.heardOf("frame-captured").map(({ seq }) => seq));

    server.isReachable = true;
    after.page.window.dispatchEvent(new Event("online"));
    const reconnected = after.clock.now();
    await after.clock.until(() => server.arrivals.length >= online + kept && after.monitor.status.waiting === 0, 120);

    const arrived = server.arrivals.slice(online);
    assert.ok(after.clock.now() - reconnected <= 120_000);
    assert.ok(arrived[0] >= newestKept, "the newest one goes first");
    assert.equal(new Set(server.arrivals).size, server.arrivals.length, "a frame came twice");
    const all = [...server.frames.keys()].sort((a, b) => a - b);
    assert.deepEqual(all, Array.from({ length: all.length }, (_, index) => index + 1), "a number is missing");
    // While the backlog is on its way, what is captured now still overtakes it.
    const live = arrived.filter((seq) => seq > newestKept + 1);
    assert.ok(live.length === 0 || arrived.indexOf(live[0]) < arrived.length - 1);
    assert.deepEqual([...before.heardOf("frame-dropped"), ...after.heardOf("frame-dropped")], []);
  });
});
