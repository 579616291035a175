import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeCamera } from "../fakes/camera.js";
import { visit } from "../fakes/visit.js";
import { CameraError } from "../src/camera.js";

/** @param {any[]} events */
const reasons = (events) => events.filter(({ kind }) => kind === "camera").map(({ reason }) => reason);

it("a camera that is unplugged is reported, tried again by itself, and frames go on with the next free number", async () => {
  const { camera, server, clock, monitor, heardOf } = visit();
  await clock.until(() => server.frames.size === 2);
  camera.refusal = new Error("NotReadableError");
  camera.lose("ended");
  await clock.advance(60_000);
  assert.equal(monitor.status.camera, "lost");
  assert.equal(server.frames.size, 2, "a frame without a camera");
  camera.refusal = null;
  await clock.until(() => server.frames.size === 3, 15);
  assert.equal(monitor.status.camera, "live");
  assert.deepEqual(reasons(heardOf("client-event")), ["camera_lost", "camera_returned"]);
  assert.deepEqual(server.arrivals, [1, 2, 3]);
});

it("a device that comes back is opened at once, without waiting for the next try", async () => {
  const { camera, clock, monitor } = visit();
  await clock.advance(1000);
  camera.refusal = new CameraError("missing", "none");
  camera.lose("ended");
  await clock.advance(5100);
  assert.equal(monitor.status.camera, "missing");
  camera.refusal = null;
  camera.dispatchEvent(new Event("available"));
  await clock.advance(0);
  assert.equal(monitor.status.camera, "live");
});

it("another camera than before is reported as changed", async () => {
  const { camera, clock, heardOf } = visit();
  await clock.advance(1000);
  camera.device = { deviceId: "usb", label: "USB camera" };
  camera.lose("ended");
  await clock.advance(6000);
  assert.deepEqual(reasons(heardOf("client-event")), ["camera_lost", "camera_changed", "camera_returned"]);
});

it("a refused camera is reported once and never asked for again, until the student says so", async () => {
  const camera = new FakeCamera();
  camera.refusal = new CameraError("denied", "NotAllowedError");
  const { clock, monitor, server, heardOf } = visit({ camera });
  await clock.advance(120_000);
  assert.equal(monitor.status.camera, "denied");
  assert.equal(camera.opened, 1);
  assert.deepEqual(reasons(heardOf("client-event")), ["camera_denied"]);
  assert.equal(server.eventsOf("camera_denied").length, 1, "a refused camera has to show on the server");
  camera.refusal = null;
  assert.equal(await monitor.recoverCamera(), true);
  await clock.until(() => server.frames.size === 1, 10);
});

it("the student may choose another camera while one is live", async () => {
  const { clock, monitor, heardOf } = visit();
  await clock.advance(1000);
  assert.equal(await monitor.recoverCamera({ deviceId: "usb" }), true);
  await clock.advance(1000);
  assert.deepEqual(reasons(heardOf("client-event")), ["camera_changed"]);
});

it("a camera that opens only after the page has stopped is closed again", async () => {
  const camera = new FakeCamera();
  const open = camera.open.bind(camera);
  /** @type {() => void} */
  let allow = () => {};
  camera.open = () => new Promise((resolve) => (allow = () => resolve(open())));
  const { clock, monitor } = visit({ camera });
  await clock.advance(1000);
  await monitor.stop();
  allow();
  await clock.advance(1000);
  assert.equal(camera.opened, 1);
  assert.equal(camera.isOpen, false);
  assert.equal(monitor.status.camera, "closed");
});
