import { _ } from "./i18n.js";

/** Pictures that are asked for; more are welcome up to `POSES_MAX`. */
const POSES_WANTED = 3;

/** As many as there are different ways to look into a camera without turning away from it. */
export const POSES_MAX = 5;

/** @type {(() => string)[]} slight ones: a face that is turned far cannot be compared */
const POSES = [
  () => _("Look straight into the camera."),
  () => _("Turn your head a little to the left."),
  () => _("Turn your head a little to the right."),
  () => _("Lift your chin a little."),
  () => _("Sit and look as you will in the exam."),
];

/** @param {number} pose 0 to 4 @returns {string} what to do for it */
function poseWords(pose) {
  return POSES[pose]?.() ?? "";
}

/** @param {(number|null)[]} taken the poses that there is a picture of @returns {number|null} the next one to ask for */
export function nextPose(taken) {
  const next = POSES.findIndex((_words, pose) => !taken.includes(pose));
  return next < 0 ? null : next;
}

/**
 * What stands above the camera.
 * @param {{pose: number|null, count: number, again: number|null}} next `again`: number of the picture that is taken once more
 * @returns {string}
 */
export function promptWords({ pose, count, again }) {
  const words = pose === null ? _("Look straight into the camera.") : poseWords(pose);
  if (again !== null) return _("Picture %(number)s again: %(pose)s", { number: again, pose: words });
  if (pose === null || count >= POSES_MAX) return _("That is enough. Send the pictures.");
  if (count < POSES_WANTED) return _("Picture %(number)s of %(all)s: %(pose)s", { number: count + 1, all: POSES_WANTED, pose: words });
  return _("Enough to send. One more, if you like: %(pose)s", { pose: words });
}
