import { startMonitor } from "/static/face-monitor/index.js";
import { AnswerSaver, diskOf } from "./answer-saver.js";
import { checkWords } from "./attempt-words.js";
import { Announcer } from "./announcer.js";
import { CAMERA_KEY } from "./check-list.js";
import { Countdown } from "./countdown.js";
import { byId, say } from "./elements.js";
import { showScreen } from "./exam-screen.js";
import { _, ngettext } from "./i18n.js";
import { showMonitor, showSignIn } from "./monitor-panel.js";
import { Paper, valueWords } from "./paper.js";
import { repeat } from "./repeat.js";
import { ask, csrfToken, pause, ServiceProblem, wordsOf } from "./service.js";

/** Milliseconds between two looks at how the attempt stands. Verdicts, and most of what ends it, come sooner with the answers to frames. */
const LOOK_MILLISECONDS = 60_000;

/** Milliseconds before the questions are asked for again. */
const OPEN_AGAIN_MILLISECONDS = 4000;

/** Milliseconds that handing in waits for answers that are not saved yet. */
const FLUSH_MILLISECONDS = 8000;

/** Milliseconds before a page of an exam that was closed is read again: closing may take the server a moment. */
const CLOSED_MILLISECONDS = 3000;

/** Milliseconds between two tries to hand in when the time is over; the server's grace is half a minute. */
const SUBMIT_AGAIN_MILLISECONDS = 3000;

const page = byId("attempt", HTMLElement);
const attemptId = page.dataset.attemptId ?? "";
const address = `/api/v1/attempts/${attemptId}`;
const usesCamera = page.dataset.faceCheck !== "person";
const submitButton = byId("submit", HTMLButtonElement);
const dialog = byId("submit-dialog", HTMLDialogElement);
const announcement = byId("announcement", HTMLElement);
const questionList = byId("questions", HTMLElement);
let clockOffset = Date.parse(page.dataset.serverNow ?? "") - Date.now();
const serverNow = () => Date.now() + clockOffset;
/** @type {any} */
let lastVerification = null;
let isLeaving = false;
let isOver = false;
let wasFailing = false;
/** Handing in failed, and what kept it from working still does. */
let isNotHandedIn = false;
const announcer = new Announcer(byId("saving-announcement", HTMLElement));

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel(`face-monitor answers ${attemptId}`) : null;
const saver = new AnswerSaver({
  send: (id, body, how) => ask("PUT", `${address}/answers/${id}`, { ...body, client_at: new Date().toISOString() }, how),
  disk: diskOf(attemptId),
});
/** @type {Paper|null} */
let paper = null;
let monitor = usesCamera ? beginMonitoring() : null;

function beginMonitoring() {
  const begun = startMonitor({ attemptId, csrfToken: csrfToken(), video: byId("self-view", HTMLVideoElement), cameraDeviceId: sessionStorage.getItem(CAMERA_KEY) ?? undefined });
  showMonitor(begun);
  begun.addEventListener("frame-answered", (event) => {
    lastVerification = /** @type {CustomEvent} */ (event).detail.lastVerification ?? lastVerification;
  });
  begun.addEventListener("stopped", (event) => {
    if (event instanceof CustomEvent && event.detail.reason !== "page" && !isLeaving) location.reload();
  });
  return begun;
}

async function openPaper() {
  for (;;) {
    try {
      const { questions, server_now: now } = await ask("GET", `${address}/paper`);
      setClock(now);
      saver.open(questions);
      paper = new Paper({ list: questionList, nav: byId("question-nav", HTMLElement), saver, questions, flagged: readFlags() });
      await paper.show();
      showSaving();
      questionList.addEventListener("conflict", (event) => showConflict(/** @type {CustomEvent} */ (event).detail.id, questions));
      return;
    } catch (error) {
      if (error instanceof ServiceProblem && error.status === 401) return showSignIn();
      if (error instanceof ServiceProblem && error.status === 409) return readAgain();
      say(/** @type {HTMLElement} */ (questionList.firstElementChild ?? questionList), wordsOf(error));
      await pause(OPEN_AGAIN_MILLISECONDS);
    }
  }
}

