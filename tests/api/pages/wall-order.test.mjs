import assert from "node:assert/strict";
import test from "node:test";
import { heightOf, linePath, marksPath } from "../../../api/pages/static/wall-line.js";
import { ageWords, countsOf, isShown, isSilent, lastedMilliseconds, moodOf } from "../../../api/pages/static/wall-order.js";
import { FRESH_MILLISECONDS, repeatsInOrder } from "../../../api/pages/static/wall-repeats.js";
import { due, EVERY, EVERY_WITH_INCIDENT, WallPictures } from "../../../api/pages/static/wall-pictures.js";

const NOW = Date.parse("2026-11-25T10:10:00Z");
const all = { text: "", state: "", onlyIncidents: false, showOver: false };
const tile = (/** @type {object} */ change = {}) => /** @type {any} */ ({ id: "a1", name: "Ánna Bauer", state: "started", silentAfterSeconds: 20, lastFrameAt: NOW - 3000, waitingFrames: 0, last: { verdict: "match" }, points: [], changedAt: "", isOver: false, ...change });
const kept = (/** @type {string} */ id, /** @type {object} */ change = {}, /** @type {number|null} */ freshSince = null) => /** @type {any} */ ({ incident: { id, attempt_id: id, kind: "nobody", severity: "low", opened_at: "2026-11-25T10:00:00Z", closed_at: null, ...change }, freshSince });

test("new incidents stand first, then those that go on, then by severity and time", () => {
  const ordered = repeatsInOrder(
    [
      kept("over", { severity: "high", closed_at: "2026-11-25T10:05:00Z" }),
      kept("low"),
      kept("high"),
      kept("newer-high", { severity: "high", opened_at: "2026-11-25T10:03:00Z" }),
      kept("older-high", { severity: "high" }),
      kept("fresh", {}, NOW - FRESH_MILLISECONDS + 1),
      kept("stale", { severity: "medium" }, NOW - FRESH_MILLISECONDS),
    ],
    NOW,
  );
  assert.deepEqual(ordered.map(({ lead }) => lead.id), ["fresh", "newer-high", "older-high", "stale", "low", "high", "over"]);
});

test("what happened again in an attempt stands on one line, under its worst severity", () => {
  const again = { attempt_id: "a1" };
  const [first, second, ...others] = repeatsInOrder(
    [
      kept("other-kind", { ...again, kind: "away" }),
      kept("over", { ...again, severity: "high", closed_at: "2026-11-25T10:05:00Z" }),
      kept("open", { ...again, opened_at: "2026-11-25T10:06:00Z" }),
      kept("elsewhere", { attempt_id: "a2", severity: "medium" }),
    ],
    NOW,
  );
  const { lead, newest, ongoing, times, severity, isFresh } = first;
  assert.deepEqual([lead.id, newest.id, ongoing.map(({ id }) => id), times, severity, isFresh], ["open", "open", ["open"], 2, "high", false]);
  assert.deepEqual([second.lead.id, ...others.map((one) => one.lead.id)], ["elsewhere", "other-kind"]);
});

test("a new incident lifts its line above all and is the one the line leads to, even when it is over", () => {
  const again = { attempt_id: "a1", severity: "low" };
  const known = [kept("going-on", { ...again, opened_at: "2026-11-25T10:01:00Z" }), kept("severe", { attempt_id: "a2", severity: "high" })];
  assert.equal(repeatsInOrder(known, NOW)[0].lead.id, "severe");
  const fresh = kept("fresh", { ...again, opened_at: "2026-11-25T10:09:58Z", closed_at: "2026-11-25T10:09:59Z" }, NOW - 1000);
  const [first, second] = repeatsInOrder([...known, fresh], NOW);
  assert.deepEqual([first.lead.id, first.newest.id, first.times, first.isFresh], ["fresh", "fresh", 2, true]);
  assert.deepEqual([first.ongoing.map(({ id }) => id), second.lead.id], [["going-on"], "severe"]);
  const later = repeatsInOrder([...known, fresh], NOW + FRESH_MILLISECONDS);
  assert.deepEqual(later.map(({ lead }) => lead.id), ["severe", "going-on"]);
});

test("an incident lasts as long as what it is made of, and goes on with the clock", () => {
  const absences = { first_at: "2026-11-25T10:00:00Z", last_at: "2026-11-25T10:05:00Z", figures: { lasted_seconds: 6, times: 3 } };
  const { incident: over } = kept("over", { ...absences, closed_at: "2026-11-25T10:05:00Z" });
  assert.equal(lastedMilliseconds(over, NOW), 6000);
  const { incident: open } = kept("open", { ...absences, last_at: "2026-11-25T10:09:50Z" });
  assert.equal(lastedMilliseconds(open, NOW), 16_000);
});

