/** @import {Claim, Picture} from "./types.js" */

/** Height of a face as a part of the picture's: nearer than the first is too near, farther than the second too far. */
const NEAREST = 0.8;
const FARTHEST = 0.22;

/** How far the middle of the face may be from the middle of the picture, as a part of its width and height. */
const OFF_CENTRE = 0.22;

/** Mean grey of a picture, 0 to 255, beyond which a face cannot be seen well. */
const DARK = 45;
const BRIGHT = 225;

/** Mean grey by which a face may be darker than the whole picture before the light comes from behind. */
const BACKLIT_BY = 60;

/** Pixels of the copy on which the light is measured. */
const LIGHT_WIDTH_PX = 32;
const LIGHT_HEIGHT_PX = 24;

/**
 * What would make the picture better, the most important first; empty when nothing would. Codes, no words: the page
 * knows its reader's language. Advice only: the server decides what can be used.
 * @typedef {"no_face"|"several_faces"|"too_dark"|"too_bright"|"backlit"|"too_far"|"too_near"|"not_centred"} Hint
 *
 * @param {object} seen
 * @param {Claim} seen.claim of the local detector; "unavailable" gives no hint about faces
 * @param {{width: number, height: number}} seen.picture
 * @param {number|null} seen.brightness of `brightnessOf`
 * @param {number|null} [seen.faceBrightness] of `brightnessOf` with the face's box; without it nothing is "backlit"
 * @returns {Hint[]}
 */
export function lookForGuidance({ claim, picture, brightness, faceBrightness = null }) {
  /** @type {Hint[]} */
  const hints = [];
  if (claim.status === "no_face") hints.push("no_face");
  if (claim.status === "several_faces") hints.push("several_faces");
  if (brightness !== null && brightness < DARK) hints.push("too_dark");
  if (brightness !== null && brightness > BRIGHT) hints.push("too_bright");
  if (brightness !== null && faceBrightness !== null && brightness - faceBrightness > BACKLIT_BY) hints.push("backlit");
  if (claim.status === "one_face" && claim.boxes[0]) hints.push(...hintsOfBox(claim.boxes[0], picture));
  return hints;
}

/**
 * @param {Picture} picture
 * @param {import("./types.js").Box} [part] of the picture; the whole of it when left out
 * @returns {Promise<number|null>} mean grey, 0 to 255; null where the browser cannot tell
 */
export async function brightnessOf(picture, part) {
  const { x, y, width, height } = within(picture, part);
  if (width <= 0 || height <= 0) return null;
  const bitmap = await picture.bitmap();
  try {
    const canvas = document.createElement("canvas");
    canvas.width = LIGHT_WIDTH_PX;
    canvas.height = LIGHT_HEIGHT_PX;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return null;
    context.drawImage(bitmap, x, y, width, height, 0, 0, canvas.width, canvas.height);
    return meanGrey(context.getImageData(0, 0, canvas.width, canvas.height).data);
  } finally {
    bitmap.close();
  }
}

/**
 * The part that is inside the picture: a detector draws its boxes over the border too, and there is no light out there.
 * @param {{width: number, height: number}} picture
 * @param {import("./types.js").Box} [part]
 * @returns {import("./types.js").Box}
 */
export function within(picture, part = { x: 0, y: 0, width: picture.width, height: picture.height }) {
  const [x, y] = [Math.max(0, part.x), Math.max(0, part.y)];
  const [right, bottom] = [Math.min(picture.width, part.x + part.width), Math.min(picture.height, part.y + part.height)];
  return { x, y, width: right - x, height: bottom - y };
}

/** @param {ArrayLike<number>} rgba @returns {number} */
export function meanGrey(rgba) {
  let sum = 0;
  for (let at = 0; at < rgba.length; at += 4) sum += 0.299 * rgba[at] + 0.587 * rgba[at + 1] + 0.114 * rgba[at + 2];
  return sum / (rgba.length / 4);
}

/**
 * The cameras of this computer. Browsers tell their names only after the camera was permitted once.
 * @param {Pick<MediaDevices, "enumerateDevices">|undefined} [devices]
 * @returns {Promise<{deviceId: string, label: string}[]>}
 */
export async function listCameras(devices = globalThis.navigator?.mediaDevices) {
  if (!devices) return [];
  const all = await devices.enumerateDevices();
  return all.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId).map(({ deviceId, label }) => ({ deviceId, label }));
}

/** @param {import("./types.js").Box} box @param {{width: number, height: number}} picture @returns {Hint[]} */
function hintsOfBox(box, picture) {
  const size = box.height / picture.height;
  const fromMiddle = [
    (box.x + box.width / 2) / picture.width - 0.5,
    (box.y + box.height / 2) / picture.height - 0.5,
  ];
  /** @type {Hint[]} */
  const hints = [];
  if (size < FARTHEST) hints.push("too_far");
  if (size > NEAREST) hints.push("too_near");
  if (fromMiddle.some((offset) => Math.abs(offset) > OFF_CENTRE)) hints.push("not_centred");
  return hints;
}
