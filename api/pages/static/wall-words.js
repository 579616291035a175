import { byId } from "./elements.js";

const words = byId("wall-words", HTMLTemplateElement);

/** The chip of a word, as the server draws it. @param {string} kind as `verdict` @param {string} name as `match` @returns {HTMLElement} */
export function chip(kind, name) {
  const found = words.content.querySelector(`[data-word="${CSS.escape(`${kind}:${name}`)}"]`)?.firstElementChild;
  if (found instanceof HTMLElement) return /** @type {HTMLElement} */ (found.cloneNode(true));
  const plain = document.createElement("span");
  plain.className = "chip plain";
  plain.textContent = name;
  return plain;
}

/** @param {string} kind @param {string} name @returns {string} */
export function wordOf(kind, name) {
  return chip(kind, name).textContent?.trim() ?? name;
}

/** Puts a chip where another stood, if it is another one. @param {HTMLElement} place @param {string} kind @param {string} name */
export function showChip(place, kind, name) {
  const word = `${kind}:${name}`;
  if (place.dataset.shown === word) return;
  place.dataset.shown = word;
  place.replaceChildren(chip(kind, name));
}

/** Puts the chip of what was the case last where another stood, in grey. @param {HTMLElement} place @param {string} kind @param {string} name */
export function showLast(place, kind, name) {
  const word = `last:${kind}:${name}`;
  if (place.dataset.shown === word) return;
  place.dataset.shown = word;
  const last = chip(kind, name);
  last.className = "chip plain";
  last.insertBefore(document.createTextNode("last: "), last.lastChild);
  place.replaceChildren(last);
}

/** @param {string} moment @returns {string} as `14:02:10`, in the reader's zone */
export function timeWords(moment) {
  return TIME.format(new Date(moment));
}

const TIME = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
