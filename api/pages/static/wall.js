import { byId, part, say } from "./elements.js";
import { ask } from "./service.js";
import { Alarm } from "./wall-alarm.js";
import { WallFeed } from "./wall-feed.js";
import { IncidentList } from "./wall-list.js";
import { ageWords, countsOf, isShown } from "./wall-order.js";
import { WallPictures } from "./wall-pictures.js";
import { WallState } from "./wall-state.js";
import { TileView } from "./wall-tile.js";
import { timeWords, wordOf } from "./wall-words.js";

/** Tiles written in one frame of the screen: a full wall comes in eight of them, and none is felt. */
const TILES_A_FRAME = 40;

const page = byId("wall", HTMLElement);
const grid = byId("wall-tiles", HTMLElement);
const tileTemplate = byId("tile-template", HTMLTemplateElement);
const search = byId("wall-search", HTMLInputElement);
const stateChoice = byId("wall-state", HTMLSelectElement);
const onlyIncidents = byId("wall-only-incidents", HTMLInputElement);
const showOver = byId("wall-show-over", HTMLInputElement);
const withPictures = byId("wall-pictures", HTMLInputElement);
const banner = byId("wall-banner", HTMLElement);
const incidentBox = byId("wall-incidents", HTMLDetailsElement);

const PICTURES_KEY = "face-monitor-wall-pictures";
const examId = page.dataset.examId || null;
const state = new WallState(examId);
/** @type {Map<string, TileView>} */
const views = new Map();
/** @type {Set<string>} tiles on the screen, or nearly */
const inView = new Set();
/** @type {Set<string>} tiles to be written anew */
const dirty = new Set();
/** @type {string[]} ids in the order of the page */
let order = [];
let areIncidentsDirty = false;
let isFlushDue = false;
/** @type {Map<string, import("./wall-state.js").Incident[]>} */
let ongoing = new Map();
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
  onStanding: showStanding,
});
const incidents = new IncidentList(byId("incident-list", HTMLElement), byId("incident-template", HTMLTemplateElement), tileNote);
const alarm = new Alarm(byId("wall-announcement", HTMLElement), byId("wall-sound", HTMLButtonElement), (incident) => `${wordOf("incident", incident.kind)}, ${incident.display_name || "unnamed"}`);
const pictures = new WallPictures({
  begin: (ids) => ask("POST", "/api/v1/wall/looks", { exam_id: examId, attempt_ids: ids }),
  fetch: fetchPicture,
  show: (id, picture) => views.get(id)?.showPicture(picture),
});
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset.attempt ?? "";
      if (isIntersecting) inView.add(id);
      else inView.delete(id);
    }
  },
  { rootMargin: "100px" },
);

/** @param {string} look @param {string} attempt */
async function fetchPicture(look, attempt) {
  const response = await fetch(`/api/v1/wall/looks/${look}/pictures/${attempt}`, { cache: "no-store" });
  return response.ok ? response.blob() : null;
}

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
    alarm.tell(changes.fresh, [...ongoing.values()].flat().length);
  }
  if (!isFlushDue && (dirty.size || areIncidentsDirty)) {
    isFlushDue = true;
    requestAnimationFrame(flush);
  }
}

function flush() {
  isFlushDue = false;
  if (areIncidentsDirty) showIncidents();
  const now = feed.serverNow();
  let left = TILES_A_FRAME;
  for (const id of dirty) {
    dirty.delete(id);
    showTile(id, now);
    if (--left === 0) break;
  }
  showCounts(now);
  if (dirty.size) {
    isFlushDue = true;
    requestAnimationFrame(flush);
  }
}

/** @param {string} id @param {number} now */
function showTile(id, now) {
  const tile = state.tiles.get(id);
  if (!tile) return forget(id);
  let view = views.get(id);
  if (!view) {
    view = new TileView(tileTemplate, tile);
    views.set(id, view);
    place(id, view.element);
    watcher.observe(view.element);
  }
  const own = ongoing.get(id) ?? [];
  view.update(tile, own, now);
  view.element.hidden = !isShown(tile, filter(), own.length > 0);
}

/** By name, so that nobody changes places while somebody looks. @param {string} id @param {HTMLElement} element */
function place(id, element) {
  const key = nameOf(id);
  let at = order.length;
  // The server sends newest first; a linear search is quick for a thousand.
  while (at > 0 && nameOf(order[at - 1]).localeCompare(key) > 0) at -= 1;
  grid.insertBefore(element, at < order.length ? (views.get(order[at])?.element ?? null) : null);
  order.splice(at, 0, id);
}

