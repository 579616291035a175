import assert from "node:assert/strict";
import test from "node:test";
import { agoWords, checkWords, clockWords, gapWords, networkWords } from "../../../api/pages/static/attempt-words.js";

const RECEIVED_AT = "2026-11-23T10:00:00.000000Z";
const NOW = Date.parse(RECEIVED_AT) + 12_000;
const VERDICTS = ["match", "mismatch", "inconclusive", "no_face", "multiple_faces", "low_quality", "error"];

test("a good check is said quietly", () => {
  const words = checkWords({ verdict: "match", received_at: RECEIVED_AT, reasons: [] }, NOW);
  assert.deepEqual(words, { text: "Last check 12 s ago: fine.", tone: "good" });
});

test("no verdict is called by its code, and none accuses", () => {
  for (const verdict of VERDICTS) {
    const { text } = checkWords({ verdict, received_at: RECEIVED_AT, reasons: [] }, NOW);
    assert.doesNotMatch(text, /_|mismatch|wrong|cheat|\bscore\b/);
    assert.match(text, /\.$/);
  }
});

test("a poor picture is explained in the server's words", () => {
  const reasons = [{ message: "The picture is too dark. Turn on a light in front of you." }];
  const { text } = checkWords({ verdict: "low_quality", received_at: RECEIVED_AT, reasons }, NOW);
  assert.match(text, /too dark/);
});

test("before the first check nothing is claimed", () => {
  assert.equal(checkWords(null, NOW).tone, "plain");
});

test("a clock that runs behind never speaks of the future", () => {
  assert.equal(agoWords(-5000), "0 s ago");
  assert.equal(agoWords(150_000), "3 min ago");
});

test("time left is read like a clock and never negative", () => {
  assert.equal(clockWords(3849), "1:04:09");
  assert.equal(clockWords(249), "4:09");
  assert.equal(clockWords(59.2), "1:00");
  assert.equal(clockWords(-3), "0:00");
});

test("the network is in trouble only while something waits", () => {
  const lastError = { code: "unreachable" };
  assert.equal(networkWords({ lastError, lastSentAt: null, waiting: 2 }), "no answer, trying again");
  assert.equal(networkWords({ lastError: null, lastSentAt: new Date(), waiting: 0 }), "working");
});

test("a gap without a camera is told with its length, and that the exam went on", () => {
  assert.equal(gapWords(200), "The camera was away for 1 second. That is noted; your exam went on.");
  assert.match(gapWords(12_400), /for 12 seconds/);
  assert.match(gapWords(180_000), /for 3 minutes/);
});
