import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeServer, problem } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

/** @param {FakeServer} server */
const ranges = (server) => server.eventsOf("frames_dropped").map(({ kind, detail }) => ({ kind, ...detail }));

describe("frames that were given up", () => {
  it("of a full outbox are told as one range once the server answers, and fill the gap it sees", async () => {
    const server = new FakeServer();
    const { clock, page } = visit({ server, options: { maxFrames: 10 } });
    await clock.until(() => server.frames.size === 1);
    server.isReachable = false;
    await clock.advance(30 * 5000);
    server.isReachable = true;
    page.window.dispatchEvent(new Event("online"));
    await clock.until(() => ranges(server).length > 0);
    await clock.advance(10_000);
    const seqs = [...server.frames.keys()].sort((a, b) => a - b);
    const missing = Array.from({ length: seqs.at(-1) ?? 0 }, (_, index) => index + 1).filter((seq) => !server.frames.has(seq));
    assert.ok(missing.length > 10);
    const told = { kind: "frames", from_seq: missing[0], to_seq: missing.at(-1), count: missing.length, cause: "outbox_full" };
    assert.deepEqual(ranges(server), [told]);
  });

  it("are told by the visit after a reload too", async () => {
    const server = new FakeServer();
    const first = visit({ server, options: { maxFrames: 3 } });
    await first.clock.until(() => server.frames.size === 1);
    server.isReachable = false;
    await first.clock.until(() => first.heardOf("frame-dropped").length === 2);
    await first.clock.advance(0);
    first.vanish();
    server.isReachable = true;
    const second = visit({ server, disk: first.disk });
    await second.clock.until(() => ranges(server).length > 0);
    assert.deepEqual(ranges(server), [{ kind: "frames", from_seq: 2, to_seq: 3, count: 2, cause: "outbox_full" }]);
  });

  it("because the server refused them are told with its reason, each once", async () => {
    const { server, clock } = visit();
    server.instead = ({ path }) => (/frames\/[23]$/.test(path) ? problem(422, "corrupt_image") : null);
    await clock.until(() => server.frames.has(5));
    await clock.advance(10_000);
    const told = ranges(server);
    assert.deepEqual(told.flatMap(({ from_seq, to_seq }) => [from_seq, to_seq]), told.length === 1 ? [2, 3] : [2, 2, 3, 3]);
    assert.ok(told.every(({ cause }) => cause === "corrupt_image"));
  });

  it("when the attempt is closed are nobody's news any more", async () => {
    const { server, clock, heardOf } = visit();
    await clock.until(() => server.frames.size === 1);
    server.instead = ({ method }) => (method === "PUT" ? problem(409, "attempt_closed") : null);
    await clock.until(() => heardOf("stopped").length === 1);
    assert.equal(heardOf("frame-dropped").length, 1);
    assert.deepEqual(heardOf("client-event"), []);
  });
});
