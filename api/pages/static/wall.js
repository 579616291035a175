import { byId, part, say } from "./elements.js";
import { ask } from "./service.js";
import { Alarm } from "./wall-alarm.js";
import { filter, onFilter, wantsPictures } from "./wall-controls.js";
import { WallFeed } from "./wall-feed.js";
import { TileGrid } from "./wall-grid.js";
import { IncidentList } from "./wall-list.js";
import { countsOf, isShown } from "./wall-order.js";
import { WallPictures } from "./wall-pictures.js";
import { showStanding } from "./wall-standing.js";
import { WallState } from "./wall-state.js";
import { wordOf } from "./wall-words.js";

/** Tiles written in one frame of the screen: a full wall comes in eight of them, and none is felt. */
const TILES_A_FRAME = 40;

const page = byId("wall", HTMLElement);
const incidentBox = byId("wall-incidents", HTMLDetailsElement);
const examId = page.dataset.examId || null;
const state = new WallState(examId);
/** @type {Set<string>} tiles to be written anew */
const dirty = new Set();
/** @type {Map<string, import("./wall-state.js").Incident[]>} what goes on, by attempt */
let ongoing = new Map();
let areIncidentsDirty = false;
let isFlushDue = false;
let isCut = false;

const feed = new WallFeed({
  load: (points) => ask("GET", `/api/v1/wall?points=${points}&incidents_of=all${examId ? `&exam_id=${examId}` : ""}`),
  open: (cursor) => new EventSource(`/api/v1/stream?last_event_id=${encodeURIComponent(cursor)}`),
  onSnapshot: (snapshot, isFirst) => {
    isCut = snapshot.is_cut;
    state.applySnapshot(snapshot, isFirst);
    page.dataset.loaded = "true";
    note();
  },
  onEvent: (kind, data) => {
    if (kind === "verification") state.applyVerification(data);
    else if (kind === "incident") state.applyIncident(data);
    else state.applyAttempt(data);
    note();
  },
  onStanding: () => showStanding(feed),
});
const grid = new TileGrid(byId("wall-tiles", HTMLElement), byId("tile-template", HTMLTemplateElement), state.tiles);
const incidents = new IncidentList(byId("incident-list", HTMLElement), byId("incident-template", HTMLTemplateElement), tileNote);
const alarm = new Alarm(byId("wall-announcement", HTMLElement), byId("wall-sound", HTMLButtonElement), (incident) => `${wordOf("incident", incident.kind)}, ${incident.shown_name}`);
const pictures = new WallPictures({
  begin: (ids) => ask("POST", "/api/v1/wall/looks", { exam_id: examId, attempt_ids: ids }),
  fetch: async (look, attempt) => {
    const response = await fetch(`/api/v1/wall/looks/${look}/pictures/${attempt}`, { cache: "no-store" });
    return response.ok ? response.blob() : null;
  },
  show: (id, picture) => grid.view(id)?.showPicture(picture),
});

/** Takes over what changed. Nothing is drawn here: a hidden page draws nothing, and tells all the same. */
function note() {
  const changes = state.takeChanges();
  for (const id of changes.tiles) dirty.add(id);
  if (changes.incidents) {
    areIncidentsDirty = true;
    ongoing = state.ongoingByAttempt();
  }
  if (changes.fresh.length) {
    incidentBox.open = true;
    alarm.tell(changes.fresh, openCount());
  }
  if (dirty.size || areIncidentsDirty) drawSoon();
}

function drawSoon() {
  if (isFlushDue) return;
  isFlushDue = true;
  requestAnimationFrame(draw);
}

function draw() {
  isFlushDue = false;
  const now = feed.shownAt();
  let left = TILES_A_FRAME;
  for (const id of dirty) {
    dirty.delete(id);
    const tile = state.tiles.get(id);
    const own = ongoing.get(id) ?? [];
    grid.show(id, own, tile !== undefined && isShown(tile, filter(), own.length > 0), now);
    if (--left === 0) break;
  }
  if (areIncidentsDirty) showIncidents();
  showCounts(now);
  if (dirty.size) drawSoon();
}

/** Why an attempt's tile cannot be seen. @param {string} attemptId */
function tileNote(attemptId) {
  const tile = state.tiles.get(attemptId);
  if (!tile) return examId ? "not on the wall of this exam" : "not open any more";
  if (isShown(tile, filter(), ongoing.has(attemptId))) return "";
  return tile.isOver ? "not open any more" : "its tile is filtered out";
}

function openCount() {
  return [...ongoing.values()].flat().length;
}

function showIncidents() {
  areIncidentsDirty = false;
  incidents.show(state.incidents, feed.shownAt());
  const over = state.incidents.size - openCount();
  say(byId("incident-count", HTMLElement), `${openCount()} open${over ? `, ${over} over` : ""}`);
  byId("no-incidents", HTMLElement).hidden = state.incidents.size > 0;
}

/** @param {number} now by the server's clock */
function showCounts(now) {
  for (const [name, count] of Object.entries(countsOf(state.tiles.values(), ongoing, now))) say(part(page, `count-${name}`), String(count));
  const all = [...state.tiles.values()].filter(({ isOver }) => !isOver || filter().showOver).length;
  const shown = grid.shown.length;
  say(byId("wall-shown", HTMLElement), shown === all || dirty.size ? "" : `The filter shows ${shown} of ${all}.`);
  byId("wall-empty", HTMLElement).hidden = page.dataset.loaded !== "true" || all > 0;
  byId("wall-cut", HTMLElement).hidden = !isCut;
}

/** What time alone changes: ages and silence of the tiles in view, and who is counted as silent. */
function tick() {
  if (document.hidden) return;
  const now = feed.shownAt();
  for (const id of grid.inView) {
    const tile = state.tiles.get(id);
    if (tile) grid.view(id)?.tick(tile, ongoing.has(id), now);
  }
  showCounts(now);
  if (state.incidents.size) showIncidents();
  if (wantsPictures() && feed.standing === "live") loadPictures();
}

function loadPictures() {
  const onWall = grid.shown.filter((id) => state.tiles.get(id)?.isOver === false);
  const wanted = onWall
    .filter((id) => grid.inView.has(id))
    .map((id) => ({ id, version: state.tiles.get(id)?.lastFrameAt ?? null, hasIncident: ongoing.has(id) }));
  pictures.update(wanted, onWall, Date.now());
}

onFilter(() => {
  for (const id of state.tiles.keys()) dirty.add(id);
  areIncidentsDirty = true;
  drawSoon();
});
setInterval(tick, 1000);
feed.start();
