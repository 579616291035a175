import { byId, say } from "./elements.js";
import { CourseChart } from "./course-chart.js";
import { FramePlayer, readingOf, sayFrame } from "./frame-player.js";
import { repeat } from "./repeat.js";
import { ask, csrfToken, wordsOf } from "./service.js";
import { listenForKeys } from "./shortcuts.js";

/** Milliseconds between two signs of life; a claim lapses after five minutes without one. */
const CLAIM_MILLISECONDS = 120_000;

const desk = byId("desk", HTMLElement);
const attemptId = desk.dataset.attemptId ?? "";
const claimAddress = `/api/v1/attempts/${attemptId}/review-claim`;
const form = /** @type {HTMLFormElement|null} */ (document.getElementById("decide"));

/** @param {"firstSeq"|"worstSeq"|"lastSeq"} name @returns {number|null} */
function seqOf(name) {
  const text = desk.dataset[name];
  return text ? Number(text) : null;
}

/** Claims the attempt, so that nobody else decides about it meanwhile. */
async function claim() {
  const notice = byId("claimed", HTMLElement);
  try {
    await ask("PUT", claimAddress);
    notice.hidden = true;
  } catch (error) {
    const text = notice.querySelector("p");
    if (text) say(text, wordsOf(error));
    notice.hidden = false;
  }
}

function free() {
  fetch(claimAddress, { method: "DELETE", headers: { "X-CSRF-Token": csrfToken() }, keepalive: true });
}

/** The reasons of the chosen decision alone; the others' boxes are emptied. */
function showReasons() {
  const chosen = form?.querySelector('input[name="decision"]:checked');
  for (const set of /** @type {NodeListOf<HTMLFieldSetElement>} */ (document.querySelectorAll("fieldset.reasons"))) {
    const belongs = chosen instanceof HTMLInputElement && set.dataset.decision === chosen.value;
    set.hidden = set.disabled = !belongs;
  }
}

/** Chooses a decision. The focus stays where it is, so that arrows and space stay with the frames. @param {string} key */
function decide(key) {
  const choice = form?.querySelector(`input[name="decision"][data-key="${key}"]`);
  if (!(choice instanceof HTMLInputElement)) return;
  choice.checked = true;
  // Whoever is among the decisions already goes on from the chosen one.
  if (document.activeElement instanceof HTMLInputElement && document.activeElement.name === "decision") choice.focus();
  showReasons();
  say(byId("chosen", HTMLElement), `${choice.dataset.words} chosen.`);
}

/** @param {number} number from 1 */
function toggleReason(number) {
  const box = document.querySelectorAll("fieldset.reasons:not([hidden]) input")[number - 1];
  if (box instanceof HTMLInputElement) box.checked = !box.checked;
}

/** @param {string} id */
function follow(id) {
  const link = document.getElementById(id);
  if (link instanceof HTMLAnchorElement) link.click();
}

/** @param {import("./course-chart.js").Course} course */
function show(course) {
  const chart = new CourseChart(byId("course", HTMLElement), course, desk.dataset.incidentId ?? "");
  const player = new FramePlayer(attemptId, course.frames.seq);
  player.addEventListener("seq", () => {
    const seq = player.seq ?? 0;
    sayFrame(course, seq);
    chart.mark(course.frames.seq.indexOf(seq));
  });
  const playButton = desk.querySelector('[data-step="play"]');
  player.addEventListener("playing", () => playButton?.setAttribute("aria-pressed", String(player.isPlaying)));
  chart.addEventListener("pick", (event) => pick(/** @type {CustomEvent} */ (event).detail));
  chart.addEventListener("hover", (event) => say(byId("course-reading", HTMLElement), readingOf(course, /** @type {CustomEvent} */ (event).detail)));
  /** @param {number|null} at */
  const pick = (at) => at !== null && player.show(course.frames.seq[at]);
  /** @param {"firstSeq"|"worstSeq"|"lastSeq"} name */
  const jump = (name) => player.show(seqOf(name) ?? nearestTo(course, Date.parse(desk.dataset.begin ?? "")));
  /** @type {Record<string, () => void>} */
  const steps = { first: () => jump("firstSeq"), worst: () => jump("worstSeq"), last: () => jump("lastSeq"), previous: () => player.step(-1), next: () => player.step(1), play: () => player.toggle() };
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (desk.querySelectorAll("[data-step]"))) button.addEventListener("click", steps[button.dataset.step ?? ""]);
  listenForKeys({ ArrowLeft: steps.previous, ArrowRight: steps.next, " ": steps.play, f: steps.first, w: steps.worst, l: steps.last, 0: () => chart.showAll(), "+": () => chart.zoomIn(), "=": () => chart.zoomIn(), "-": () => chart.zoomOut() });
  steps.worst();
}

/** @param {import("./course-chart.js").Course} course @param {number} moment */
function nearestTo({ frames }, moment) {
  let best = 0;
  frames.received_ms.forEach((received, at) => {
    if (Math.abs(received - moment) < Math.abs(frames.received_ms[best] - moment)) best = at;
  });
  return frames.seq[best] ?? 0;
}

/** @type {Record<string, () => void>} */
const keys = { c: () => decide("c"), d: () => decide("d"), s: () => decide("s"), n: () => document.getElementById("note")?.focus(), j: () => follow("to-following"), k: () => follow("to-before"), q: () => follow("to-queue"), Enter: () => form?.requestSubmit() };
for (let number = 1; number <= 9; number += 1) keys[number] = () => toggleReason(number);
listenForKeys(keys, byId("keys-on", HTMLInputElement));
form?.addEventListener("change", () => {
  say(byId("chosen", HTMLElement), "");
  showReasons();
});
showReasons();
repeat(claim, () => CLAIM_MILLISECONDS);
addEventListener("pagehide", free);
// Without a frame there is no course.
const course = document.getElementById("course");
if (course) {
  ask("GET", course.dataset.course ?? "").then(show, (error) => {
    const empty = course.querySelector(".empty");
    if (empty instanceof HTMLElement) say(empty, wordsOf(error));
  });
}
