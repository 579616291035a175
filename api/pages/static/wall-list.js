import { part, say } from "./elements.js";
import { ageWords, lastedMilliseconds } from "./wall-order.js";
import { repeatsInOrder } from "./wall-repeats.js";
import { showChip, timeWords } from "./wall-words.js";

/** @typedef {import("./wall-state.js").KeptIncident} KeptIncident */
/** @typedef {import("./wall-repeats.js").Repeats} Repeats */

/** All incidents that nobody has decided on, those of one kind in one attempt on one line. No filter reaches it. */
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
    const ordered = repeatsInOrder(incidents.values(), Date.now());
    const standing = new Set(ordered.map(({ key }) => key));
    for (const [key, item] of this.#items) {
      if (standing.has(key)) continue;
      item.remove();
      this.#items.delete(key);
    }
    ordered.forEach((repeats, place) => {
      const item = this.#itemOf(repeats);
      this.#write(item, repeats, now);
      const there = this.#list.children[place];
      if (there !== item) this.#list.insertBefore(item, there ?? null);
    });
  }

  /** @param {Repeats} repeats @returns {HTMLElement} */
  #itemOf({ key }) {
    const known = this.#items.get(key);
    if (known) return known;
    const item = /** @type {HTMLElement} */ (this.#template.content.firstElementChild?.cloneNode(true));
    this.#items.set(key, item);
    return item;
  }

  /** @param {HTMLElement} item @param {Repeats} repeats @param {number} now */
  #write(item, repeats, now) {
    const { lead, severity, times, ongoing, isFresh } = repeats;
    showChip(part(item, "kind"), "incident", lead.kind);
    showChip(part(item, "severity"), "severity", severity);
    item.dataset.severity = severity;
    item.dataset.ongoing = String(ongoing.length > 0);
    item.dataset.fresh = String(isFresh);
    part(item, "fresh").hidden = !isFresh;
    sayWithLink(part(item, "name"), lead.shown_name, `/admin/incidents/${lead.id}`);
    part(item, "times").hidden = times === 1;
    sayWithLink(part(item, "times"), `${times} times`, `/admin/attempts/${lead.attempt_id}#incidents-title`);
    say(part(item, "time"), whenWords(repeats, now));
    const note = this.#tileNote(lead.attempt_id);
    say(part(item, "note"), note);
    const jump = /** @type {HTMLAnchorElement} */ (part(item, "jump"));
    jump.hidden = note !== "";
    jump.href = `#tile-${lead.attempt_id}`;
  }
}

/** @param {HTMLElement} link @param {string} text @param {string} address */
function sayWithLink(link, text, address) {
  say(link, text);
  if (link.getAttribute("href") !== address) link.setAttribute("href", address);
}

/** @param {Repeats} repeats @param {number} now by the server's clock @returns {string} as `since 10:42:05, for 12 s`, or what follows `3 times` */
function whenWords({ newest, ongoing, times }, now) {
  const began = `${times > 1 ? ", last " : "since "}${timeWords(newest.first_at)}`;
  if (ongoing.length > 1) return `${began}, ${ongoing.length} go on`;
  if (ongoing.length && ongoing[0] !== newest) return `${began}, one goes on since ${timeWords(ongoing[0].first_at)}`;
  return `${began}, ${ongoing.length ? "for" : "over after"} ${ageWords(lastedMilliseconds(newest, now))}`;
}
