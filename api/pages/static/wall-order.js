/** @typedef {import("./wall-state.js").Tile} Tile */
/** @typedef {import("./wall-state.js").Incident} Incident */
/** @typedef {{text: string, state: string, onlyIncidents: boolean, showOver: boolean}} Filter */

const RECOGNISED = new Set(["match", "present"]);
const BAD = new Set(["mismatch", "no_face", "multiple_faces"]);

/** Whether the filter lets a tile through. It is never asked about incidents. @param {Tile} tile @param {Filter} filter @param {boolean} hasIncident */
export function isShown(tile, { text, state, onlyIncidents, showOver }, hasIncident) {
  if (tile.isOver && !showOver) return false;
  if (state && tile.state !== state) return false;
  if (onlyIncidents && !hasIncident) return false;
  return plain(tile.name).includes(plain(text));
}

/** @param {string} text without case and accents */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/** Whether frames are due and none came. @param {Tile} tile @param {number} now by the server's clock */
export function isSilent(tile, now) {
  if (tile.isOver || tile.state !== "started" || tile.silentAfterSeconds === null) return false;
  return now - (tile.lastFrameAt ?? Date.parse(tile.changedAt || "1970-01-01")) > tile.silentAfterSeconds * 1000;
}

/** How a tile is marked, the most urgent first. @param {Tile} tile @param {boolean} hasIncident @param {number} now */
export function moodOf(tile, hasIncident, now) {
  if (hasIncident) return "incident";
  if (tile.isOver) return "over";
  if (isSilent(tile, now)) return "silent";
  if (!tile.last) return "plain";
  if (BAD.has(tile.last.verdict)) return "bad";
  return RECOGNISED.has(tile.last.verdict) ? "good" : "unsure";
}

/** @param {Iterable<Tile>} tiles @param {Map<string, Incident[]>} ongoing @param {number} now */
export function countsOf(tiles, ongoing, now) {
  const counts = { writing: 0, recognised: 0, incident: 0, silent: 0, waiting: 0 };
  for (const tile of tiles) {
    if (tile.isOver) continue;
    const silent = isSilent(tile, now);
    if (tile.state === "started") {
      counts.writing += 1;
      if (!silent && tile.last && RECOGNISED.has(tile.last.verdict)) counts.recognised += 1;
    }
    if (ongoing.has(tile.id)) counts.incident += 1;
    if (silent) counts.silent += 1;
    counts.waiting += tile.waitingFrames;
  }
  return counts;
}

/** How long an incident lasted, or lasts by now: what it is made of, without the times between. @param {Incident} incident @param {number} now by the server's clock @returns {number} milliseconds */
export function lastedMilliseconds({ figures, last_at, closed_at }, now) {
  return figures.lasted_seconds * 1000 + (closed_at === null ? now - Date.parse(last_at) : 0);
}

/** @param {number} milliseconds @returns {string} as `12 s`, `3 min`, `1 h 5 min` */
export function ageWords(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
