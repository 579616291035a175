import { brightnessOf, listCameras, lookForGuidance, WorkerDetector } from "/static/face-monitor/index.js";
import { guidanceWords } from "./attempt-words.js";
import { cameraWords, closeCamera, openCamera, takePicture } from "./camera.js";
import { offerCameras } from "./check-list.js";
import { byId, say } from "./elements.js";
import { _, ngettext } from "./i18n.js";
import { Pictures } from "./pictures.js";
import { ask, pause, wordsOf } from "./service.js";

const PICTURES_MAX = 10;
const LOOK_AGAIN_MILLISECONDS = 1000;

/** Milliseconds between two looks of the page itself; the detector takes its time on a slow computer. */
const GUIDE_MILLISECONDS = 700;

const FACE_API = { faceApiUrl: "/static/vendor/face-api/face-api.esm.js", weightsUrl: "/static/vendor/face-api/model/" };

const page = byId("enroll", HTMLElement);
const video = byId("viewfinder", HTMLVideoElement);
const box = /** @type {HTMLElement} */ (video.parentElement);
const guidance = byId("guidance", HTMLElement);
const openButton = byId("open-camera", HTMLButtonElement);
const takeButton = byId("take-picture", HTMLButtonElement);
const sendButton = byId("send-pictures", HTMLButtonElement);
const files = byId("files", HTMLInputElement);
const words = byId("enroll-text", HTMLElement);
const address = `/api/v1/subjects/${page.dataset.subjectId}/enrollments`;
const detector = new WorkerDetector(FACE_API);
let isAnswered = false;
/** @type {Promise<void>|null} */
let loading = null;
/** Which opening of the camera is guided now; an earlier one stops by itself. */
let turn = 0;

const pictures = new Pictures(byId("pictures", HTMLElement), byId("picture-template", HTMLTemplateElement), () => {
  const count = pictures.blobs.length;
  sendButton.disabled = count === 0;
  if (!isAnswered) say(words, count === 0 ? _("No picture yet.") : ngettext("%(num)s picture. Three to five are best.", "%(num)s pictures. Three to five are best.", count));
});

/** What to do for the next picture. @returns {string} */
function poseWords() {
  const poses = [_("Look straight into the camera."), _("Turn your head a little to the left."), _("Turn your head a little to the right."), _("Lean back a little."), _("Lean forward a little.")];
  return poses[pictures.blobs.length % poses.length];
}

/** @param {boolean} isOn @param {string} text */
function showCamera(isOn, text) {
  box.dataset.camera = isOn ? "live" : "off";
  openButton.hidden = isOn;
  takeButton.hidden = !isOn;
  say(byId("camera-text", HTMLElement), text);
  if (isOn) return;
  turn += 1;
  say(guidance, "");
}

/** @param {string} [deviceId] */
async function open(deviceId) {
  showCamera(false, _("Switching on the camera …"));
  closeCamera(video);
  try {
    await openCamera(video, () => showCamera(false, _("The camera is gone. Press the button to switch it on again.")), deviceId);
    showCamera(true, "");
    takeButton.focus();
    offerCameras(await listCameras(), deviceId ?? "", _("Camera"), open);
    guide();
  } catch (error) {
    showCamera(false, cameraWords(error));
  }
}

/** Says while the camera is on what would make a better picture. Works without the detector too: the server looks anyway. */
async function guide() {
  turn += 1;
  const mine = turn;
  say(guidance, poseWords());
  loading ??= detector.load().catch(() => {});
  await loading;
  while (mine === turn) {
    const picture = { width: video.videoWidth, height: video.videoHeight, bitmap: () => createImageBitmap(video), jpeg: () => Promise.reject(new Error("not needed")) };
    const [claim, brightness] = await Promise.all([detector.detect(picture), brightnessOf(picture).catch(() => null)]);
    if (mine !== turn) return;
    const [hint] = lookForGuidance({ claim, picture, brightness });
    box.dataset.fits = hint ? "no" : claim.status === "unavailable" ? "unknown" : "yes";
    guidance.dataset.tone = hint ? "unsure" : "good";
    say(guidance, hint ? guidanceWords(hint) : poseWords());
    await pause(GUIDE_MILLISECONDS);
  }
}

/** @param {Blob[]} blobs */
function add(blobs) {
  if (isAnswered) pictures.clear();
  isAnswered = false;
  const maxBytes = Number(page.dataset.maxBytes);
  const fitting = blobs.filter((blob) => blob.size <= maxBytes);
  for (const blob of fitting.slice(0, PICTURES_MAX - pictures.blobs.length)) pictures.add(blob);
  if (fitting.length < blobs.length) say(words, _("A file was left out because it is too large."));
}

async function send() {
  const form = new FormData();
  pictures.blobs.forEach((blob, index) => form.append("images", blob, `picture-${index + 1}`));
  sendButton.disabled = true;
  say(words, _("Sending the pictures …"));
  try {
    let enrollment = await ask("POST", address, form);
    while (enrollment.state === "pending") {
      pictures.showAnswers(enrollment.images);
      say(words, _("The server is looking at your pictures. This takes a few seconds."));
      await pause(LOOK_AGAIN_MILLISECONDS);
      enrollment = await ask("GET", `${address}/${enrollment.version}`);
    }
    showDecision(enrollment);
  } catch (error) {
    say(words, wordsOf(error));
    sendButton.disabled = false;
  }
}

/** @param {{state: string, images: import("./pictures.js").ImageAnswer[]}} enrollment */
function showDecision({ state, images }) {
  pictures.showAnswers(images);
  isAnswered = true;
  pictures.close();
  const isAccepted = state === "accepted";
  const good = images.filter((image) => image.state === "accepted").length;
  say(words, isAccepted ? _("Done: %(good)s of %(all)s accepted. You can join your exam.", { good, all: images.length }) : _("None could be used. See why below each, then take new ones."));
  byId("after-acceptance", HTMLElement).hidden = !isAccepted;
  if (isAccepted) {
    closeCamera(video);
    showCamera(false, _("The camera is off."));
  }
}

openButton.addEventListener("click", () => open());
takeButton.addEventListener("click", async () => {
  add([await takePicture(video)]);
  say(guidance, poseWords());
});
sendButton.addEventListener("click", send);
files.addEventListener("change", () => add([...(files.files ?? [])]));
