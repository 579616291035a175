import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeCamera } from "../fakes/camera.js";
import { FakeLocks } from "../fakes/locks.js";
import { FakeServer } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

const locksOf = () => /** @type {LockManager} */ (/** @type {unknown} */ (new FakeLocks()));

describe("two pages of one attempt", () => {
  it("are monitored by one of them; the other says so and takes over when it closes", async () => {
    const locks = locksOf();
    const first = visit({ locks });
    await first.clock.until(() => first.server.frames.size === 2);
    const camera = new FakeCamera();
    const second = visit({ server: first.server, disk: first.disk, locks, camera });
    await second.clock.advance(20_000);
    assert.equal(second.monitor.status.role, "waiting");
    assert.equal(camera.opened, 0, "a page that waits needs no camera");
    assert.equal(first.server.frames.size, 2);
    await first.clock.advance(31_000);
    assert.equal(first.server.eventsOf("second_page").length, 1, "the page that monitors tells of the other one");
    first.server.frames.clear();
    first.server.arrivals.length = 0;
    await first.monitor.stop();
    const given = Math.max(...first.heardOf("frame-captured").map(({ seq }) => seq));
    await second.clock.until(() => first.server.frames.size === 2);
    assert.equal(second.monitor.status.role, "capturing");
    assert.deepEqual(first.server.arrivals, [given + 1, given + 2], "numbers go on where the first page stopped");
  });

  it("lose nothing that the first one kept", async () => {
    const locks = locksOf();
    const first = visit({ locks });
    await first.clock.until(() => first.server.frames.size === 1);
    first.server.isReachable = false;
    await first.clock.until(() => first.heardOf("frame-captured").length === 4);
    const second = visit({ server: first.server, disk: first.disk, locks });
    await second.clock.advance(1000);
    await first.monitor.stop();
    first.server.isReachable = true;
    await second.clock.until(() => first.server.frames.size >= 4 && second.monitor.status.waiting === 0);
    assert.equal(new Set(first.server.arrivals).size, first.server.arrivals.length, "a frame came twice");
    for (const seq of [1, 2, 3, 4]) assert.ok(first.server.frames.has(seq));
  });

  it("a reload is no second page: its turn comes at once", async () => {
    const locks = locksOf();
    const first = visit({ locks });
    await first.clock.until(() => first.server.frames.size === 1);
    const second = visit({ server: first.server, disk: first.disk, locks });
    await second.clock.advance(500);
    await first.monitor.stop();
    await second.clock.advance(60_000);
    assert.deepEqual(first.server.eventsOf("second_page"), []);
  });

  it("both monitor where the browser has no locks, and no number is used twice", async () => {
    const server = new FakeServer();
    const pages = [visit({ server, locks: null })];
    await pages[0].clock.until(() => server.frames.size === 1);
    pages.push(visit({ server, disk: pages[0].disk, locks: null }));
    for (let turn = 0; turn < 4; turn += 1) for (const { clock } of pages) await clock.advance(5000);
    const seqs = pages.flatMap(({ heardOf }) => heardOf("frame-captured").map(({ seq }) => seq));
    assert.ok(pages.every(({ heardOf }) => heardOf("frame-captured").length > 2));
    assert.equal(new Set(seqs).size, seqs.length);
    assert.deepEqual(pages.flatMap(({ heardOf }) => heardOf("frame-dropped")), []);
  });

  it("can be stopped while it waits", async () => {
    const locks = locksOf();
    const first = visit({ locks });
    await first.clock.until(() => first.server.frames.size === 1);
    const second = visit({ server: first.server, disk: first.disk, locks });
    await second.clock.advance(1000);
    await second.monitor.stop();
    await first.clock.until(() => first.server.frames.size === 2);
    await first.monitor.stop();
    const third = visit({ server: first.server, disk: first.disk, locks });
    await third.clock.until(() => first.server.frames.size === 3);
    assert.equal(third.monitor.status.role, "capturing");
  });
});
