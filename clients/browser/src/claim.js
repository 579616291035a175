/** @import {Box, Claim} from "./types.js" */

/** Boxes a claim carries at most: the header that holds it may have 2000 bytes. */
const MAX_BOXES = 10;

/** @type {Claim} the answer when nobody looked: no detector, or one that took too long */
export const UNAVAILABLE = Object.freeze({
  status: "unavailable",
  face_count: 0,
  detector_score: null,
  boxes: [],
  detector: "none",
});

/**
 * @param {{box: Box, score: number}[]} faces
 * @param {string} detector
 * @returns {Claim}
 */
export function claimOf(faces, detector) {
  const byScore = [...faces].sort((a, b) => b.score - a.score);
  return {
    status: faces.length === 0 ? "no_face" : faces.length === 1 ? "one_face" : "several_faces",
    face_count: faces.length,
    detector_score: byScore[0] ? Math.round(byScore[0].score * 1000) / 1000 : null,
    boxes: byScore.slice(0, MAX_BOXES).map(({ box }) => ({
      x: Math.round(box.x),
      y: Math.round(box.y),
      width: Math.round(box.width),
      height: Math.round(box.height),
    })),
    detector,
  };
}
