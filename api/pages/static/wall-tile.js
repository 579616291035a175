import { part, say } from "./elements.js";
import { HEIGHT, heightOf, linePath, marksPath, WIDTH } from "./wall-line.js";
import { ageWords, isSilent, moodOf } from "./wall-order.js";
import { POINTS_MOST } from "./wall-state.js";
import { showChip, showLast, wordOf } from "./wall-words.js";

/** @typedef {import("./wall-state.js").Tile} Tile */
/** @typedef {import("./wall-state.js").Incident} Incident */

/** One attempt on the page. It writes only what changed. */
export class TileView {
  element;
  #parts;
  #line;
  /** @type {string|null} of the picture shown */
  #address = null;

  /** @param {HTMLTemplateElement} template @param {Tile} tile */
  constructor(template, tile) {
    this.element = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    this.element.id = `tile-${tile.id}`;
    this.element.dataset.attempt = tile.id;
    const name = /** @type {HTMLAnchorElement} */ (part(this.element, "name"));
    name.href = `/admin/attempts/${tile.id}`;
    say(part(this.element, "title"), tile.title);
    this.#parts = Object.fromEntries(["name", "state", "verdict", "distance", "age", "waiting", "incidents", "picture"].map((named) => [named, part(this.element, named)]));
    this.#line = /** @type {SVGElement} */ (this.element.querySelector("svg.wall-line"));
    this.#line.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  }

  /** @param {Tile} tile @param {Incident[]} incidents that go on @param {number} now by the server's clock */
  update(tile, incidents, now) {
    const { name, state, distance, waiting } = this.#parts;
    say(name, tile.name);
    say(state, wordOf("state", tile.state));
    if (tile.last) {
      say(distance, tile.last.distance === null ? "" : tile.last.distance.toFixed(2));
      this.#draw(tile, tile.last);
    }
    say(waiting, tile.waitingFrames ? `· ${tile.waitingFrames} ${tile.waitingFrames === 1 ? "frame waits" : "frames wait"}` : "");
    this.#showIncidents(incidents);
    this.tick(tile, incidents.length > 0, now);
  }

  /** What time alone changes. @param {Tile} tile @param {boolean} hasIncident @param {number} now */
  tick(tile, hasIncident, now) {
    say(this.#parts.age, ageText(tile, now));
    // A silent tile says what was found last, not what is the case.
    const show = isSilent(tile, now) ? showLast : showChip;
    if (tile.last) show(this.#parts.verdict, "verdict", tile.last.verdict);
    const mood = moodOf(tile, hasIncident, now);
    if (this.element.dataset.mood !== mood) this.element.dataset.mood = mood;
  }

  /** @param {Blob|null} picture */
  showPicture(picture) {
    if (!picture) return;
    const image = new Image();
    image.alt = "";
    const address = URL.createObjectURL(picture);
    image.src = address;
    // Decoded first, so that the old one stands until the new one can be drawn at once.
    image.decode().then(
      () => {
        this.#parts.picture.replaceChildren(image);
        this.forgetPicture();
        this.#address = address;
      },
      () => URL.revokeObjectURL(address),
    );
  }

  forgetPicture() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = null;
  }

  /** @param {Tile} tile @param {import("./wall-state.js").Check} last */
  #draw(tile, last) {
    const line = this.#line;
    const newest = tile.points[tile.points.length - 1];
    const drawn = `${newest?.seq}/${tile.points.length}/${last.match_threshold}/${last.mismatch_threshold}`;
    if (line.dataset.drawn === drawn) return;
    line.dataset.drawn = drawn;
    for (const [name, threshold] of /** @type {const} */ ([["match", last.match_threshold], ["mismatch", last.mismatch_threshold]])) {
      line.querySelector(`.at-${name}`)?.setAttribute("d", `M0 ${heightOf(threshold)}H${WIDTH}`);
    }
    line.querySelector(".distances")?.setAttribute("d", linePath(tile.points, POINTS_MOST));
    line.querySelector(".marks")?.setAttribute("d", marksPath(tile.points, POINTS_MOST));
  }

  /** @param {Incident[]} incidents */
  #showIncidents(incidents) {
    const list = this.#parts.incidents;
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const { kind } of incidents) times.set(kind, (times.get(kind) ?? 0) + 1);
    const shown = [...times].join();
    if (list.dataset.shown === shown) return;
    list.dataset.shown = shown;
    list.replaceChildren(
      ...[...times].map(([kind, count]) => {
        const item = document.createElement("li");
        item.textContent = count > 1 ? `${wordOf("incident", kind)}, ${count} times` : wordOf("incident", kind);
        return item;
      }),
    );
  }
}

/** @param {Tile} tile @param {number} now */
function ageText(tile, now) {
  if (tile.isOver) return "";
  if (isSilent(tile, now)) return tile.lastFrameAt ? `No frame for ${ageWords(now - tile.lastFrameAt)}` : "No frame yet";
  return tile.last ? `${ageWords(now - Date.parse(tile.last.received_at))} ago` : "Not checked yet";
}
