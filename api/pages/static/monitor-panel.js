import { CAMERA_HELP, CAMERA_WORDS, networkWords } from "./attempt-words.js";
import { byId, say } from "./elements.js";

/** @typedef {import("/static/face-monitor/monitor.js").Monitor} Monitor */
/** @typedef {import("/static/face-monitor/types.js").Status} Status */

const trouble = byId("trouble", HTMLElement);
const troubleText = byId("trouble-text", HTMLElement);
const recoverButton = byId("recover-camera", HTMLButtonElement);
const signInLink = byId("sign-in-again", HTMLElement);

/** Shows how camera and network are, and the way back when one is not. @param {Monitor} monitor @param {() => void} onChange */
export function showMonitor(monitor, onChange) {
  monitor.addEventListener("status", () => {
    showStatus(monitor.status);
    onChange();
  });
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
  const words = CAMERA_WORDS[status.camera] ?? status.camera;
  say(byId("camera-state", HTMLElement), words);
  say(/** @type {HTMLElement} */ (document.querySelector("#viewfinder-box .viewfinder-text")), `Camera: ${words}`);
  say(byId("network-state", HTMLElement), networkWords(status));
  say(byId("waiting-frames", HTMLElement), String(status.waiting));
  const help = CAMERA_HELP[status.camera];
  recoverButton.hidden = !help || status.signInNeeded;
  signInLink.hidden = !status.signInNeeded;
  if (status.signInNeeded) showTrouble("You were signed out. Nothing is lost: sign in again and you come back to this exam.");
  else showTrouble(help ?? "");
}

/** @param {string} text empty: there is none */
export function showTrouble(text) {
  trouble.hidden = text === "";
  say(troubleText, text);
}
