import { byId, say } from "./elements.js";
import { showLocalTimes } from "./local-times.js";
import { renew } from "./renewal.js";

/** How long a click or key may still have been meant for the card that stood there before the list moved. */
const SETTLING_MILLISECONDS = 600;

const faces = byId("faces", HTMLElement);
const said = byId("faces-said", HTMLElement);
/** What the list was last moved by. */
let last = { at: -Infinity, key: "", told: "" };

/** The button that approves a set; none of one's own. @param {Element|null|undefined} card */
const approval = (card) => card?.querySelector('form[action*="/approve"] button');

/** Shows the list as the server has it now; the pictures that stay are not loaded, and recorded, again. @param {Document} fresh */
function show(fresh) {
  const freshFaces = fresh.getElementById("faces");
  if (!freshFaces) return false;
  showLocalTimes(fresh);
  keepTyped(freshFaces);
  renew(faces, freshFaces);
  say(byId("faces-count", HTMLElement), fresh.getElementById("faces-count")?.textContent ?? "");
  return true;
}

/** @param {Element} freshFaces */
function keepTyped(freshFaces) {
  for (const input of freshFaces.querySelectorAll("input:not([type])")) {
    const typed = document.getElementById(input.id);
    if (typed instanceof HTMLInputElement && input instanceof HTMLInputElement) input.value = typed.value;
  }
}

/** Goes on with the card in the place of the one that was decided. @param {number} place @param {boolean} hadApproved */
function goOn(place, hadApproved) {
  const cards = faces.querySelectorAll(".face");
  const next = cards[Math.min(place, cards.length - 1)];
  const target = (hadApproved && approval(next)) || next || byId("unapproved", HTMLElement);
  if (target instanceof HTMLElement) target.focus();
}

/** @param {string} action @param {URLSearchParams} body @returns {Promise<{isDecided: boolean, page: Document}>} */
async function answerTo(action, body) {
  const response = await fetch(action, { method: "POST", body, headers: { Accept: "text/html" } });
  return { isDecided: response.ok, page: new DOMParser().parseFromString(await response.text(), "text/html") };
}

/** @param {HTMLFormElement} form @param {HTMLElement} card */
async function decide(form, card) {
  let answer;
  try {
    answer = await answerTo(form.action, new URLSearchParams(/** @type {any} */ (new FormData(form))));
  } catch {
    return say(said, `The server cannot be reached: it is not known whether ${card.dataset.face} was decided. Load the page again.`);
  }
  const place = [...faces.querySelectorAll(".face")].indexOf(card);
  const focused = document.activeElement;
  const isHere = focused instanceof HTMLElement && card.contains(focused);
  const hadApproved = focused === approval(card);
  // A card with the focus would be left as it is.
  if (isHere) focused.blur();
  // Signed out, or a page of errors: the browser shows it.
  if (!show(answer.page)) return form.submit();
  const told = answer.isDecided ? (form.dataset.said ?? "") : `Nothing was decided about ${card.dataset.face}.`;
  last = { at: performance.now(), key: card.dataset.key ?? "", told };
  say(said, told);
  if (!isHere) return;
  if (answer.isDecided) return goOn(place, hadApproved);
  const marked = faces.querySelector('[aria-invalid="true"], #problem');
  if (marked instanceof HTMLInputElement) return marked.focus();
  byId("unapproved", HTMLElement).focus({ preventScroll: true });
  marked?.scrollIntoView();
}

faces.addEventListener("submit", (event) => {
  const form = event.target;
  const card = form instanceof HTMLFormElement && form.closest(".face");
  if (!(form instanceof HTMLFormElement) || !(card instanceof HTMLElement)) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  if (card.dataset.key !== last.key && performance.now() - last.at < SETTLING_MILLISECONDS)
    return say(said, `${last.told} ${card.dataset.face} is not decided: the list had just moved. Look, and press again.`);
  form.setAttribute("aria-busy", "true");
  decide(form, card).finally(() => form.removeAttribute("aria-busy"));
});

// A key that is held would decide one card after the other.
faces.addEventListener("keydown", (event) => {
  const presses = event.key === "Enter" || (event.key === " " && event.target instanceof HTMLButtonElement);
  if (event.repeat && presses) event.preventDefault();
});
