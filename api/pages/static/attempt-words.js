/** What the exam page says. Quiet and honest: never a score, and no accusation by one picture. */
import { _, ngettext } from "./i18n.js";

/** @typedef {{text: string, tone: "good"|"unsure"|"plain"}} Words */

/** @type {Record<string, () => Words>} */
const CHECKS = {
  match: () => ({ text: _("fine"), tone: "good" }),
  present: () => ({ text: _("fine"), tone: "good" }),
  mismatch: () => ({ text: _("the picture did not look like your reference pictures. Face the camera, with light from the front"), tone: "unsure" }),
  inconclusive: () => ({ text: _("the picture was not clear enough to say. Face the camera, with light from the front"), tone: "unsure" }),
  no_face: () => ({ text: _("nobody was in the picture. Sit in front of the camera"), tone: "unsure" }),
  multiple_faces: () => ({ text: _("more than one face was in the picture. Make sure that you are alone"), tone: "unsure" }),
  low_quality: () => ({ text: _("the picture was hard to see"), tone: "unsure" }),
  error: () => ({ text: _("one picture could not be checked. You need not do anything"), tone: "plain" }),
};

/** @typedef {{verdict: string, received_at: string, reasons: {message: string}[]}} Check */

/**
 * @param {Check|null} last
 * @param {number} now milliseconds since 1970, the server's clock
 * @returns {Words}
 */
export function checkWords(last, now) {
  if (!last) return { text: _("Waiting for the first check."), tone: "plain" };
  const { text, tone } = CHECKS[last.verdict]?.() ?? { text: _("done"), tone: /** @type {const} */ ("plain") };
  const help = last.verdict === "low_quality" && last.reasons[0] ? `. ${_(last.reasons[0].message)}` : ".";
  const said = _("Last check %(ago)s:", { ago: agoWords(now - Date.parse(last.received_at)) });
  return { text: `${said} ${text}${help}`, tone };
}

/** @param {number} milliseconds @returns {string} */
export function agoWords(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return _("%(seconds)s s ago", { seconds });
  return _("%(minutes)s min ago", { minutes: Math.round(seconds / 60) });
}

/** @param {string} camera state of the monitor @returns {string} */
export function cameraWords(camera) {
  /** @type {Record<string, () => string>} */
  const words = {
    opening: () => _("switching on"),
    live: () => _("on"),
    lost: () => _("lost"),
    denied: () => _("not permitted"),
    missing: () => _("not found"),
    closed: () => _("off"),
  };
  return words[camera]?.() ?? "";
}

/** What to do about a camera that shows nothing; empty when it shows something. @param {string} camera @returns {string} */
export function cameraHelp(camera) {
  /** @type {Record<string, () => string>} */
  const words = {
    lost: () => _("The camera is gone. Plug it in again or close the program that took it. Your exam goes on; we note the gap."),
    denied: () => _("The browser may not use the camera. Permit it next to the address above, then try again. Your exam goes on."),
    missing: () => _("No camera was found. Plug one in, then try again. Your exam goes on."),
  };
  return words[camera]?.() ?? "";
}

/** @param {number} milliseconds without a camera @returns {string} */
export function gapWords(milliseconds) {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const time = seconds < 90 ? ngettext("%(num)s second", "%(num)s seconds", seconds) : ngettext("%(num)s minute", "%(num)s minutes", Math.round(seconds / 60));
  return _("The camera was away for %(time)s. That is noted; your exam went on.", { time });
}

/** @param {string} hint of lookForGuidance @returns {string} */
export function guidanceWords(hint) {
  /** @type {Record<string, () => string>} */
  const words = {
    no_face: () => _("No face is visible. Sit in front of the camera."),
    several_faces: () => _("More than one face is visible. Make sure that you are alone."),
    too_dark: () => _("It is too dark. Turn on a light in front of you."),
    too_bright: () => _("It is too bright. Move the light away from the camera."),
    backlit: () => _("The light comes from behind you. Turn towards it, or close the curtain."),
    too_far: () => _("Move closer to the camera."),
    too_near: () => _("Move back a little."),
    not_centred: () => _("Move to the middle of the picture."),
  };
  return words[hint]?.() ?? "";
}

/**
 * @param {{lastError: {code: string}|null, lastSentAt: Date|null, waiting: number}} status
 * @returns {string}
 */
export function networkWords({ lastError, lastSentAt, waiting }) {
  if (lastError && waiting > 0) return _("no answer, trying again");
  return lastSentAt ? _("working") : _("not used yet");
}

/** @param {number} seconds @returns {string} `1:04:09` or `4:09` */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((number, index) => (index ? String(number).padStart(2, "0") : number)).join(":");
}
