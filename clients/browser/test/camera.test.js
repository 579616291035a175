import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { BrowserCamera, CameraError } from "../src/camera.js";

/** A track of a browser that counts its pictures. */
class FakeTrack extends EventTarget {
  label = "Built-in camera";
  muted = false;
  stats = { deliveredFrames: 0 };
  isStopped = false;
  getSettings = () => ({ deviceId: "built-in" });
  stop() {
    this.isStopped = true;
  }
}

const video = () => /** @type {any} */ ({ srcObject: null, paused: false, readyState: 2, videoWidth: 1920, videoHeight: 1080, play: async () => {} });

/** @type {FakeTrack} */
let track;
/** @type {any[]} what getUserMedia was asked */
let asked;
/** @type {Error|null} */
let refusal;
/** @type {{quality: number|undefined}[]} */
let encoded;

beforeEach(() => {
  [track, asked, refusal, encoded] = [new FakeTrack(), [], null, []];
  const getUserMedia = async (/** @type {any} */ wanted) => {
    asked.push(wanted.video);
    if (refusal) throw refusal;
    return { getTracks: () => [track], getVideoTracks: () => [track] };
  };
  const mediaDevices = Object.assign(new EventTarget(), { getUserMedia });
  const canvas = () => ({
    getContext: () => ({ drawImage() {} }),
    toBlob(/** @type {(blob: Blob) => void} */ give, /** @type {string} */ _type, /** @type {number} */ quality) {
      encoded.push({ quality });
      give(new Blob(["jpeg"]));
    },
  });
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });
  Object.assign(globalThis, { document: { createElement: canvas }, HTMLMediaElement: { HAVE_CURRENT_DATA: 2 } });
});

/** @param {BrowserCamera} camera */
function causesOf(camera) {
  /** @type {string[]} */
  const causes = [];
  camera.addEventListener("lost", (event) => causes.push(/** @type {CustomEvent} */ (event).detail.cause));
  return causes;
}

describe("the size of pictures", () => {
  it("is the one frames need, when nothing else is said", async () => {
    const camera = new BrowserCamera(video());
    await camera.open();
    assert.deepEqual([asked[0].width.ideal, asked[0].height.ideal], [640, 480]);
    const picture = await camera.takePicture();
    assert.deepEqual([picture?.width, picture?.height], [640, 360]);
    await picture?.jpeg();
    assert.deepEqual(encoded, [{ quality: 0.85 }]);
  });

  it("may be larger for an enrolment; the camera is asked for it too", async () => {
    const camera = new BrowserCamera(video(), { longestSidePx: 1280, jpegQuality: 0.92 });
    await camera.open({ deviceId: "usb" });
    assert.deepEqual([asked[0].width.ideal, asked[0].height.ideal, asked[0].deviceId.ideal], [1280, 960, "usb"]);
    const picture = await camera.takePicture();
    assert.deepEqual([picture?.width, picture?.height], [1280, 720]);
    await picture?.jpeg();
    assert.deepEqual(encoded, [{ quality: 0.92 }]);
  });

  it("is never more than the camera gives", async () => {
    const small = Object.assign(video(), { videoWidth: 320, videoHeight: 240 });
    const camera = new BrowserCamera(small, { longestSidePx: 1280 });
    await camera.open();
    assert.equal((await camera.takePicture())?.width, 320);
  });
});

describe("a camera is lost", () => {
  it("when it ends, and says so once", async () => {
    const camera = new BrowserCamera(video());
    const causes = causesOf(camera);
    await camera.open();
    track.dispatchEvent(new Event("ended"));
    track.dispatchEvent(new Event("ended"));
    assert.deepEqual(causes, ["ended"]);
    assert.equal(track.isStopped, true);
  });

  it("when it stays silent, and not when it is silent for a moment", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const camera = new BrowserCamera(video());
    const causes = causesOf(camera);
    await camera.open();
    for (const staysMuted of [false, true]) {
      track.muted = true;
      track.dispatchEvent(new Event("mute"));
      track.muted = staysMuted;
      context.mock.timers.tick(2000);
      assert.deepEqual(causes, staysMuted ? ["muted"] : []);
    }
  });

  it("when it delivers no new picture any more, though it says it is live", async () => {
    const camera = new BrowserCamera(video());
    const causes = causesOf(camera);
    await camera.open();
    for (let look = 0; look < 30; look += 1) {
      track.stats.deliveredFrames += 1;
      await camera.takePicture();
    }
    assert.deepEqual(causes, []);
    for (let look = 0; look < 10; look += 1) await camera.takePicture();
    assert.deepEqual(causes, ["frozen"]);
    await camera.open();
    assert.deepEqual(causes, ["frozen"], "a camera that was opened again starts anew");
  });

  it("but not when nobody looks at the page: a browser may save the work", async () => {
    const camera = new BrowserCamera(video());
    const causes = causesOf(camera);
    await camera.open();
    Object.assign(document, { visibilityState: "hidden" });
    for (let look = 0; look < 30; look += 1) await camera.takePicture();
    assert.deepEqual(causes, []);
  });

  for (const [name, state] of [["NotAllowedError", "denied"], ["NotFoundError", "missing"], ["NotReadableError", "lost"]]) {
    it(`as ${state} when opening it ends with ${name}`, async () => {
      refusal = Object.assign(new Error("no"), { name });
      await assert.rejects(new BrowserCamera(video()).open(), (error) => error instanceof CameraError && error.state === state);
    });
  }
});
