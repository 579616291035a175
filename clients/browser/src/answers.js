/** @import {Outcome, Trouble} from "./types.js" */

/** Seconds to wait when the server says "later" without a time. */
const UNSAID_WAIT_SECONDS = 5;

/** Statuses that mean this very frame or batch will never be taken, whoever says so on the way. */
const REFUSING_STATUSES = new Set([413, 415, 422]);

/** Not the request is wrong, the attempt is not there yet. */
const NOT_YET_CODES = new Set(["attempt_not_ready", "attempt_not_started"]);

/**
 * What the sender has to do after this answer. Only an answer that Face Monitor itself wrote (problem+json with a
 * code) closes the attempt: the 404 page of a proxy that restarts must not end anybody's monitoring.
 * @param {Response} response
 * @returns {Promise<Outcome>}
 */
export async function readAnswer(response) {
  const body = await readJson(response);
  if (response.ok && body !== null) return { kind: "accepted", body };
  const code = typeof body?.code === "string" ? body.code : null;
  /** @type {Trouble} */
  const trouble = { code: code ?? `http_${response.status}`, message: String(body?.detail ?? response.statusText) };

  if (response.status === 401 || code === "csrf_failed") return { kind: "sign_in", trouble };
  if (response.status === 429 || response.status === 503) return { kind: "wait", seconds: readRetryAfter(response), trouble };
  if (code === "attempt_closed" || code === "not_found") return { kind: "closed", trouble };
  if (code !== null && NOT_YET_CODES.has(code)) return { kind: "retry", trouble };
  if (REFUSING_STATUSES.has(response.status)) return { kind: "refused", trouble };
  if (code !== null && response.status >= 400 && response.status < 500 && response.status !== 408) return { kind: "refused", trouble };
  return { kind: "retry", trouble };
}

/** @param {Response} response @returns {Promise<any>} null when it is no JSON object */
async function readJson(response) {
  try {
    const body = await response.json();
    return typeof body === "object" ? body : null;
  } catch {
    return null;
  }
}

/** @param {Response} response @returns {number} seconds; the header's other form, a date, is read too */
function readRetryAfter(response) {
  const said = response.headers.get("Retry-After");
  if (said === null || said.trim() === "") return UNSAID_WAIT_SECONDS;
  if (/^\s*\d+\s*$/.test(said)) return Number(said);
  const until = Date.parse(said);
  const from = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(until) || Number.isNaN(from) ? UNSAID_WAIT_SECONDS : Math.max(0, (until - from) / 1000);
}
