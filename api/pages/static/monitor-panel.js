import { listCameras } from "/static/face-monitor/index.js";
import { cameraHelp, cameraWords, gapWords, networkWords } from "./attempt-words.js";
import { CAMERA_KEY, offerCameras } from "./check-list.js";
import { byId, say } from "./elements.js";
import { _ } from "./i18n.js";

/** @typedef {import("/static/face-monitor/monitor.js").Monitor} Monitor */
/** @typedef {import("/static/face-monitor/types.js").Status} Status */

const trouble = byId("trouble", HTMLElement);
const recoverButton = byId("recover-camera", HTMLButtonElement);
const signInLink = byId("sign-in-again", HTMLElement);
const chooseLink = byId("choose-camera", HTMLElement);
/** @type {number|null} */
let goneSince = null;

chooseLink.addEventListener("click", (event) => {
  event.preventDefault();
  byId("your-camera", HTMLDetailsElement).open = true;
  byId("camera-choice", HTMLElement).scrollIntoView({ block: "center" });
  byId("camera", HTMLSelectElement).focus();
});

/** Shows how camera and network are, and the way back when one is not. @param {Monitor} monitor */
export function showMonitor(monitor) {
  let camera = "";
  monitor.addEventListener("status", () => {
    showStatus(monitor.status);
    if (monitor.status.camera === camera) return;
    camera = monitor.status.camera;
    showGap(monitor.status);
    offer(monitor);
  });
  // Assigned, not added: when monitoring begins anew the button serves the new monitor alone.
  recoverButton.onclick = async () => {
    recoverButton.setAttribute("aria-busy", "true");
    await monitor.recoverCamera();
    recoverButton.removeAttribute("aria-busy");
  };
  navigator.mediaDevices?.addEventListener("devicechange", () => offer(monitor));
  showStatus(monitor.status);
}

/** Lets the student choose where there are several cameras. @param {Monitor} monitor */
async function offer(monitor) {
  const video = byId("self-view", HTMLVideoElement);
  const track = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : undefined;
  offerCameras(await listCameras(), track?.getSettings().deviceId ?? "", _("Camera"), async (deviceId) => {
    sessionStorage.setItem(CAMERA_KEY, deviceId);
    await monitor.recoverCamera({ deviceId });
  });
}

/** Says how long the camera was away: it is on the record, and no secret. @param {Status} status */
function showGap({ camera }) {
  if (["lost", "denied", "missing"].includes(camera)) goneSince ??= Date.now();
  if (camera !== "live" || goneSince === null) return;
  const gap = byId("camera-gap", HTMLElement);
  gap.hidden = false;
  say(gap, gapWords(Date.now() - goneSince));
  goneSince = null;
}

/** @param {Status} status */
function showStatus(status) {
  byId("viewfinder-box", HTMLElement).dataset.camera = status.camera;
  const words = cameraWords(status.camera);
  say(byId("camera-state", HTMLElement), words);
  say(byId("viewfinder-text", HTMLElement), status.role === "waiting" ? _("Another tab shows the camera.") : _("Camera: %(state)s", { state: words }));
  say(byId("network-state", HTMLElement), networkWords(status));
  say(byId("waiting-frames", HTMLElement), String(status.waiting));
  const help = status.role === "waiting" ? "" : cameraHelp(status.camera);
  recoverButton.hidden = !help || status.signInNeeded;
  chooseLink.hidden = recoverButton.hidden || byId("camera-choice", HTMLElement).hidden;
  showInBar(help ? words : "");
  if (status.signInNeeded) showSignIn();
  else if (status.role === "waiting") showTrouble(_("Your exam is open in another tab, which takes the pictures. Close one of the two."));
  else showTrouble(help);
}

/** @param {string} trouble with the camera, in a word; empty when there is none */
function showInBar(trouble) {
  const link = byId("bar-camera", HTMLElement);
  link.dataset.tone = trouble ? "unsure" : "plain";
  say(link, trouble ? _("Camera: %(state)s", { state: trouble }) : _("Your camera"));
}

export function showSignIn() {
  signInLink.hidden = false;
  showTrouble(_("You were signed out. Nothing is lost: sign in again and you come back to this exam."));
}

/** @param {string} text empty: there is none */
export function showTrouble(text) {
  if (text === "" && !signInLink.hidden) return;
  trouble.hidden = text === "";
  say(byId("trouble-text", HTMLElement), text);
}
