/** @import {Frame} from "../src/types.js" */
import assert from "node:assert/strict";
import { it } from "node:test";
import { FakeCamera } from "../fakes/camera.js";
import { FakeClock } from "../fakes/clock.js";
import { FakeDetector } from "../fakes/detector.js";
import { CaptureLoop } from "../src/capture-loop.js";
import { createMemoryStore } from "../src/memory-store.js";
import { Outbox } from "../src/outbox.js";
import { openVault } from "../src/vault.js";

/** @param {{random?: () => number}} [how] */
async function loopOf({ random = () => 0.5 } = {}) {
  const clock = new FakeClock();
  const camera = new FakeCamera();
  const detector = new FakeDetector();
  await Promise.all([camera.open(), detector.load()]);
  const outbox = new Outbox({ vault: openVault(async () => createMemoryStore()), attemptId: "att_1" });
  const loop = new CaptureLoop({ camera, detector, outbox, clock, random, presenceIntervalSeconds: 1 });
  /** @type {Frame[]} */
  const frames = [];
  loop.onFrame = (frame) => frames.push(frame);
  loop.setCameraLive(true);
  loop.run();
  return { loop, clock, camera, detector, frames };
}

it("looks about every second and makes a frame at the pace only", async () => {
  const { loop, clock, camera, frames } = await loopOf();
  loop.record(1);
  await clock.advance(20_500);
  assert.equal(frames.length, 5);
  assert.ok(camera.taken >= 20, `${camera.taken} looks in 20 s`);
});

it("captures come up to a tenth early or late, as chance has it", async () => {
  const chances = [0, 1, 0.5];
  const { loop, clock, frames } = await loopOf({ random: () => chances.shift() ?? 0.5 });
  loop.record(1);
  await clock.advance(20_000);
  const times = frames.map(({ capturedAt }) => Date.parse(capturedAt));
  assert.deepEqual([times[1] - times[0], times[2] - times[1], times[3] - times[2]], [4500, 5500, 5000]);
});

it("a slow detector is used less often, never twice at once, and holds no frame up for longer than it looks", async () => {
  const { loop, clock, camera, detector, frames } = await loopOf();
  detector.look = () => new Promise((resolve) => clock.setTimeout(resolve, 900));
  loop.record(1);
  await clock.advance(60_000);
  assert.equal(detector.mostAtOnce, 1);
  assert.ok(camera.taken < 35, `${camera.taken} looks of 0.9 s in a minute`);
  assert.ok(frames.length >= 11, `${frames.length} frames at one in 5 s`);
});

it("a camera without a picture is asked again at the pace of looking, not in a tight circle", async () => {
  const { loop, clock, camera, frames } = await loopOf();
  let asked = 0;
  const takePicture = camera.takePicture.bind(camera);
  camera.takePicture = () => ((asked += 1), takePicture());
  camera.hasPicture = false;
  loop.record(1);
  await clock.advance(10_000);
  assert.ok(asked >= 5 && asked <= 15, `${asked} times in 10 s`);
  camera.hasPicture = true;
  await clock.advance(1000);
  assert.equal(frames.length, 1);
});

it("a picture that cannot be encoded costs that picture, is told, and the next one is taken", async () => {
  const { loop, clock, camera, frames } = await loopOf();
  /** @type {string[]} */
  const troubles = [];
  loop.onTrouble = (error) => troubles.push(String(error));
  const takePicture = camera.takePicture.bind(camera);
  camera.takePicture = async () => {
    const picture = await takePicture();
    return picture && frames.length === 1 && troubles.length === 0 ? { ...picture, jpeg: () => Promise.reject(new Error("no memory")) } : picture;
  };
  loop.record(1);
  await clock.advance(16_000);
  assert.deepEqual(troubles, ["Error: no memory"]);
  assert.deepEqual(frames.map(({ seq }) => seq), [1, 2, 3]);
});
