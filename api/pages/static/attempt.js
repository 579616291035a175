import { startMonitor } from "/static/face-monitor/index.js";
import { checkWords } from "./attempt-words.js";
import { Countdown } from "./countdown.js";
import { byId, say } from "./elements.js";
import { showMonitor, showTrouble } from "./monitor-panel.js";
import { ask, csrfToken, wordsOf } from "./service.js";

const POLL_MILLISECONDS = 4000;

const page = byId("attempt", HTMLElement);
const attemptId = page.dataset.attemptId ?? "";
const address = `/api/v1/attempts/${attemptId}`;
const startButton = byId("start", HTMLButtonElement);
const submitButton = byId("submit", HTMLButtonElement);
const dialog = byId("submit-dialog", HTMLDialogElement);
const clockOffset = Date.parse(page.dataset.serverNow ?? "") - Date.now();
const serverNow = () => Date.now() + clockOffset;
/** @type {any} */
let lastVerification = null;
let isLeaving = false;

let monitor = beginMonitoring();

function beginMonitoring() {
  const begun = startMonitor({ attemptId, csrfToken: csrfToken(), video: byId("self-view", HTMLVideoElement) });
  showMonitor(begun, () => {
    startButton.disabled = begun.status.camera !== "live";
    byId("start-text", HTMLElement).hidden = !startButton.disabled;
  });
  begun.addEventListener("stopped", (event) => {
    if (event instanceof CustomEvent && event.detail.reason !== "page") location.reload();
  });
  return begun;
}

const countdown = new Countdown({
  shown: byId("time-left", HTMLElement),
  announcement: byId("announcement", HTMLElement),
  serverNow,
  onOver: () => handIn(3),
});

/** @param {any} attempt */
function show(attempt) {
  if (isLeaving) return;
  if (!["ready", "started"].includes(attempt.state)) location.reload();
  lastVerification = attempt.last_verification;
  if (attempt.state === "started" && page.dataset.state !== "started") showStarted();
  if (attempt.state === "started" && attempt.deadline_at) countdown.start(attempt.deadline_at);
}

function showStarted() {
  page.dataset.state = "started";
  byId("attempt-state", HTMLElement).hidden = true;
  byId("attempt-started", HTMLElement).hidden = false;
  byId("before-start", HTMLElement).hidden = true;
  byId("while-started", HTMLElement).hidden = false;
  say(byId("paper-title", HTMLElement), "Your exam");
  say(byId("attempt-text", HTMLElement), "Your exam is running.");
  say(byId("time-left-label", HTMLElement), "Time left");
}

/** Stops the camera, sends what waits, and hands in. @param {number} flushSeconds */
async function handIn(flushSeconds) {
  if (isLeaving) return;
  isLeaving = true;
  submitButton.disabled = true;
  submitButton.setAttribute("aria-busy", "true");
  try {
    await monitor.stop({ flushSeconds });
    await ask("POST", `${address}/submit`);
    location.reload();
  } catch (error) {
    const words = `Not handed in yet. ${wordsOf(error)} Your exam goes on; hand it in again.`;
    say(byId("attempt-text", HTMLElement), words);
    say(byId("announcement", HTMLElement), words);
    // The exam goes on, and so does its monitoring.
    monitor = beginMonitoring();
    submitButton.disabled = false;
    submitButton.removeAttribute("aria-busy");
    isLeaving = false;
  }
}

startButton.addEventListener("click", async () => {
  startButton.setAttribute("aria-busy", "true");
  await ask("POST", `${address}/start`).then(show, (error) => showTrouble(wordsOf(error)));
  startButton.removeAttribute("aria-busy");
});
submitButton.addEventListener("click", () => dialog.showModal());
byId("submit-cancel", HTMLElement).addEventListener("click", () => dialog.close());
byId("submit-confirm", HTMLElement).addEventListener("click", () => {
  dialog.close();
  handIn(10);
});

if (page.dataset.deadline) countdown.start(page.dataset.deadline);
setInterval(() => {
  const { text, tone } = checkWords(lastVerification, serverNow());
  say(byId("last-check", HTMLElement), text);
  byId("last-check", HTMLElement).dataset.tone = tone;
}, 1000);
const look = () => ask("GET", address).then(show, () => {});
setInterval(look, POLL_MILLISECONDS);
look();
