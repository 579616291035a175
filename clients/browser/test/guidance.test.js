import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listCameras, lookForGuidance, meanGrey, within } from "../src/guidance.js";
import { claimOf, UNAVAILABLE } from "../src/claim.js";

const picture = { width: 640, height: 480 };

/** @param {...number[]} boxes x, y, width, height */
const claim = (...boxes) => claimOf(boxes.map(([x, y, width, height]) => ({ box: { x, y, width, height }, score: 0.9 })), "test");

describe("guidance before the camera", () => {
  it("has nothing to say about one face in the middle, in good light", () => {
    assert.deepEqual(lookForGuidance({ claim: claim([220, 120, 200, 240]), picture, brightness: 120 }), []);
  });

  for (const [name, seen, brightness, expected] of /** @type {[string, any, number|null, string[]][]} */ ([
    ["an empty chair", claim(), 120, ["no_face"]],
    ["a helper", claim([100, 100, 150, 180], [400, 100, 150, 180]), 120, ["several_faces"]],
    ["a face far away", claim([290, 200, 60, 80]), 120, ["too_far"]],
    ["a face too near", claim([70, 20, 500, 450]), 120, ["too_near"]],
    ["a face at the border", claim([0, 120, 160, 200]), 120, ["not_centred"]],
    ["darkness", claim([220, 120, 200, 240]), 20, ["too_dark"]],
    ["a window behind", claim([220, 120, 200, 240]), 240, ["too_bright"]],
    ["an empty dark room", claim(), 10, ["no_face", "too_dark"]],
    ["a detector that did not load", UNAVAILABLE, 120, []],
    ["unknown light", claim([220, 120, 200, 240]), null, []],
  ])) {
    it(`says what ${name} needs`, () => assert.deepEqual(lookForGuidance({ claim: seen, picture, brightness }), expected));
  }

  it("tells light from behind by the face, when it was measured", () => {
    const seen = { claim: claim([220, 120, 200, 240]), picture, brightness: 150 };
    assert.deepEqual(lookForGuidance({ ...seen, faceBrightness: 60 }), ["backlit"]);
    assert.deepEqual(lookForGuidance({ ...seen, faceBrightness: 130 }), []);
  });

  it("measures light as the eye does", () => {
    assert.equal(Math.round(meanGrey([255, 255, 255, 255, 0, 0, 0, 255])), 128);
    assert.ok(meanGrey([0, 255, 0, 255]) > meanGrey([0, 0, 255, 255]));
  });

  it("measures the light of a face inside the picture alone", () => {
    assert.deepEqual(within(picture, { x: -20, y: 400, width: 100, height: 200 }), { x: 0, y: 400, width: 80, height: 80 });
    assert.deepEqual(within(picture), { x: 0, y: 0, width: 640, height: 480 });
  });

  it("lists cameras alone, and none where there are no devices", async () => {
    const devices = { enumerateDevices: async () => [{ kind: "audioinput", deviceId: "a", label: "" }, { kind: "videoinput", deviceId: "b", label: "Cam" }, { kind: "videoinput", deviceId: "", label: "" }] };
    assert.deepEqual(await listCameras(/** @type {any} */ (devices)), [{ deviceId: "b", label: "Cam" }]);
    assert.deepEqual(await listCameras(undefined), []);
  });
});
