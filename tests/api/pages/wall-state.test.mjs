import assert from "node:assert/strict";
import test from "node:test";
import { WallState } from "../../../api/pages/static/wall-state.js";

const T = (/** @type {number} */ second) => `2026-11-25T10:00:${String(second).padStart(2, "0")}.000000Z`;
const tile = (/** @type {object} */ change = {}) => ({ attempt_id: "a1", exam_id: "e1", shown_name: "Anna", title: "Optics", state: "started", silent_after_seconds: 20, last_frame_at: null, waiting_frames: 0, last: null, points: [], ...change });
const snapshot = (/** @type {object} */ change = {}) => ({ read_at: T(10), tiles: [tile()], incidents: [], is_cut: false, incidents_are_cut: false, ...change });
const check = (/** @type {number} */ seq, /** @type {object} */ change = {}) => ({ attempt_id: "a1", seq, verdict: "match", distance: 0.3, match_threshold: 0.5, mismatch_threshold: 0.6, received_at: T(seq), created_at: T(seq), claim_status: null, signals: [], ...change });
const incident = (/** @type {object} */ change = {}) => ({ id: "i1", attempt_id: "a1", exam_id: "e1", shown_name: "Anna", kind: "nobody", severity: "high", evidence: 3, closed_at: null, review_state: "unreviewed", updated_at: T(11), withdrawn_at: null, ...change });
const moved = (/** @type {string} */ state, /** @type {number} */ second, /** @type {object} */ change = {}) => ({ attempt_id: "a1", exam_id: "e1", shown_name: "Anna", title: "Optics", is_practice: false, to: state, state, at: T(second), ...change });

function opened(/** @type {any} */ examId = null) {
  const state = new WallState(examId, () => 1000);
  state.applySnapshot(snapshot(), true);
  state.takeChanges();
  return state;
}

test("checks that come twice or out of order end up once and in order", () => {
  const state = opened();
  for (const seq of [1, 3, 2, 3]) state.applyVerification(check(seq));
  const known = state.tiles.get("a1");
  assert.deepEqual(known?.points.map(({ seq }) => seq), [1, 2, 3]);
  assert.equal(known?.last?.seq, 3);
  assert.deepEqual([...state.takeChanges().tiles], ["a1"]);
  state.applyVerification(check(3, { verdict: "mismatch" }));
  assert.equal(known?.points.length, 3);
  assert.equal(known?.last?.verdict, "mismatch");
});

test("a line keeps the last sixty checks", () => {
  const state = opened();
  for (let seq = 1; seq <= 70; seq += 1) state.applyVerification(check(seq, { received_at: T(1) }));
  assert.deepEqual(state.tiles.get("a1")?.points.map(({ seq }) => seq)[0], 11);
});

test("a snapshot that is older than an event takes nothing back", () => {
  const state = opened();
  state.applyVerification(check(9));
  state.applyAttempt(moved("error", 12));
  state.applySnapshot(snapshot({ read_at: T(11), tiles: [tile({ last: check(8), points: [[8, "match", 0.3]] })] }), false);
  assert.equal(state.tiles.get("a1")?.state, "error");
  assert.equal(state.tiles.get("a1")?.last?.seq, 9);
  assert.deepEqual(state.tiles.get("a1")?.points.map(({ seq }) => seq), [8, 9]);
});

test("who starts appears, who hands in is over, and changes of one moment come in any order", () => {
  const state = opened();
  state.applyAttempt(moved("created", 11, { attempt_id: "a2", state: "started" }));
  state.applyAttempt(moved("started", 11, { attempt_id: "a2" }));
  assert.equal(state.tiles.get("a2")?.state, "started");
  state.applyAttempt(moved("submitted", 20, { attempt_id: "a2" }));
  state.applyAttempt(moved("started", 11, { attempt_id: "a2" }));
  assert.deepEqual([state.tiles.get("a2")?.state, state.tiles.get("a2")?.isOver], ["submitted", true]);
  state.applyAttempt(moved("created", 21, { attempt_id: "a3" }));
  assert.equal(state.tiles.has("a3"), false);
});

