import { listCameras } from "/static/face-monitor/index.js";
import { Announcer } from "./announcer.js";
import { guidanceWords } from "./attempt-words.js";
import { cameraWords, closeCamera, openCamera, takePicture } from "./camera.js";
import { offerCameras } from "./check-list.js";
import { byId, say } from "./elements.js";
import { Guide } from "./guide.js";
import { _, ngettext } from "./i18n.js";
import { Pictures } from "./pictures.js";
import { POSES_MAX, promptWords } from "./poses.js";
import { ask, pause, wordsOf } from "./service.js";

/** As many as the service takes at once; files may be more than what the camera asks for. */
const PICTURES_MAX = 10;
const LOOK_AGAIN_MILLISECONDS = 1000;

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
const announcer = new Announcer(byId("announcement", HTMLElement));
let isSending = false;

const guide = new Guide(video, (hints, claim) => {
  const isUnknown = claim.status === "unavailable";
  box.dataset.fits = hints[0] ? "no" : isUnknown ? "unknown" : "yes";
  guidance.dataset.tone = hints[0] ? "unsure" : isUnknown ? "plain" : "good";
  const said = hints[0] ? guidanceWords(hints[0]) : isUnknown ? _("Your face belongs into the oval.") : _("Good. Hold still and take the picture.");
  say(guidance, said);
  announcer.say(said);
});

const pictures = new Pictures({
  list: byId("pictures", HTMLElement),
  template: byId("picture-template", HTMLTemplateElement),
  onChange: showCount,
  onAgain: () => {
    if (box.dataset.camera === "live") takeButton.focus();
    else open();
  },
});

function showCount() {
  const { count, next } = pictures;
  sendButton.disabled = isSending || !pictures.hasNews;
  takeButton.disabled = isSending || (next.again === null && (next.pose === null || count >= POSES_MAX));
  if (box.dataset.camera === "live") say(byId("prompt", HTMLElement), promptWords({ ...next, count }));
  if (isSending || (count > 0 && !pictures.hasNews)) return;
  if (count === 0) say(words, _("No picture yet."));
  else say(words, ngettext("%(num)s picture. Three to five are best.", "%(num)s pictures. Three to five are best.", count));
}

/** @param {boolean} isOn @param {string} text */
function showCamera(isOn, text) {
  box.dataset.camera = isOn ? "live" : "off";
  openButton.hidden = isOn;
  takeButton.hidden = !isOn;
  say(byId("camera-text", HTMLElement), text);
  if (isOn) return;
  guide.stop();
  say(guidance, "");
  if (pictures.count > 0) say(byId("prompt", HTMLElement), "");
}

/** @param {string} [deviceId] */
async function open(deviceId) {
  closeCamera(video);
  showCamera(false, _("Switching on the camera. Your browser may ask whether that is all right: say yes."));
  try {
    await openCamera(video, () => showCamera(false, _("The camera is gone. Press the button to switch it on again.")), deviceId);
  } catch (error) {
    showCamera(false, cameraWords(error));
    openButton.focus();
    return;
  }
  showCamera(true, "");
  showCount();
  if (!deviceId) takeButton.focus();
  guide.start();
  const track = /** @type {MediaStream} */ (video.srcObject).getVideoTracks()[0];
  offerCameras(await listCameras(), track.getSettings().deviceId ?? "", _("Camera"), open);
}

async function take() {
  const blob = await takePicture(video);
  box.classList.remove("flash");
  // Read, so that the same animation begins anew.
  void box.offsetWidth;
  box.classList.add("flash");
  pictures.add(blob, pictures.next.pose);
}

/** @param {File[]} chosen */
function addFiles(chosen) {
  const maxBytes = Number(page.dataset.maxBytes);
  const fitting = chosen.filter((file) => file.size <= maxBytes);
  const taken = fitting.slice(0, Math.max(0, PICTURES_MAX - pictures.count));
  for (const file of taken) pictures.add(file, null);
  files.value = "";
  if (fitting.length < chosen.length) say(words, _("A file was left out because it is too large. Choose a smaller one."));
  else if (taken.length < fitting.length) say(words, _("Ten pictures are the most. The others were left out."));
}

async function send() {
  const form = new FormData();
  pictures.blobs.forEach((blob, index) => form.append("images", blob, `picture-${index + 1}`));
  isSending = true;
  sendButton.setAttribute("aria-busy", "true");
  say(words, _("Sending the pictures …"));
  showCount();
  try {
    showDecision(await decided(form));
  } catch (error) {
    isSending = false;
    pictures.takeBack();
    say(words, `${wordsOf(error)} ${_("Your pictures are still here: send them again.")}`);
  }
  sendButton.removeAttribute("aria-busy");
}

/** @param {FormData} form @returns {Promise<{state: string, images: import("./pictures.js").ImageAnswer[]}>} */
async function decided(form) {
  let enrollment = await ask("POST", address, form);
  while (enrollment.state === "pending") {
    pictures.showAnswers(enrollment.images);
    say(words, _("The server is looking at your pictures. This takes a few seconds."));
    await pause(LOOK_AGAIN_MILLISECONDS);
    enrollment = await ask("GET", `${address}/${enrollment.version}`);
  }
  return enrollment;
}

/** @param {{state: string, images: import("./pictures.js").ImageAnswer[]}} enrollment */
function showDecision({ state, images }) {
  isSending = false;
  pictures.showAnswers(images);
  const good = images.filter((image) => image.state === "accepted").length;
  const isAccepted = state === "accepted";
  byId("after-acceptance", HTMLElement).hidden = !isAccepted;
  const earlier = document.getElementById("earlier");
  if (earlier) earlier.hidden = true;
  if (!isAccepted) {
    say(words, _("None could be used. See below each why, take it again, and send once more."));
    return;
  }
  say(words, [decisionWords(good, images.length), page.dataset.needsApproval === "yes" ? _("An examiner still looks at them before your exam; you need not do anything.") : ""].join(" ").trim());
  closeCamera(video);
  showCamera(false, _("The camera is off."));
  byId("go-on", HTMLElement).focus();
}

/** @param {number} good @param {number} all @returns {string} */
function decisionWords(good, all) {
  if (good === all) return ngettext("Done: your picture was accepted.", "Done: all %(num)s pictures were accepted.", all);
  return _("Done: %(good)s of %(all)s accepted, which is enough. If you like, take the others again and send once more.", { good, all });
}

openButton.addEventListener("click", () => open());
takeButton.addEventListener("click", take);
sendButton.addEventListener("click", send);
files.addEventListener("change", () => addFiles([...(files.files ?? [])]));
showCount();