/** @param {string} now the server's */
function setClock(now) {
  clockOffset = Date.parse(now) - Date.now();
}

/** @returns {Set<string>} questions to look at again; for this browser alone */
function readFlags() {
  const key = `face-monitor flags ${attemptId}`;
  /** @type {Set<string>} */
  const flags = new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  questionList.addEventListener("flagged", () => sessionStorage.setItem(key, JSON.stringify([...flags])));
  return flags;
}

/** The exam was closed meanwhile: the page shows what became of it. */
function readAgain() {
  setTimeout(() => location.reload(), CLOSED_MILLISECONDS);
}

function showSaving() {
  // What is said about the end stays.
  if (isOver) return;
  const waiting = saver.waiting.length;
  // So does why handing in failed, until the answers are saved: each further try would wipe it away.
  if (isNotHandedIn && waiting > 0 && saver.trouble) return;
  isNotHandedIn = false;
  const shown = byId("saved-state", HTMLElement);
  shown.dataset.tone = waiting && saver.trouble ? "unsure" : "plain";
  if (waiting === 0) say(shown, _("All saved"));
  else if (saver.trouble) say(shown, ngettext("%(num)s answer is not saved yet; we go on trying", "%(num)s answers are not saved yet; we go on trying", waiting));
  else say(shown, _("Saving …"));
  const isFailing = waiting > 0 && saver.trouble !== null;
  if (isFailing !== wasFailing && (isFailing || waiting === 0)) announcer.say(shown.textContent ?? "");
  wasFailing = isFailing || (wasFailing && waiting > 0);
}

saver.addEventListener("change", showSaving);
saver.addEventListener("trouble", (event) => {
  const problem = /** @type {CustomEvent} */ (event).detail;
  if (problem?.status === 401 || problem?.code === "csrf_failed") showSignIn();
  if (problem?.code === "attempt_closed") readAgain();
  showSaving();
});
saver.addEventListener("saved", (event) => {
  const stored = /** @type {CustomEvent} */ (event).detail;
  setClock(stored.server_now);
  tabs?.postMessage(stored);
});
tabs?.addEventListener("message", ({ data }) => saver.heard(data.question_id, data));
addEventListener("online", () => saver.saveNow());
addEventListener("pagehide", () => saver.leave());
document.addEventListener("visibilitychange", () => document.hidden && saver.leave());

/** @param {string} id @param {import("./paper.js").Question[]} questions */
function showConflict(id, questions) {
  const theirs = saver.conflictOf(id);
  const question = questions.find((one) => one.id === id);
  if (!theirs || !question) return;
  const conflict = byId("conflict-dialog", HTMLDialogElement);
  say(byId("conflict-mine", HTMLElement), valueWords(saver.valueOf(id), question));
  say(byId("conflict-theirs", HTMLElement), valueWords(theirs.value, question));
  const settle = (/** @type {"mine"|"theirs"} */ choice) => () => {
    saver.settle(id, choice);
    paper?.showValue(id);
    conflict.close();
  };
  byId("conflict-take-theirs", HTMLButtonElement).onclick = settle("theirs");
  byId("conflict-keep-mine", HTMLButtonElement).onclick = settle("mine");
  conflict.showModal();
}

const countdown = new Countdown({ shown: byId("time-left", HTMLElement), announcement, serverNow, onOver: handInAtTheEnd });

/** @param {any} attempt */
function show(attempt) {
  if (isLeaving) return;
  if (attempt.state !== "started") location.reload();
  lastVerification = attempt.last_verification;
  if (attempt.deadline_at !== page.dataset.deadline) {
    page.dataset.deadline = attempt.deadline_at;
    countdown.start(attempt.deadline_at);
  }
}

