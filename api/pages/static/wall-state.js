/** @typedef {{seq: number, verdict: string, distance: number|null}} Point */
/** @typedef {{attempt_id: string, seq: number, received_at: string, created_at: string, verdict: string, distance: number|null, match_threshold: number, mismatch_threshold: number, claim_status: string|null, signals: string[]}} Check */
/** @typedef {{id: string, attempt_id: string, exam_id: string|null, shown_name: string, kind: string, severity: string, evidence: number, worst_seq: number|null, first_at: string, opened_at: string, last_at: string, closed_at: string|null, figures: Record<string, number>, review_state: string, updated_at: string, withdrawn_at: string|null}} Incident */
/** @typedef {{id: string, name: string, title: string, examId: string|null, state: string, silentAfterSeconds: number|null, lastFrameAt: number|null, waitingFrames: number, last: Check|null, points: Point[], changedAt: string, isOver: boolean}} Tile */
/** @typedef {{incident: Incident, freshSince: number|null}} KeptIncident */
/** @typedef {{tiles: Set<string>, incidents: boolean, fresh: Incident[]}} Changes */

/** Checks kept for a line. */
export const POINTS_MOST = 60;

/** Tiles of attempts that are over which are kept, to be looked at on demand. */
const OVER_MOST = 200;

/** States in which an attempt has a tile. */
const OPEN = new Set(["started", "ready", "error"]);

const DECIDED = new Set(["confirmed", "dismissed"]);

/** What is known of all attempts, put together from snapshots and events that may come twice and in any order. */
export class WallState {
  /** @type {Map<string, Tile>} */
  tiles = new Map();
  /** @type {Map<string, KeptIncident>} of all exams: no filter hides one */
  incidents = new Map();
  #examId;
  #now;
  /** @type {Changes} */
  #changes = { tiles: new Set(), incidents: false, fresh: [] };

  /** @param {string|null} examId of the only exam whose attempts have tiles @param {() => number} [now] milliseconds */
  constructor(examId, now = Date.now) {
    this.#examId = examId;
    this.#now = now;
  }

  /** What changed since this was last asked. @returns {Changes} */
  takeChanges() {
    const changes = this.#changes;
    this.#changes = { tiles: new Set(), incidents: false, fresh: [] };
    return changes;
  }

  /** The incidents that go on, by attempt. @returns {Map<string, Incident[]>} */
  ongoingByAttempt() {
    /** @type {Map<string, Incident[]>} */
    const found = new Map();
    for (const { incident } of this.incidents.values()) {
      if (incident.closed_at === null) found.set(incident.attempt_id, [...(found.get(incident.attempt_id) ?? []), incident]);
    }
    return found;
  }

  /** @param {any} snapshot of the server @param {boolean} isFirst what it holds is then no news */
  applySnapshot(snapshot, isFirst) {
    const open = new Set();
    for (const shown of snapshot.tiles) {
      open.add(shown.attempt_id);
      this.#mergeTile(shown, snapshot.read_at);
    }
    for (const tile of this.tiles.values()) {
      if (!open.has(tile.id) && !tile.isOver && tile.changedAt < snapshot.read_at && !snapshot.is_cut) this.#end(tile);
    }
    const standing = new Set();
    for (const incident of snapshot.incidents) {
      standing.add(incident.id);
      this.#mergeIncident(incident, !isFirst);
    }
    if (snapshot.incidents_are_cut) return;
    for (const [id, { incident }] of this.incidents) {
      if (!standing.has(id) && incident.updated_at < snapshot.read_at) this.#forgetIncident(id);
    }
  }

  /** @param {Check} check */
  applyVerification(check) {
    const tile = this.tiles.get(check.attempt_id);
    if (!tile) return;
    addPoint(tile.points, check);
    if (!tile.last || check.seq >= tile.last.seq) tile.last = check;
    tile.lastFrameAt = Math.max(tile.lastFrameAt ?? 0, Date.parse(check.received_at));
    this.#changes.tiles.add(tile.id);
  }

  /** @param {Incident} incident */
  applyIncident(incident) {
    this.#mergeIncident(incident, true);
  }

