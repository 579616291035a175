/** What the exam page says. Quiet and honest: never a score, and no accusation by one picture. */

/** @typedef {{text: string, tone: "good"|"unsure"|"plain"}} Words */

/** @type {Record<string, Words>} */
const CHECKS = {
  match: { text: "fine", tone: "good" },
  mismatch: { text: "the picture did not look like your reference pictures. Face the camera, with light from the front", tone: "unsure" },
  inconclusive: { text: "the picture was not clear enough to say. Face the camera, with light from the front", tone: "unsure" },
  no_face: { text: "nobody was in the picture. Sit in front of the camera", tone: "unsure" },
  multiple_faces: { text: "more than one face was in the picture. Make sure that you are alone", tone: "unsure" },
  low_quality: { text: "the picture was hard to see", tone: "unsure" },
  error: { text: "one picture could not be checked. You need not do anything", tone: "plain" },
};

/**
 * @param {{verdict: string, received_at: string, reasons: {message: string}[]}|null} last
 * @param {number} now milliseconds since 1970, the server's clock
 * @returns {Words}
 */
export function checkWords(last, now) {
  if (!last) return { text: "Waiting for the first check.", tone: "plain" };
  const { text, tone } = CHECKS[last.verdict] ?? { text: last.verdict, tone: "plain" };
  const help = last.verdict === "low_quality" && last.reasons[0] ? `. ${last.reasons[0].message}` : ".";
  return { text: `Last check ${agoWords(now - Date.parse(last.received_at))}: ${text}${help}`, tone };
}

/** @param {number} milliseconds @returns {string} */
export function agoWords(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s ago`;
  return `${Math.round(seconds / 60)} min ago`;
}

/** @type {Record<string, string>} */
export const CAMERA_WORDS = {
  opening: "switching on",
  live: "on",
  lost: "lost",
  denied: "not permitted",
  missing: "not found",
  closed: "off",
};

/** What to do about a camera that shows nothing. @type {Record<string, string>} */
export const CAMERA_HELP = {
  lost: "The camera is gone. Plug it in again or close the program that took it. Your exam goes on; we note the gap.",
  denied: "The browser may not use the camera. Permit it next to the address above, then try again. Your exam goes on.",
  missing: "No camera was found. Plug one in, then try again. Your exam goes on.",
};

/**
 * @param {{lastError: {code: string}|null, lastSentAt: Date|null, waiting: number}} status
 * @returns {string}
 */
export function networkWords({ lastError, lastSentAt, waiting }) {
  if (lastError && waiting > 0) return "no answer, trying again";
  return lastSentAt ? "working" : "not used yet";
}

/** @param {number} seconds @returns {string} `1:04:09` or `4:09` */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((number, index) => (index ? String(number).padStart(2, "0") : number)).join(":");
}
