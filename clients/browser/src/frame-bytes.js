/** @import {Frame} from "./types.js" */

/**
 * One byte string for a whole frame, so that claim, time and ticket are sealed with the picture:
 * the length of the JSON in four bytes, the JSON, the JPEG.
 * @param {Frame} frame
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packFrame({ jpeg, ...about }) {
  const json = new TextEncoder().encode(JSON.stringify(about));
  const packed = new Uint8Array(4 + json.length + jpeg.length);
  new DataView(packed.buffer).setUint32(0, json.length);
  packed.set(json, 4);
  packed.set(jpeg, 4 + json.length);
  return packed;
}

/** @param {Uint8Array} packed @returns {Frame} */
export function unpackFrame(packed) {
  const end = 4 + new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const about = JSON.parse(new TextDecoder().decode(packed.subarray(4, end)));
  return { ...about, jpeg: packed.slice(end) };
}
