/** What the service refused, in words a page can show. */
export class ServiceProblem extends Error {
  /** @param {number} status 0: it could not be reached @param {string} message @param {string} code */
  constructor(status, message, code = "unreachable") {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The token that shows that a request comes from one of our pages. */
export function csrfToken() {
  const meta = document.querySelector('meta[name="csrf-token"]');
  return meta instanceof HTMLMetaElement ? meta.content : "";
}

/**
 * Asks the service and gives its JSON.
 * @param {string} method @param {string} path @param {FormData} [body]
 * @returns {Promise<any>} rejects with a ServiceProblem
 */
export async function ask(method, path, body) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrfToken() };
  let response;
  try {
    response = await fetch(path, { method, headers, body, cache: "no-store" });
  } catch {
    throw new ServiceProblem(0, "The server cannot be reached. Check your network; we go on trying.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const message = answer.detail ?? "The server could not answer. Please try again.";
  throw new ServiceProblem(response.status, message, answer.code ?? "unknown");
}

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param {unknown} error @returns {string} what can be shown */
export function wordsOf(error) {
  return error instanceof ServiceProblem ? error.message : "Something went wrong on this page. Please load it again.";
}
