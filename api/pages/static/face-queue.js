import { byId, say } from "./elements.js";
import { showLocalTimes } from "./local-times.js";
import { renew } from "./renewal.js";

const faces = byId("faces", HTMLElement);
const said = byId("faces-said", HTMLElement);

/** The button that approves a set; none of one's own. @param {Element|null|undefined} card */
const approval = (card) => card?.querySelector('form[action*="/approve"] button');

/** Shows the list as the server has it now; the pictures that stay are not loaded, and recorded, again. @param {Document} fresh */
function show(fresh) {
  const freshFaces = fresh.getElementById("faces");
  if (!freshFaces) return false;
  showLocalTimes(fresh);
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  renew(faces, freshFaces);
  say(byId("faces-count", HTMLElement), fresh.getElementById("faces-count")?.textContent ?? "");
  return true;
}

/** Goes on with the card in the place of the one that was decided. @param {number} place */
function goOn(place) {
  const cards = faces.querySelectorAll(".face");
  const next = approval(cards[Math.min(place, cards.length - 1)]);
  if (next instanceof HTMLElement) next.focus();
  else byId("unapproved", HTMLElement).focus();
}

/** @param {HTMLFormElement} form */
async function decide(form) {
  const card = form.closest(".face");
  const place = [...faces.querySelectorAll(".face")].findIndex((one) => one === card);
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  let response;
  try {
    response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  } catch {
    return say(said, "The server cannot be reached: nothing was decided. Try again.");
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  // Signed out, or a page of errors: the browser shows it.
  if (!show(fresh)) return form.submit();
  say(said, response.ok ? (form.dataset.said ?? "") : "");
  if (response.ok) return goOn(place);
  const marked = faces.querySelector('[aria-invalid="true"], #problem');
  if (marked instanceof HTMLInputElement) marked.focus();
  else marked?.scrollIntoView();
}

faces.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  decide(form).finally(() => form.removeAttribute("aria-busy"));
});
