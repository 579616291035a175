import { part, say } from "./elements.js";
import { ageWords, FRESH_MILLISECONDS, inOrder, lastedMilliseconds } from "./wall-order.js";
import { showChip, timeWords } from "./wall-words.js";

/** @typedef {import("./wall-state.js").KeptIncident} KeptIncident */

/** All incidents that nobody has decided on. No filter reaches it. */
export class IncidentList {
  #list;
  #template;
  #tileNote;
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();

  /** @param {HTMLElement} list @param {HTMLTemplateElement} template @param {(attemptId: string) => string} tileNote why the attempt's tile cannot be seen, if it cannot */
  constructor(list, template, tileNote) {
    this.#list = list;
    this.#template = template;
    this.#tileNote = tileNote;
  }

  /** @param {Map<string, KeptIncident>} incidents @param {number} now by the server's clock */
  show(incidents, now) {
    const ordered = inOrder(incidents.values(), Date.now());
    for (const [id, item] of this.#items) {
      if (incidents.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    ordered.forEach((kept, place) => {
      const item = this.#itemOf(kept);
      this.#write(item, kept, now);
      const there = this.#list.children[place];
      if (there !== item) this.#list.insertBefore(item, there ?? null);
    });
  }

  /** @param {KeptIncident} kept @returns {HTMLElement} */
  #itemOf({ incident }) {
    const known = this.#items.get(incident.id);
    if (known) return known;
    const item = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
    item.dataset.incident = incident.id;
    this.#items.set(incident.id, item);
    return item;
  }

  /** @param {HTMLElement} item @param {KeptIncident} kept @param {number} now */
  #write(item, { incident, freshSince }, now) {
    showChip(part(item, "kind"), "incident", incident.kind);
    showChip(part(item, "severity"), "severity", incident.severity);
    item.dataset.severity = incident.severity;
    item.dataset.ongoing = String(incident.closed_at === null);
    item.dataset.fresh = String(freshSince !== null && Date.now() - freshSince < FRESH_MILLISECONDS);
    const name = /** @type {HTMLAnchorElement} */ (part(item, "name"));
    say(name, incident.shown_name);
    const address = `/admin/incidents/${incident.id}`;
    if (name.getAttribute("href") !== address) name.setAttribute("href", address);
    const lasted = ageWords(lastedMilliseconds(incident, now));
    say(part(item, "time"), `since ${timeWords(incident.first_at)}${incident.closed_at ? `, over after ${lasted}` : `, for ${lasted}`}`);
    const note = this.#tileNote(incident.attempt_id);
    say(part(item, "note"), note);
    const jump = /** @type {HTMLAnchorElement} */ (part(item, "jump"));
    jump.hidden = note !== "";
    jump.href = `#tile-${incident.attempt_id}`;
  }
}
