import { Announcer } from "./announcer.js";
import { beginMonitoring } from "./before-camera.js";
import { CheckList } from "./check-list.js";
import { browserFinding, clockFinding, networkFinding, serverFinding, startWords } from "./check-words.js";
import { byId, say } from "./elements.js";
import { _ } from "./i18n.js";
import { NetworkLine } from "./network-line.js";
import { repeat } from "./repeat.js";
import { ask, ServiceProblem, wordsOf } from "./service.js";

/** Milliseconds between two looks at the attempt while the student waits to be recognised. */
const EAGER_MILLISECONDS = 2000;

/** Milliseconds between two looks otherwise: the start may be an hour away, and the room full. A lost network is noticed no later. */
const CALM_MILLISECONDS = 10_000;

const page = byId("attempt", HTMLElement);
const address = `/api/v1/attempts/${page.dataset.attemptId}`;
const faceCheck = page.dataset.faceCheck ?? "match";
const usesCamera = document.getElementById("self-view") !== null;
const startButton = /** @type {HTMLButtonElement|null} */ (document.getElementById("start"));
const checks = new CheckList();
const line = new NetworkLine();
const announcer = new Announcer(byId("announcement", HTMLElement));
const pageOffset = Date.parse(page.dataset.serverNow ?? "") - Date.now();
const serverNow = () => Date.now() + (line.clockOffset ?? pageOffset);
/** @type {any} */
let attempt = null;
let isReachable = true;
let isStarting = false;

const monitor = usesCamera
  ? beginMonitoring({
      attemptId: page.dataset.attemptId ?? "",
      checks,
      mayHaveCompany: page.dataset.mayHaveCompany === "yes",
      onHint: (words) => announcer.say(words),
      onSignInNeeded: showSignIn,
    })
  : null;
if (monitor) {
  line.watch(monitor);
  monitor.addEventListener("status", showStart);
  monitor.addEventListener("frame-answered", (event) => {
    const newest = /** @type {CustomEvent} */ (event).detail.lastVerification;
    if (newest && newest.verdict !== attempt?.last_verification?.verdict) look();
  });
  monitor.addEventListener("stopped", (event) => {
    if (!isStarting && /** @type {CustomEvent} */ (event).detail.reason !== "page") location.reload();
  });
}

async function look() {
  try {
    show(await line.read(address));
    isReachable = true;
  } catch (error) {
    isReachable = false;
    checks.set("network", { state: "trouble", text: wordsOf(error) });
    if (error instanceof ServiceProblem && error.status === 401) showSignIn();
  }
  showStart();
}

/** @param {any} found the attempt */
function show(found) {
  if (found.state !== page.dataset.state && !isStarting) location.reload();
  attempt = found;
  checks.set("network", networkFinding(line.answerMilliseconds, line.upload, monitor?.status.role === "capturing"));
  checks.set("clock", clockFinding(line.clockOffset));
  showServer();
}

function showServer() {
  if (attempt && usesCamera) checks.set("server", serverFinding(attempt, faceCheck, serverNow()));
}

function isWaitingForServer() {
  return !attempt || !isReachable || (attempt.state !== "created" && attempt.needs_verified_frame && attempt.verified_frame_at === null);
}

/** The button is open while the server would let the exam start; it refuses by itself otherwise. */
function showStart() {
  if (!startButton || !attempt || isStarting) return;
  const isElsewhere = monitor?.status.role === "waiting";
  const isOpen = isReachable && !isElsewhere && (!attempt.needs_verified_frame || attempt.verified_frame_at !== null);
  startButton.disabled = !isOpen;
  say(byId("start-text", HTMLElement), startWords({ isReachable, isElsewhere, isOpen, faceCheck }));
}

async function start() {
  if (!startButton) return;
  isStarting = true;
  startButton.disabled = true;
  startButton.setAttribute("aria-busy", "true");
  byId("trouble", HTMLElement).hidden = true;
  try {
    await ask("POST", `${address}/start`);
    // What has not arrived yet waits on this disk for the exam page.
    await monitor?.stop();
    location.reload();
  } catch (error) {
    isStarting = false;
    startButton.removeAttribute("aria-busy");
    if (error instanceof ServiceProblem && error.status === 401) showSignIn();
    else showTrouble(wordsOf(error));
    await look();
    startButton.focus();
  }
}

/** @param {string} text */
function showTrouble(text) {
  byId("trouble", HTMLElement).hidden = false;
  say(byId("trouble-text", HTMLElement), text);
}

function showSignIn() {
  byId("sign-in-again", HTMLElement).hidden = false;
  showTrouble(_("You were signed out. Nothing is lost: sign in again and you come back to this exam."));
}

/** @returns {Promise<boolean>} whether this browser keeps what cannot be sent yet */
function canStore() {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open("face-monitor check");
      opening.onsuccess = () => {
        opening.result.close();
        indexedDB.deleteDatabase("face-monitor check");
        resolve(true);
      };
      opening.onerror = () => resolve(false);
    } catch {
      resolve(false);
    }
  });
}

async function checkBrowser() {
  const camera = usesCamera ? { [_("camera")]: Boolean(navigator.mediaDevices?.getUserMedia) } : {};
  const storage = await canStore();
  checks.set("browser", browserFinding({ ...camera, [_("storage (IndexedDB)")]: storage, [_("encryption (WebCrypto)")]: Boolean(globalThis.crypto?.subtle), [_("workers")]: "Worker" in globalThis }));
}

startButton?.addEventListener("click", start);
checkBrowser();
setInterval(showServer, 1000);
repeat(look, () => (isWaitingForServer() ? EAGER_MILLISECONDS : CALM_MILLISECONDS));
