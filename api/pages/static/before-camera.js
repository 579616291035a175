import { BrowserCamera, listCameras, startMonitor } from "/static/face-monitor/index.js";
import { cameraFinding, detectorFinding, pictureFinding } from "./check-words.js";
import { CAMERA_KEY, offerCameras } from "./check-list.js";
import { byId, say } from "./elements.js";
import { hintsOf } from "./guide.js";
import { _ } from "./i18n.js";
import { csrfToken } from "./service.js";

/** @typedef {import("./check-list.js").CheckList} CheckList */

/**
 * The camera before the exam: the same monitoring as in it, with hints for the person before it.
 * @param {{attemptId: string, checks: CheckList, mayHaveCompany: boolean, onHint: (words: string) => void, onSignInNeeded: () => void}} parts
 * @returns {import("/static/face-monitor/monitor.js").Monitor}
 */
export function beginMonitoring({ attemptId, checks, mayHaveCompany, onHint, onSignInNeeded }) {
  const box = byId("viewfinder-box", HTMLElement);
  const video = byId("self-view", HTMLVideoElement);
  const recoverButton = byId("recover-camera", HTMLButtonElement);
  const camera = new BrowserCamera(video);
  const cameraDeviceId = sessionStorage.getItem(CAMERA_KEY) ?? undefined;
  const monitor = startMonitor({ attemptId, csrfToken: csrfToken(), video, cameraDeviceId }, { camera });
  let wasLive = false;

  async function showStatus() {
    const { status } = monitor;
    const found = cameraFinding(status, trackOf(video)?.label ?? "");
    box.dataset.camera = status.role === "waiting" ? "elsewhere" : status.camera;
    say(byId("viewfinder-text", HTMLElement), found.state === "ok" ? "" : found.text);
    checks.set("camera", found);
    checks.set("detector", detectorFinding(status.detector));
    recoverButton.hidden = found.state !== "trouble" || status.role === "waiting";
    if (status.signInNeeded) onSignInNeeded();
    const isLive = status.camera === "live" && status.role === "capturing";
    if (!isLive) checks.set("picture", { state: "waiting", text: _("Comes after the camera.") });
    if (isLive && !wasLive) await offer();
    wasLive = isLive;
  }

  async function offer() {
    offerCameras(await listCameras(), trackOf(video)?.getSettings().deviceId ?? "", _("Camera"), choose);
  }

  /** @param {string} deviceId */
  async function choose(deviceId) {
    sessionStorage.setItem(CAMERA_KEY, deviceId);
    await monitor.recoverCamera({ deviceId });
    await offer();
  }

  /** @param {import("/static/face-monitor/types.js").Claim} claim */
  async function showPicture(claim) {
    const picture = await camera.takePicture();
    if (!picture || monitor.status.camera !== "live") return;
    const hints = (await hintsOf(picture, claim)).filter((hint) => !(mayHaveCompany && hint === "several_faces"));
    const found = pictureFinding(hints, claim);
    box.dataset.fits = hints.length > 0 ? "no" : claim.status === "unavailable" ? "unknown" : "yes";
    checks.set("picture", found);
    onHint(found.state === "trouble" ? found.text : "");
  }

  monitor.addEventListener("status", showStatus);
  monitor.addEventListener("presence", (event) => showPicture(/** @type {CustomEvent} */ (event).detail));
  recoverButton.addEventListener("click", async () => {
    recoverButton.setAttribute("aria-busy", "true");
    await monitor.recoverCamera();
    recoverButton.removeAttribute("aria-busy");
  });
  return monitor;
}

/** @param {HTMLVideoElement} video @returns {MediaStreamTrack|undefined} */
function trackOf(video) {
  return video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : undefined;
}