  /** @param {any} change of an attempt's state */
  applyAttempt(change) {
    if (change.is_practice || (this.#examId && change.exam_id !== this.#examId)) return;
    let tile = this.tiles.get(change.attempt_id);
    if (tile && change.at < tile.changedAt) return;
    if (!tile) {
      if (!OPEN.has(change.state)) return;
      tile = newTile(change.attempt_id, change);
      this.tiles.set(tile.id, tile);
    }
    tile.name = change.shown_name;
    tile.state = change.state;
    tile.changedAt = change.at;
    tile.isOver = false;
    if (OPEN.has(change.state)) this.#changes.tiles.add(tile.id);
    else this.#end(tile);
  }

  /** @param {any} shown @param {string} readAt */
  #mergeTile(shown, readAt) {
    const known = this.tiles.get(shown.attempt_id);
    const tile = known ?? newTile(shown.attempt_id, shown);
    this.tiles.set(tile.id, tile);
    tile.name = shown.shown_name;
    if (tile.changedAt < readAt) Object.assign(tile, { state: shown.state, isOver: false });
    tile.silentAfterSeconds = shown.silent_after_seconds;
    tile.waitingFrames = shown.waiting_frames;
    if (shown.last_frame_at) tile.lastFrameAt = Math.max(tile.lastFrameAt ?? 0, Date.parse(shown.last_frame_at));
    for (const [seq, verdict, distance] of shown.points) addPoint(tile.points, { seq, verdict, distance });
    if (shown.last) addPoint(tile.points, shown.last);
    if (shown.last && (!tile.last || shown.last.seq > tile.last.seq)) tile.last = shown.last;
    this.#changes.tiles.add(tile.id);
  }

  /** @param {Tile} tile */
  #end(tile) {
    tile.isOver = true;
    tile.waitingFrames = 0;
    this.#changes.tiles.add(tile.id);
    const over = [...this.tiles.values()].filter((one) => one.isOver);
    for (const { id } of over.sort((one, other) => (one.changedAt < other.changedAt ? -1 : 1)).slice(0, -OVER_MOST)) {
      this.tiles.delete(id);
      this.#changes.tiles.add(id);
    }
  }

  /** @param {Incident} incident @param {boolean} isNews */
  #mergeIncident(incident, isNews) {
    const known = this.incidents.get(incident.id);
    if (known && incident.updated_at === known.incident.updated_at) return this.#rename(known, incident.shown_name);
    if (known && incident.updated_at < known.incident.updated_at) return;
    if (incident.withdrawn_at || DECIDED.has(incident.review_state)) return this.#forgetIncident(incident.id);
    this.incidents.set(incident.id, { incident, freshSince: known ? known.freshSince : isNews ? this.#now() : null });
    this.#noteIncident(incident.attempt_id);
    if (!known && isNews) this.#changes.fresh.push(incident);
  }

  /** An erasure takes the name and leaves the incident as it was. @param {KeptIncident} known @param {string} name */
  #rename({ incident }, name) {
    if (incident.shown_name === name) return;
    incident.shown_name = name;
    const tile = this.tiles.get(incident.attempt_id);
    if (tile) tile.name = name;
    this.#noteIncident(incident.attempt_id);
  }

  /** @param {string} id */
  #forgetIncident(id) {
    const known = this.incidents.get(id);
    if (!known) return;
    this.incidents.delete(id);
    this.#noteIncident(known.incident.attempt_id);
  }

  /** @param {string} attemptId */
  #noteIncident(attemptId) {
    this.#changes.incidents = true;
    if (this.tiles.has(attemptId)) this.#changes.tiles.add(attemptId);
  }
}

/** @param {string} id @param {any} told @returns {Tile} */
function newTile(id, { shown_name: name, title, exam_id: examId, state }) {
  return { id, name, title: title || "Without an exam", examId, state, silentAfterSeconds: null, lastFrameAt: null, waitingFrames: 0, last: null, points: [], changedAt: "", isOver: false };
}

/** Puts a check in its place; the same frame checked again replaces what was there. @param {Point[]} points @param {Point} point */
function addPoint(points, { seq, verdict, distance }) {
  let at = points.length;
  while (at > 0 && points[at - 1].seq > seq) at -= 1;
  const isKnown = at > 0 && points[at - 1].seq === seq;
  points.splice(isKnown ? at - 1 : at, isKnown ? 1 : 0, { seq, verdict, distance });
  if (points.length > POINTS_MOST) points.shift();
}
