import { byId } from "./elements.js";

/** @typedef {import("./wall-order.js").Filter} Filter */

const PICTURES_KEY = "face-monitor-wall-pictures";

const search = byId("wall-search", HTMLInputElement);
const state = byId("wall-state", HTMLSelectElement);
const onlyIncidents = byId("wall-only-incidents", HTMLInputElement);
const showOver = byId("wall-show-over", HTMLInputElement);
const pictures = byId("wall-pictures", HTMLInputElement);

/** What the filters say now. @returns {Filter} */
export function filter() {
  return { text: search.value, state: state.value, onlyIncidents: onlyIncidents.checked, showOver: showOver.checked };
}

/** Whether pictures are wanted. It is remembered. */
export function wantsPictures() {
  return pictures.checked;
}

/** @param {() => void} act whenever a filter changes */
export function onFilter(act) {
  search.addEventListener("input", act);
  for (const control of [state, onlyIncidents, showOver]) control.addEventListener("change", act);
}

function applyPictures() {
  byId("wall", HTMLElement).classList.toggle("no-pictures", !pictures.checked);
}

pictures.checked = localStorage.getItem(PICTURES_KEY) !== "off";
pictures.addEventListener("change", () => {
  localStorage.setItem(PICTURES_KEY, pictures.checked ? "on" : "off");
  applyPictures();
});
applyPictures();