/** @param {string} id */
function nameOf(id) {
  return state.tiles.get(id)?.name ?? "";
}

/** @param {string} id */
function forget(id) {
  const view = views.get(id);
  if (!view) return;
  watcher.unobserve(view.element);
  view.forgetPicture();
  view.element.remove();
  views.delete(id);
  inView.delete(id);
  order = order.filter((one) => one !== id);
}

/** @returns {import("./wall-order.js").Filter} */
function filter() {
  return { text: search.value, state: stateChoice.value, onlyIncidents: onlyIncidents.checked, showOver: showOver.checked };
}

/** Why an attempt's tile cannot be seen. @param {string} attemptId */
function tileNote(attemptId) {
  const tile = state.tiles.get(attemptId);
  if (!tile) return examId ? "not on the wall of this exam" : "not open any more";
  if (isShown(tile, filter(), ongoing.has(attemptId))) return "";
  return tile.isOver ? "not open any more" : "its tile is filtered out";
}

function showIncidents() {
  areIncidentsDirty = false;
  incidents.show(state.incidents, feed.serverNow());
  const open = [...ongoing.values()].flat().length;
  say(byId("incident-count", HTMLElement), `${open} open${state.incidents.size > open ? `, ${state.incidents.size - open} over` : ""}`);
  byId("no-incidents", HTMLElement).hidden = state.incidents.size > 0;
}

/** @param {number} now */
function showCounts(now) {
  const counts = countsOf(state.tiles.values(), ongoing, now);
  for (const [name, count] of Object.entries(counts)) say(part(page, `count-${name}`), String(count));
  const shown = [...views.values()].filter(({ element }) => !element.hidden).length;
  const all = [...state.tiles.values()].filter(({ isOver }) => !isOver || showOver.checked).length;
  say(byId("wall-shown", HTMLElement), shown === all ? "" : `The filter shows ${shown} of ${all}.`);
  byId("wall-empty", HTMLElement).hidden = page.dataset.loaded !== "true" || all > 0;
  byId("wall-cut", HTMLElement).hidden = !isCut;
}

function showStanding() {
  const { standing } = feed;
  const age = feed.age();
  const old = age === null ? "Nothing was loaded yet." : `What you see is ${ageWords(age)} old, from ${timeWords(new Date(feed.serverNow() - age).toISOString())}.`;
  page.dataset.standing = standing;
  say(byId("wall-live", HTMLElement), standing === "live" ? "Live" : standing === "connecting" ? "Connecting" : "Not live");
  banner.hidden = standing === "live" || standing === "connecting";
  say(part(banner, "old"), old);
  say(part(banner, "why"), standing === "signed-out" ? "You are no longer signed in." : "The server cannot be reached, or cannot read its database. Trying again by itself.");
  part(banner, "sign-in").hidden = standing !== "signed-out";
}

/** What time alone changes: ages and silence of the tiles in view, and who is counted as silent. */
function tick() {
  const now = feed.serverNow();
  for (const id of inView) {
    const tile = state.tiles.get(id);
    if (tile) views.get(id)?.tick(tile, ongoing.has(id), now);
  }
  showCounts(now);
  if (state.incidents.size) showIncidents();
  if (!withPictures.checked || document.hidden || feed.standing !== "live") return;
  const wanted = [...inView]
    .map((id) => state.tiles.get(id))
    .filter((tile) => tile && !tile.isOver && !views.get(tile.id)?.element.hidden)
    .map((tile) => ({ id: tile?.id ?? "", version: tile?.lastFrameAt ?? null, hasIncident: ongoing.has(tile?.id ?? "") }));
  const onWall = order.filter((id) => !views.get(id)?.element.hidden && !state.tiles.get(id)?.isOver);
  pictures.update(wanted, onWall, Date.now());
}

function refilter() {
  for (const id of state.tiles.keys()) dirty.add(id);
  areIncidentsDirty = true;
  note();
}

for (const control of [stateChoice, onlyIncidents, showOver]) control.addEventListener("change", refilter);
search.addEventListener("input", refilter);
withPictures.checked = localStorage.getItem(PICTURES_KEY) !== "off";
page.classList.toggle("no-pictures", !withPictures.checked);
withPictures.addEventListener("change", () => {
  localStorage.setItem(PICTURES_KEY, withPictures.checked ? "on" : "off");
  page.classList.toggle("no-pictures", !withPictures.checked);
});
setInterval(tick, 1000);
feed.start();
