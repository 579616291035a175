import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import { FakeCamera } from "../fakes/camera.js";
import { FakeClock } from "../fakes/clock.js";
import { WorkerDetector } from "../src/detector.js";

/** Stands where the browser has its workers; the test plays the other side. */
class FakeWorker {
  static last = new FakeWorker();
  /** @type {any[]} */
  got = [];
  isTerminated = false;
  onmessage = (/** @type {{data: any}} */ _message) => {};
  onerror = () => {};

  constructor() {
    FakeWorker.last = this;
  }

  /** @param {any} message */
  postMessage(message) {
    this.got.push(message);
  }

  terminate() {
    this.isTerminated = true;
  }
}

const face = { score: 0.9, box: { x: 10.4, y: 20.6, width: 30, height: 40 } };
const turn = () => new Promise((resolve) => setImmediate(resolve));
let clock = new FakeClock();

async function pictureOf() {
  const camera = new FakeCamera();
  await camera.open();
  const picture = await camera.takePicture();
  assert.ok(picture);
  return picture;
}

async function loadedDetector() {
  const detector = new WorkerDetector({ faceApiUrl: "/vendor/face-api.esm.js", weightsUrl: "/vendor/model/", clock });
  const loading = detector.load();
  FakeWorker.last.onmessage({ data: { backend: "cpu" } });
  await loading;
  return { detector, worker: FakeWorker.last };
}

beforeEach(() => {
  clock = new FakeClock();
  Object.assign(globalThis, { Worker: FakeWorker, location: new URL("https://exam.example/attempt") });
});

it("a claim carries what the worker saw, in whole pixels", async () => {
  const { detector, worker } = await loadedDetector();
  const looking = detector.detect(await pictureOf());
  await turn();
  worker.onmessage({ data: { faces: [face] } });
  assert.deepEqual(await looking, {
    status: "one_face",
    face_count: 1,
    detector_score: 0.9,
    boxes: [{ x: 10, y: 21, width: 30, height: 40 }],
    detector: "tiny_face_detector",
  });
});

it("face-api.js that cannot be loaded ends in claims 'unavailable' and no worker left over", async () => {
  const detector = new WorkerDetector({ faceApiUrl: "/gone.js", weightsUrl: "/vendor/model/", clock });
  const loading = detector.load();
  FakeWorker.last.onmessage({ data: { error: "TypeError: Failed to fetch" } });
  await assert.rejects(loading, /Failed to fetch/);
  assert.equal(FakeWorker.last.isTerminated, true);
  assert.equal((await detector.detect(await pictureOf())).status, "unavailable");
});

it("loading that takes for ever is given up after a minute", async () => {
  const detector = new WorkerDetector({ faceApiUrl: "/slow.js", weightsUrl: "/vendor/model/", clock });
  const loading = detector.load();
  const refused = assert.rejects(loading, /in time/);
  await clock.advance(60_000);
  await refused;
});

it("before it is loaded nobody waits for it", async () => {
  const detector = new WorkerDetector({ faceApiUrl: "/slow.js", weightsUrl: "/vendor/model/", clock });
  detector.load().catch(() => {});
  assert.equal((await detector.detect(await pictureOf())).status, "unavailable");
  detector.close();
});

it("a second picture while the first is looked at is 'unavailable', and the first keeps its own answer", async () => {
  const { detector, worker } = await loadedDetector();
  const first = detector.detect(await pictureOf());
  await turn();
  assert.equal((await detector.detect(await pictureOf())).status, "unavailable");
  worker.onmessage({ data: { faces: [] } });
  assert.equal((await first).status, "no_face");
});

it("a worker that hangs costs five seconds and a claim; its late answer is given to no other picture", async () => {
  const { detector, worker } = await loadedDetector();
  const hanging = detector.detect(await pictureOf());
  await turn();
  await clock.advance(5000);
  assert.equal((await hanging).status, "unavailable");
  worker.onmessage({ data: { faces: [face, face] } });
  const next = detector.detect(await pictureOf());
  await turn();
  worker.onmessage({ data: { faces: [face] } });
  assert.equal((await next).status, "one_face");
});

it("a worker that breaks while looking is a claim 'unavailable', not an error in the page", async () => {
  const { detector, worker } = await loadedDetector();
  const looking = detector.detect(await pictureOf());
  await turn();
  worker.onerror();
  assert.equal((await looking).status, "unavailable");
  assert.deepEqual(clock.pending, []);
});
