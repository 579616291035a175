/** @import {Picture} from "./types.js" */

/** Longest side of the sent picture: the server's descriptor needs a face of 150 px, and 640 gives that at arm's length. */
export const LONGEST_SIDE_PX = 640;

/** JPEG quality where file size still falls quickly and a descriptor no longer moves: 40 to 60 kB a frame. */
export const JPEG_QUALITY = 0.85;

/**
 * The picture that the video shows now, copied once: claim and JPEG are made from the same pixels.
 * @param {HTMLVideoElement} video
 * @param {{longestSidePx?: number, jpegQuality?: number}} [size]
 * @returns {Picture|null} null while the video has nothing to show
 */
export function takePicture(video, { longestSidePx = LONGEST_SIDE_PX, jpegQuality = JPEG_QUALITY } = {}) {
  const { videoWidth, videoHeight } = video;
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || videoWidth === 0) return null;
  const scale = Math.min(1, longestSidePx / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return {
    width: canvas.width,
    height: canvas.height,
    jpeg: () => encodeJpeg(canvas, jpegQuality),
    bitmap: () => createImageBitmap(canvas),
  };
}

/** @param {HTMLCanvasElement} canvas @param {number} quality 0 to 1 @returns {Promise<Uint8Array>} */
async function encodeJpeg(canvas, quality) {
  /** @type {Blob|null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  if (!blob) throw new Error("The browser could not encode the picture.");
  return new Uint8Array(await blob.arrayBuffer());
}
