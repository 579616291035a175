import { cameraHelp, cameraWords, networkWords } from "./attempt-words.js";
import { byId, say } from "./elements.js";
import { _ } from "./i18n.js";

/** @typedef {import("/static/face-monitor/monitor.js").Monitor} Monitor */
/** @typedef {import("/static/face-monitor/types.js").Status} Status */

const trouble = byId("trouble", HTMLElement);
const recoverButton = byId("recover-camera", HTMLButtonElement);
const signInLink = byId("sign-in-again", HTMLElement);

/** Shows how camera and network are, and the way back when one is not. @param {Monitor} monitor */
export function showMonitor(monitor) {
  monitor.addEventListener("status", () => showStatus(monitor.status));
  // Assigned, not added: when monitoring begins anew the button serves the new monitor alone.
  recoverButton.onclick = async () => {
    recoverButton.setAttribute("aria-busy", "true");
    await monitor.recoverCamera();
    recoverButton.removeAttribute("aria-busy");
  };
  showStatus(monitor.status);
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
  if (status.signInNeeded) showSignIn();
  else if (status.role === "waiting") showTrouble(_("Your exam is open in another tab, which takes the pictures. Close one of the two."));
  else showTrouble(help);
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
