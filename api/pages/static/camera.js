import { _ } from "./i18n.js";

/** Longest side of a picture that is sent: enough for a face, small enough for a slow line. */
const LONGEST_SIDE_PX = 1280;

/** Why there is no picture, in words for the person before it. @type {Record<string, () => string>} */
const TROUBLES = {
  NotAllowedError: () => _("The browser may not use the camera. Permit it next to the address above, then press the button again."),
  NotFoundError: () => _("No camera was found. Plug one in, then press the button again."),
  NotReadableError: () => _("Another program uses the camera. Close it, then press the button again."),
};

/** @param {unknown} error @returns {string} */
export function cameraWords(error) {
  const name = error instanceof DOMException ? error.name : "";
  return TROUBLES[name]?.() ?? _("The camera did not start. Press the button again, or use picture files.");
}

/**
 * Shows the camera in `video`.
 * @param {HTMLVideoElement} video @param {() => void} onLost @param {string} [deviceId]
 * @returns {Promise<void>} rejects when there is no camera to show
 */
export async function openCamera(video, onLost, deviceId) {
  if (!navigator.mediaDevices) throw new Error("This page is not served by HTTPS.");
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, ...(deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: "user" }) };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  for (const track of stream.getTracks()) track.addEventListener("ended", onLost);
  video.srcObject = stream;
  await video.play();
}

/** @param {HTMLVideoElement} video */
export function closeCamera(video) {
  if (video.srcObject instanceof MediaStream) video.srcObject.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

/** @param {HTMLVideoElement} video @returns {Promise<Blob>} a JPEG of what it shows now, not mirrored */
export async function takePicture(video) {
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture was made."))), "image/jpeg", 0.92);
  });
}
