import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeCamera } from "../fakes/camera.js";
import { FakeLocks } from "../fakes/locks.js";
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
    await first.monitor.stop();
    await second.clock.until(() => first.server.frames.size === 4);
    assert.equal(second.monitor.status.role, "capturing");
    assert.deepEqual(first.server.arrivals, [1, 2, 3, 4]);
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