/** Saves what is open, stops the camera, sends what waits, and hands in. @param {number} flushSeconds */
async function handIn(flushSeconds) {
  await saver.flush(FLUSH_MILLISECONDS);
  if (saver.waiting.length > 0) throw saver.trouble ?? new ServiceProblem(0);
  await monitor?.stop({ flushSeconds });
  await ask("POST", `${address}/submit`);
  saver.forget();
}

async function handInNow() {
  if (isLeaving) return;
  isLeaving = true;
  submitButton.disabled = true;
  submitButton.setAttribute("aria-busy", "true");
  say(announcement, _("Handing in …"));
  try {
    await handIn(10);
    location.reload();
  } catch (error) {
    const words = `${_("Not handed in yet.")} ${wordsOf(error)} ${_("Your exam goes on; hand it in again.")}`;
    isNotHandedIn = true;
    say(byId("saved-state", HTMLElement), words);
    byId("saved-state", HTMLElement).dataset.tone = "unsure";
    say(announcement, words);
    // The exam goes on, and so does its monitoring.
    if (monitor && !monitor.status.running) monitor = beginMonitoring();
    submitButton.disabled = false;
    submitButton.removeAttribute("aria-busy");
    isLeaving = false;
    if (isOver) handInAtTheEnd();
  }
}

async function handInAtTheEnd() {
  isOver = true;
  if (isLeaving) return;
  isLeaving = true;
  dialog.close();
  submitButton.disabled = true;
  const words = _("The time is over. Your exam is being handed in; what was saved counts in any case.");
  say(byId("saved-state", HTMLElement), words);
  say(announcement, words);
  for (;;) {
    try {
      await handIn(3);
      return location.reload();
    } catch (error) {
      if (error instanceof ServiceProblem && error.code === "attempt_closed") return readAgain();
      await pause(SUBMIT_AGAIN_MILLISECONDS);
    }
  }
}

function askBeforeHandingIn() {
  const open = paper?.open ?? [];
  const flagged = (paper?.flagged ?? []).filter((question) => !open.includes(question));
  const all = paper?.size ?? 0;
  say(byId("submit-summary", HTMLElement), all === 0 ? "" : _("%(answered)s of %(all)s questions are answered.", { answered: all - open.length, all }));
  byId("submit-unsettled", HTMLElement).replaceChildren(
    ...(paper?.unsettled ?? []).map((question) => linkTo(question, unsettledWords(question))),
  );
  byId("submit-open", HTMLElement).replaceChildren(
    ...open.map((question) => linkTo(question, _("Question %(number)s is open", { number: question.number }))),
    ...flagged.map((question) => linkTo(question, _("Question %(number)s: you wanted to look at it again", { number: question.number }))),
  );
  dialog.showModal();
}

/** @param {import("./paper.js").Question} question */
function unsettledWords({ id, number }) {
  if (saver.conflictOf(id)) return _("Question %(number)s was changed elsewhere: choose first which answer stays", { number });
  return _("Question %(number)s: the newest answer is not saved", { number });
}

/** @param {import("./paper.js").Question} question @param {string} text */
function linkTo({ id, number }, text) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#question-${number}`;
  link.textContent = text;
  link.addEventListener("click", () => {
    dialog.close();
    paper?.focus(id);
  });
  item.append(link);
  return item;
}

submitButton.addEventListener("click", askBeforeHandingIn);
byId("submit-cancel", HTMLElement).addEventListener("click", () => dialog.close());
byId("submit-confirm", HTMLElement).addEventListener("click", () => {
  dialog.close();
  handInNow();
});

openPaper();
showScreen();
if (page.dataset.deadline) countdown.start(page.dataset.deadline);
if (usesCamera) {
  setInterval(() => {
    const { text, tone } = checkWords(lastVerification, serverNow());
    say(byId("last-check", HTMLElement), text);
    byId("last-check", HTMLElement).dataset.tone = tone;
  }, 1000);
}
const look = () => ask("GET", address).then(show, (problem) => problem.status === 401 && showSignIn());
repeat(look, () => LOOK_MILLISECONDS);
