/** @typedef {import("./wall-state.js").Point} Point */

/** The drawing's size in its own units; the page stretches it. */
export const WIDTH = 120;
export const HEIGHT = 28;

/** The distances at the lower and the upper edge: what lies beyond them is clear all the same. */
const NEAREST = 0.1;
const FARTHEST = 0.9;

/** @param {number} distance @returns {number} near is low, as on any scale */
export function heightOf(distance) {
  const within = Math.min(Math.max(distance, NEAREST), FARTHEST);
  return round(HEIGHT - ((within - NEAREST) / (FARTHEST - NEAREST)) * HEIGHT);
}

/**
 * The line through the distances, newest at the right end. Where a frame has none, or never came, it breaks.
 * @param {Point[]} points @param {number} most points that fill the width
 * @returns {string} a path
 */
export function linePath(points, most) {
  let path = "";
  /** @type {Point|null} */
  let before = null;
  forEachPlace(points, most, (point, x) => {
    if (point.distance !== null) {
      const goesOn = before !== null && before.distance !== null && before.seq === point.seq - 1;
      // A single point gets a short stroke: a path that only moves draws nothing.
      path += goesOn ? `L${x} ${heightOf(point.distance)}` : `M${x} ${heightOf(point.distance)}h0.01`;
    }
    before = point;
  });
  return path;
}

/** Marks at the bottom for checks that found no distance. @param {Point[]} points @param {number} most @returns {string} a path */
export function marksPath(points, most) {
  let path = "";
  forEachPlace(points, most, (point, x) => {
    if (point.distance === null) path += `M${x} ${HEIGHT}v-4`;
  });
  return path;
}

/** @param {Point[]} points @param {number} most @param {(point: Point, x: number) => void} visit */
function forEachPlace(points, most, visit) {
  const shown = points.slice(-most);
  shown.forEach((point, place) => visit(point, round(WIDTH - ((shown.length - 1 - place) * WIDTH) / (most - 1))));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
