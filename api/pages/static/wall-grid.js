import { TileView } from "./wall-tile.js";

/** @typedef {import("./wall-state.js").Tile} Tile */
/** @typedef {import("./wall-state.js").Incident} Incident */

/** How far outside the screen a tile counts as in view: about one row. */
const MARGIN = "100px";

/** The tiles on the page, by name: nobody changes places while somebody looks. */
export class TileGrid {
  /** @type {Set<string>} tiles on the screen, or nearly */
  inView = new Set();
  #element;
  #template;
  #tiles;
  /** @type {Map<string, TileView>} */
  #views = new Map();
  /** @type {string[]} ids in the order of the page */
  #order = [];
  #watcher = new IntersectionObserver((entries) => this.#note(entries), { rootMargin: MARGIN });

  /** @param {HTMLElement} element @param {HTMLTemplateElement} template @param {Map<string, Tile>} tiles */
  constructor(element, template, tiles) {
    this.#element = element;
    this.#template = template;
    this.#tiles = tiles;
  }

  /** The attempts whose tiles no filter hides, in the order of the page. */
  get shown() {
    return this.#order.filter((id) => !this.#views.get(id)?.element.hidden);
  }

  /** @param {string} id */
  view(id) {
    return this.#views.get(id);
  }

  /** Writes one tile, or takes it away. @param {string} id @param {Incident[]} incidents @param {boolean} isShown @param {number} now */
  show(id, incidents, isShown, now) {
    const tile = this.#tiles.get(id);
    if (!tile) return this.#forget(id);
    const view = this.#views.get(id) ?? this.#add(tile);
    view.update(tile, incidents, now);
    view.element.hidden = !isShown;
  }

  /** @param {Tile} tile */
  #add(tile) {
    const view = new TileView(this.#template, tile);
    let at = this.#order.length;
    while (at > 0 && this.#name(this.#order[at - 1]).localeCompare(tile.name) > 0) at -= 1;
    this.#element.insertBefore(view.element, this.#views.get(this.#order[at])?.element ?? null);
    this.#order.splice(at, 0, tile.id);
    this.#views.set(tile.id, view);
    this.#watcher.observe(view.element);
    return view;
  }

  /** @param {string} id */
  #forget(id) {
    const view = this.#views.get(id);
    if (!view) return;
    this.#watcher.unobserve(view.element);
    view.forgetPicture();
    view.element.remove();
    this.#views.delete(id);
    this.inView.delete(id);
    this.#order = this.#order.filter((one) => one !== id);
  }

  /** @param {string} id */
  #name(id) {
    return this.#tiles.get(id)?.name ?? "";
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #note(entries) {
    for (const { target, isIntersecting } of entries) {
      const id = /** @type {HTMLElement} */ (target).dataset.attempt ?? "";
      if (isIntersecting) this.inView.add(id);
      else this.inView.delete(id);
    }
  }
}
