/** What the system check found, in words: how it went and, where it did not go well, what to do. Never a figure of a face. */
import { agoWords, guidanceWords } from "./attempt-words.js";
import { _ } from "./i18n.js";

/** @typedef {{state: "waiting"|"ok"|"trouble", text: string}} Finding */

/** Milliseconds for an answer of the server, beyond which the network is called slow. */
const SLOW_ANSWER = 1500;

/** Milliseconds for one picture on its way, beyond which the network is called slow. */
const SLOW_UPLOAD = 5000;

/** Seconds by which this computer's clock may be wrong before we say so. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Verdicts of the server that open a start. */
const OPENING = new Set(["match", "present"]);

/**
 * @param {Record<string, boolean>} abilities of this browser, by their name
 * @returns {Finding}
 */
export function browserFinding(abilities) {
  const lacking = Object.keys(abilities).filter((name) => !abilities[name]);
  if (lacking.length === 0) return { state: "ok", text: _("This browser can do all that is needed.") };
  return { state: "trouble", text: _("This browser lacks: %(list)s. Use a current Firefox, Chrome, Edge or Safari, not in a private window.", { list: lacking.join(", ") }) };
}

/**
 * @param {number|null} answerMilliseconds from asking the server to its answer
 * @param {{milliseconds: number, byteCount: number}|null} upload of the newest picture
 * @param {boolean} sendsPictures
 * @returns {Finding}
 */
export function networkFinding(answerMilliseconds, upload, sendsPictures) {
  if (answerMilliseconds === null) return { state: "waiting", text: _("Asking the server …") };
  const isSlow = answerMilliseconds > SLOW_ANSWER || (upload?.milliseconds ?? 0) > SLOW_UPLOAD;
  if (isSlow) return { state: "ok", text: _("Slow, but it works. Answers and pictures wait here until they can be sent.") };
  const answered = _("The server answers in %(count)s ms.", { count: Math.round(answerMilliseconds) });
  if (!sendsPictures) return { state: "ok", text: answered };
  if (!upload) return { state: "waiting", text: `${answered} ${_("Now a picture is sent …")}` };
  const sent = _("A picture of %(size)s kB arrived after %(count)s ms.", { size: Math.round(upload.byteCount / 1000), count: Math.round(upload.milliseconds) });
  return { state: "ok", text: `${answered} ${sent}` };
}

/** @param {number|null} offset milliseconds by which the server's clock is ahead of this one @returns {Finding} */
export function clockFinding(offset) {
  if (offset === null) return { state: "waiting", text: _("Asking the server …") };
  const seconds = Math.round(Math.abs(offset) / 1000);
  if (seconds <= CLOCK_TOLERANCE_SECONDS) return { state: "ok", text: _("Right. The server's clock decides in any case.") };
  const by = seconds < 5400 ? _("%(minutes)s min", { minutes: Math.round(seconds / 60) }) : _("%(hours)s h", { hours: Math.round(seconds / 3600) });
  const wrong = offset > 0 ? _("Your computer's clock is %(time)s slow.", { time: by }) : _("Your computer's clock is %(time)s fast.", { time: by });
  return { state: "trouble", text: `${wrong} ${_("You can start all the same, the server's clock decides. If you can, let your computer set its time by itself.")}` };
}

/**
 * @param {{camera: string, role: string}} status of the monitor
 * @param {string} label of the camera, empty when the browser does not tell it
 * @returns {Finding}
 */
export function cameraFinding({ camera, role }, label) {
  if (role === "waiting") return { state: "trouble", text: _("This exam is open in another tab, which uses the camera. Close that tab, and this one goes on.") };
  switch (camera) {
    case "live":
      return { state: "ok", text: label || _("The camera is on.") };
    case "denied":
      return { state: "trouble", text: _("The browser may not use the camera. Permit it next to the address above, then press “Try the camera again”.") };
    case "missing":
      return { state: "trouble", text: _("No camera was found. Plug one in, or open its cover or its switch, then press “Try the camera again”.") };
    case "lost":
      return { state: "trouble", text: _("The camera gives no picture. Close other programs that use it, or plug it in again, then press “Try the camera again”.") };
    default:
      return { state: "waiting", text: _("Switching on the camera. Your browser may ask whether that is all right: say yes.") };
  }
}