test("practice and attempts of other exams get no tile", () => {
  const state = opened("e1");
  state.applyAttempt(moved("started", 11, { attempt_id: "a2", exam_id: "e2" }));
  state.applyAttempt(moved("started", 11, { attempt_id: "a3", is_practice: true }));
  assert.deepEqual([...state.tiles.keys()], ["a1"]);
});

test("an attempt that is missing in a newer snapshot is over, unless the snapshot was cut", () => {
  const state = opened();
  state.applySnapshot(snapshot({ read_at: T(30), tiles: [], is_cut: true }), false);
  assert.equal(state.tiles.get("a1")?.isOver, false);
  state.applySnapshot(snapshot({ read_at: T(30), tiles: [] }), false);
  assert.equal(state.tiles.get("a1")?.isOver, true);
});

test("an incident of an exam that is not shown is kept and told all the same", () => {
  const state = opened("e1");
  state.applyIncident(incident({ id: "i2", attempt_id: "b1", exam_id: "e2" }));
  const { fresh, incidents } = state.takeChanges();
  assert.deepEqual([fresh.map(({ id }) => id), incidents], [["i2"], true]);
  assert.equal(state.incidents.get("i2")?.freshSince, 1000);
});

test("incidents of the first snapshot are no news, those of later ones are", () => {
  const state = new WallState(null);
  state.applySnapshot(snapshot({ incidents: [incident()] }), true);
  assert.equal(state.takeChanges().fresh.length, 0);
  state.applySnapshot(snapshot({ read_at: T(20), incidents: [incident(), incident({ id: "i2" })] }), false);
  assert.deepEqual(state.takeChanges().fresh.map(({ id }) => id), ["i2"]);
});

test("an incident goes when it was withdrawn or decided, and an older version changes nothing", () => {
  const state = opened();
  state.applyIncident(incident({ updated_at: T(20), last_seq: 9 }));
  state.applyIncident(incident({ updated_at: T(15), last_seq: 1 }));
  assert.equal(/** @type {any} */ (state.incidents.get("i1")?.incident).last_seq, 9);
  assert.equal(state.ongoingByAttempt().get("a1")?.length, 1);
  state.applyIncident(incident({ updated_at: T(21), closed_at: T(21) }));
  assert.equal(state.ongoingByAttempt().size, 0);
  state.applyIncident(incident({ updated_at: T(22), review_state: "dismissed" }));
  assert.equal(state.incidents.size, 0);
  state.applyIncident(incident({ updated_at: T(23) }));
  state.applyIncident(incident({ updated_at: T(24), withdrawn_at: T(24) }));
  assert.equal(state.incidents.size, 0);
});

test("a snapshot without an incident removes it, unless it is newer than the snapshot", () => {
  const state = opened();
  state.applyIncident(incident({ updated_at: T(20) }));
  state.applySnapshot(snapshot({ read_at: T(15) }), false);
  assert.equal(state.incidents.size, 1);
  state.applySnapshot(snapshot({ read_at: T(25) }), false);
  assert.equal(state.incidents.size, 0);
});

test("a snapshot renames a tile without incidents", () => {
  const state = opened();
  assert.equal(state.tiles.get("a1")?.name, "Anna");
  state.applySnapshot(snapshot({ read_at: T(25), tiles: [tile({ shown_name: "Erased student" })] }), false);
  assert.equal(state.tiles.get("a1")?.name, "Erased student");
});

test("an erased student's name goes from tile and incident, and that is no news", () => {
  const state = opened();
  state.applyIncident(incident());
  state.takeChanges();
  state.applySnapshot(snapshot({ read_at: T(25), tiles: [], incidents: [incident({ shown_name: "Erased student" })] }), false);
  assert.equal(state.incidents.get("i1")?.incident.shown_name, "Erased student");
  assert.equal(state.tiles.get("a1")?.name, "Erased student");
  const { incidents, fresh, tiles } = state.takeChanges();
  assert.deepEqual([incidents, fresh, [...tiles]], [true, [], ["a1"]]);
  state.applyIncident(incident({ updated_at: T(5) }));
  assert.equal(state.incidents.get("i1")?.incident.shown_name, "Erased student");
  state.applyAttempt(moved("started", 30, { attempt_id: "a2" }));
  state.applyAttempt(moved("expired", 31, { attempt_id: "a2", shown_name: "Erased student" }));
  assert.equal(state.tiles.get("a2")?.name, "Erased student");
});
