import { _ } from "./i18n.js";

/** Milliseconds after which a request without an answer is given up: a dead line would keep it for minutes. */
const PATIENCE = 15_000;

/** What the service refused, in words a page can show. */
export class ServiceProblem extends Error {
  /** @param {number} status 0: it could not be reached @param {any} [body] of the problem @param {number|null} [retryAfterSeconds] */
  constructor(status, body = {}, retryAfterSeconds = null) {
    super(status === 0 ? _("The server cannot be reached. Check your network; we go on trying.") : messageOf(body));
    this.status = status;
    this.code = body.code ?? (status === 0 ? "unreachable" : "unknown");
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** @param {any} body @returns {string} */
function messageOf({ detail, next_step: step }) {
  if (!detail) return _("The server could not answer. Please try again.");
  const said = step && detail.endsWith(step) ? detail.slice(0, -step.length).trim() : detail;
  return step ? `${_(said)} ${_(step)}` : _(said);
}

/** The token that shows that a request comes from one of our pages. */
export function csrfToken() {
  const meta = document.querySelector('meta[name="csrf-token"]');
  return meta instanceof HTMLMetaElement ? meta.content : "";
}

/**
 * Asks the service and gives its JSON.
 * @param {string} method @param {string} path @param {FormData|object} [body] anything but a form is sent as JSON
 * @param {{keepalive?: boolean}} [how]
 * @returns {Promise<any>} rejects with a ServiceProblem
 */
export async function ask(method, path, body, { keepalive = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "X-CSRF-Token": csrfToken() };
  const isJson = body !== undefined && !(body instanceof FormData);
  if (isJson) headers["Content-Type"] = "application/json";
  let response;
  try {
    // Pictures take their time on a slow line.
    const signal = body instanceof FormData ? undefined : AbortSignal.timeout?.(PATIENCE);
    response = await fetch(path, { method, headers, body: isJson ? JSON.stringify(body) : /** @type {FormData|undefined} */ (body), cache: "no-store", keepalive, signal });
  } catch {
    throw new ServiceProblem(0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  // A hotel's sign-in page says 200 to everything.
  if (response.ok) throw new ServiceProblem(0);
  const retryAfter = Number(response.headers.get("Retry-After"));
  throw new ServiceProblem(response.status, answer ?? {}, retryAfter > 0 ? retryAfter : null);
}

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param {unknown} error @returns {string} what can be shown */
export function wordsOf(error) {
  return error instanceof ServiceProblem ? error.message : _("Something went wrong on this page. Please load it again.");
}