/** @param {string} detector state of the monitor's @returns {Finding} */
export function detectorFinding(detector) {
  if (detector === "ready") return { state: "ok", text: _("Loaded. It gives you hints at once; the server looks by itself.") };
  if (detector === "unavailable") return { state: "ok", text: _("Not needed: the server looks by itself.") };
  return { state: "waiting", text: _("Being loaded …") };
}

/**
 * @param {string[]} hints of lookForGuidance
 * @param {{status: string}} claim
 * @returns {Finding}
 */
export function pictureFinding(hints, claim) {
  if (hints[0]) return { state: "trouble", text: guidanceWords(hints[0]) };
  if (claim.status === "unavailable") return { state: "ok", text: _("The light is fine. The server looks for your face by itself.") };
  return { state: "ok", text: _("Good light, and your face is well in the picture.") };
}

/** @typedef {{verdict: string, received_at: string, reasons: {message: string}[]}} Check */

/**
 * What the server made of the pictures so far.
 * @param {{verified_frame_at: string|null, last_verification: Check|null, counts: {frames: number}}} attempt
 * @param {string} faceCheck match or presence
 * @param {number} now milliseconds since 1970, the server's clock
 * @returns {Finding}
 */
export function serverFinding({ verified_frame_at: at, last_verification: last, counts }, faceCheck, now) {
  const trouble = last && !OPENING.has(last.verdict) ? troubleWords(last) : "";
  if (at) {
    const ago = agoWords(now - Date.parse(at));
    const seen = faceCheck === "match" ? _("The server recognised you %(ago)s.", { ago }) : _("The server saw somebody %(ago)s. Nothing was compared.", { ago });
    return { state: "ok", text: trouble ? `${seen} ${_("The newest picture:")} ${trouble}` : seen };
  }
  if (trouble) return { state: "trouble", text: trouble };
  if (last) return { state: "waiting", text: _("The last good picture is too old by now. Waiting for a new one.") };
  if (counts.frames > 0) return { state: "waiting", text: _("The server is looking at the first picture.") };
  return { state: "waiting", text: _("Waiting for the first picture.") };
}

/** @param {Check} check @returns {string} */
function troubleWords({ verdict, reasons }) {
  /** @type {Record<string, () => string>} */
  const words = {
    mismatch: () => _("The server does not recognise you in the picture. Look straight into the camera, with light from the front. If it stays like this, ask your examiner."),
    inconclusive: () => _("The server is not sure yet. Look straight into the camera, with light from the front."),
    no_face: () => _("The server sees nobody. Sit in front of the camera."),
    multiple_faces: () => _("The server sees more than one face. Make sure that you are alone."),
    low_quality: () => (reasons[0] ? _(reasons[0].message) : _("The picture is hard to see. Look straight into the camera, with light from the front.")),
    error: () => _("One picture could not be looked at. The next one is on its way; you need not do anything."),
  };
  return words[verdict]?.() ?? _("The server is not sure yet. Look straight into the camera, with light from the front.");
}

/**
 * What stands below the start button.
 * @param {{isReachable: boolean, isElsewhere: boolean, isOpen: boolean, faceCheck: string}} how
 * @returns {string}
 */
export function startWords({ isReachable, isElsewhere, isOpen, faceCheck }) {
  if (!isReachable) return _("The server cannot be reached just now. We go on trying; nothing is lost.");
  if (isElsewhere) return _("This exam is open in another tab. Go on there, or close that tab.");
  if (isOpen) return _("You can start when you are ready.");
  return faceCheck === "match" ? _("The button opens once the server has recognised you.") : _("The button opens once the server has seen you.");
}
