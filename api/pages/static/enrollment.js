import { cameraWords, closeCamera, openCamera, takePicture } from "./camera.js";
import { byId, say } from "./elements.js";
import { Pictures } from "./pictures.js";
import { ask, pause, wordsOf } from "./service.js";

const PICTURES_MAX = 10;
const LOOK_AGAIN_MILLISECONDS = 1000;

const page = byId("enroll", HTMLElement);
const video = byId("viewfinder", HTMLVideoElement);
const openButton = byId("open-camera", HTMLButtonElement);
const takeButton = byId("take-picture", HTMLButtonElement);
const sendButton = byId("send-pictures", HTMLButtonElement);
const files = byId("files", HTMLInputElement);
const words = byId("enroll-text", HTMLElement);
const address = `/api/v1/subjects/${page.dataset.subjectId}/enrollments`;
let isAnswered = false;

const pictures = new Pictures(byId("pictures", HTMLElement), byId("picture-template", HTMLTemplateElement), () => {
  const count = pictures.blobs.length;
  sendButton.disabled = count === 0;
  if (!isAnswered) say(words, count === 0 ? "No picture yet." : `${count} ${count === 1 ? "picture" : "pictures"}. Three to five are best.`);
});

/** @param {boolean} isOn @param {string} text */
function showCamera(isOn, text) {
  const box = /** @type {HTMLElement} */ (video.parentElement);
  box.dataset.camera = isOn ? "live" : "off";
  openButton.hidden = isOn;
  takeButton.hidden = !isOn;
  say(byId("camera-text", HTMLElement), text);
}

async function open() {
  showCamera(false, "Switching on the camera …");
  try {
    await openCamera(video, () => showCamera(false, "The camera is gone. Press the button to switch it on again."));
    showCamera(true, "");
    takeButton.focus();
  } catch (error) {
    showCamera(false, cameraWords(error));
  }
}

/** @param {Blob[]} blobs */
function add(blobs) {
  if (isAnswered) pictures.clear();
  isAnswered = false;
  const maxBytes = Number(page.dataset.maxBytes);
  const fitting = blobs.filter((blob) => blob.size <= maxBytes);
  for (const blob of fitting.slice(0, PICTURES_MAX - pictures.blobs.length)) pictures.add(blob);
  if (fitting.length < blobs.length) say(words, "A file was left out because it is too large.");
}

async function send() {
  const form = new FormData();
  pictures.blobs.forEach((blob, index) => form.append("images", blob, `picture-${index + 1}`));
  sendButton.disabled = true;
  say(words, "Sending the pictures …");
  try {
    let enrollment = await ask("POST", address, form);
    while (enrollment.state === "pending") {
      pictures.showAnswers(enrollment.images);
      say(words, "The server is looking at your pictures. This takes a few seconds.");
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
  say(words, isAccepted ? `Done: ${good} of ${images.length} accepted. You can join your exam.` : "None could be used. See why below each, then take new ones.");
  byId("after-acceptance", HTMLElement).hidden = !isAccepted;
  if (isAccepted) {
    closeCamera(video);
    showCamera(false, "The camera is off.");
  }
}

openButton.addEventListener("click", open);
takeButton.addEventListener("click", async () => add([await takePicture(video)]));
sendButton.addEventListener("click", send);
files.addEventListener("change", () => add([...(files.files ?? [])]));
