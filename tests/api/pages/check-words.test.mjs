import assert from "node:assert/strict";
import test from "node:test";
import {
  browserFinding,
  cameraFinding,
  clockFinding,
  detectorFinding,
  networkFinding,
  pictureFinding,
  serverFinding,
  startWords,
} from "../../../api/pages/static/check-words.js";

const RECEIVED_AT = "2026-11-23T10:00:00.000000Z";
const NOW = Date.parse(RECEIVED_AT) + 3000;
const VERDICTS = ["match", "present", "mismatch", "inconclusive", "no_face", "multiple_faces", "low_quality", "error"];

/** @param {string} verdict */
function attemptWith(verdict, { verifiedAt = null, reasons = [] } = {}) {
  return { verified_frame_at: verifiedAt, last_verification: { verdict, received_at: RECEIVED_AT, reasons }, counts: { frames: 1 } };
}

test("the server's recognition is told with its age, and for presence without comparing", () => {
  const attempt = attemptWith("match", { verifiedAt: RECEIVED_AT });
  assert.deepEqual(serverFinding(attempt, "match", NOW), { state: "ok", text: "The server recognised you 3 s ago." });
  assert.match(serverFinding(attempt, "presence", NOW).text, /Nothing was compared/);
});

test("no verdict is called by its code, none accuses, and each trouble says what to do", () => {
  for (const verdict of VERDICTS) {
    const { state, text } = serverFinding(attemptWith(verdict), "match", NOW);
    assert.doesNotMatch(text, /_|mismatch|wrong|cheat|score|distance/);
    if (state === "trouble") assert.match(text, /Look|Sit|Make sure|next one/);
  }
});

test("a good picture that has grown too old opens nothing", () => {
  assert.equal(serverFinding(attemptWith("match"), "match", NOW).state, "waiting");
});

test("one odd picture after a good one closes nothing, and is told", () => {
  const found = serverFinding(attemptWith("no_face", { verifiedAt: RECEIVED_AT }), "match", NOW);
  assert.equal(found.state, "ok");
  assert.match(found.text, /recognised you.*sees nobody/);
});

test("a poor picture is explained in the server's words", () => {
  const reasons = [{ message: "The picture is too dark. Turn on a light in front of you." }];
  assert.match(serverFinding(attemptWith("low_quality", { reasons }), "match", NOW).text, /too dark/);
});

test("before the first answer nothing is claimed", () => {
  const attempt = { verified_frame_at: null, last_verification: null, counts: { frames: 0 } };
  assert.equal(serverFinding(attempt, "match", NOW).state, "waiting");
  assert.match(serverFinding({ ...attempt, counts: { frames: 1 } }, "match", NOW).text, /looking at the first picture/);
});

test("the network counts as checked only when a real picture has arrived", () => {
  assert.equal(networkFinding(null, null, true).state, "waiting");
  assert.equal(networkFinding(40, null, true).state, "waiting");
  assert.equal(networkFinding(40, null, false).state, "ok");
  assert.match(networkFinding(40, { milliseconds: 180, byteCount: 48_000 }, true).text, /40 ms.*48 kB.*180 ms/);
});

test("a slow network is no trouble, and says so", () => {
  const found = networkFinding(40, { milliseconds: 9000, byteCount: 48_000 }, true);
  assert.equal(found.state, "ok");
  assert.match(found.text, /Slow, but it works/);
});

test("a wrong clock is told in minutes or hours, and which way", () => {
  assert.equal(clockFinding(null).state, "waiting");
  assert.equal(clockFinding(-20_000).state, "ok");
  assert.match(clockFinding(12 * 60_000).text, /12 min slow/);
  assert.match(clockFinding(-3 * 3_600_000).text, /3 h fast/);
  assert.match(clockFinding(12 * 60_000).text, /start all the same/);
});

test("every trouble of the camera says what to do", () => {
  for (const camera of ["denied", "missing", "lost"]) {
    const { state, text } = cameraFinding({ camera, role: "capturing" }, "");
    assert.equal(state, "trouble");
    assert.match(text, /Try the camera again/);
  }
  assert.equal(cameraFinding({ camera: "live", role: "capturing" }, "Front camera").text, "Front camera");
});

test("another tab with the camera is told before anything about the camera", () => {
  assert.match(cameraFinding({ camera: "live", role: "waiting" }, "").text, /another tab/);
});

test("a page without a detector is fine: the server looks itself", () => {
  assert.equal(detectorFinding("unavailable").state, "ok");
  assert.equal(pictureFinding([], { status: "unavailable" }).state, "ok");
});

test("the most important hint is told first", () => {
  assert.match(pictureFinding(["too_dark", "too_far"], { status: "one_face" }).text, /too dark/);
});

test("a browser that lacks something is told which", () => {
  assert.equal(browserFinding({ camera: true }).state, "ok");
  const found = browserFinding({ camera: true, workers: false });
  assert.equal(found.state, "trouble");
  assert.match(found.text, /lacks: workers/);
});

test("below the button stands what keeps it closed", () => {
  const how = { isReachable: true, isElsewhere: false, isOpen: false, faceCheck: "match" };
  assert.match(startWords(how), /recognised/);
  assert.match(startWords({ ...how, faceCheck: "presence" }), /seen you/);
  assert.match(startWords({ ...how, isOpen: true }), /You can start/);
  assert.match(startWords({ ...how, isElsewhere: true }), /another tab/);
  assert.match(startWords({ ...how, isReachable: false }), /cannot be reached/);
});