test("filters look at name without accents, state, incidents and the end", () => {
  assert.ok(isShown(tile(), { ...all, text: "anna b" }, false));
  assert.ok(!isShown(tile(), { ...all, text: "berta" }, false));
  assert.ok(!isShown(tile(), { ...all, state: "ready" }, false));
  assert.ok(!isShown(tile(), { ...all, onlyIncidents: true }, false));
  assert.ok(isShown(tile(), { ...all, onlyIncidents: true }, true));
  assert.ok(!isShown(tile({ isOver: true }), all, false));
  assert.ok(isShown(tile({ isOver: true }), { ...all, showOver: true }, false));
});

test("silent is who writes and sends nothing, and nobody who need not", () => {
  const late = { lastFrameAt: NOW - 20_001 };
  assert.ok(isSilent(tile(late), NOW));
  assert.ok(isSilent(tile({ lastFrameAt: null }), NOW));
  for (const change of [{ lastFrameAt: NOW - 20_000 }, { ...late, silentAfterSeconds: null }, { ...late, state: "ready" }, { ...late, isOver: true }]) {
    assert.ok(!isSilent(tile(change), NOW));
  }
});

test("the most urgent marks a tile", () => {
  assert.equal(moodOf(tile(), true, NOW), "incident");
  assert.equal(moodOf(tile({ lastFrameAt: 0 }), false, NOW), "silent");
  assert.equal(moodOf(tile(), false, NOW), "good");
  assert.equal(moodOf(tile({ last: { verdict: "no_face" } }), false, NOW), "bad");
  assert.equal(moodOf(tile({ last: { verdict: "low_quality" } }), false, NOW), "unsure");
  assert.equal(moodOf(tile({ last: null }), false, NOW), "plain");
});

test("a match that is old is not counted as recognised", () => {
  const tiles = [tile(), tile({ id: "a2", lastFrameAt: 0 }), tile({ id: "a3", state: "ready", waitingFrames: 2 }), tile({ id: "a4", isOver: true, waitingFrames: 9 })];
  assert.deepEqual(countsOf(tiles, new Map([["a3", []]]), NOW), { writing: 2, recognised: 1, incident: 1, silent: 1, waiting: 2 });
});

test("ages are said shortly", () => {
  assert.deepEqual([-5, 12_900, 99_999, 100_000, 3_900_000, 7_500_000].map(ageWords), ["0 s", "12 s", "99 s", "1 min", "65 min", "2 h 5 min"]);
});

test("a line breaks where a frame is missing or had no distance", () => {
  const points = [1, 2, 4, 5, 6].map((seq) => ({ seq, verdict: "match", distance: seq === 5 ? null : 0.5 }));
  assert.equal(linePath(points, 7), "M40 14h0.01L60 14M80 14h0.01M120 14h0.01");
  assert.equal(marksPath(points, 7), "M100 28v-4");
  assert.ok(heightOf(0.3) > heightOf(0.6));
  assert.deepEqual([heightOf(-1), heightOf(2)], [28, 0]);
});

test("pictures are due when a newer frame came, at most every ten seconds, sooner with an incident", () => {
  const loaded = new Map([["old", { version: 1, at: NOW - EVERY }], ["new", { version: 1, at: NOW - EVERY_WITH_INCIDENT }], ["same", { version: 1, at: 0 }]]);
  const wanted = (/** @type {string} */ id, /** @type {number|null} */ version, hasIncident = false) => ({ id, version, hasIncident });
  const ids = (/** @type {any[]} */ inView) => due(inView, loaded, NOW).map(({ id }) => id);
  assert.deepEqual(ids([wanted("old", 2), wanted("new", 2), wanted("same", 1), wanted("first", 2), wanted("never", null)]), ["first", "old"]);
  assert.deepEqual(ids([wanted("new", 2, true)]), ["new"]);
});

test("no picture is loaded before it is on record, and all shown go on record together", async () => {
  /** @type {string[][]} */
  const looks = [];
  /** @type {string[]} */
  const fetched = [];
  const pictures = new WallPictures({
    begin: async (ids) => ({ id: `look${looks.push(ids)}`, attempt_ids: ids, expires_at: "" }),
    fetch: async (look, attempt) => (fetched.push(`${look}/${attempt}`), null),
    show: () => {},
  });
  const inView = [{ id: "a1", version: 1, hasIncident: false }];
  await pictures.update(inView, ["a1", "a2"], 0);
  assert.deepEqual([looks, fetched], [[["a1", "a2"]], []]);
  await pictures.update(inView, ["a1", "a2"], 1000);
  assert.deepEqual(fetched, ["look1/a1"]);
  inView.push({ id: "a3", version: 1, hasIncident: false });
  await pictures.update(inView, ["a1", "a2", "a3"], 9000);
  assert.equal(looks.length, 1);
  await pictures.update(inView, ["a1", "a2", "a3"], 11_000);
  await pictures.update(inView, ["a1", "a2", "a3"], 12_000);
  assert.deepEqual([looks[1], fetched], [["a3"], ["look1/a1", "look2/a3"]]);
});
