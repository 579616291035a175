import assert from "node:assert/strict";
import { it } from "node:test";
import { problem } from "../fakes/server.js";
import { readAnswer } from "../src/answers.js";

const page = (/** @type {number} */ status) => new Response("<html>", { status, headers: { "Content-Type": "text/html" } });

/** @type {[string, Response, string][]} */
const answers = [
  ["202 with a receipt", Response.json({ seq: 1 }, { status: 202 }), "accepted"],
  ["200 with somebody's HTML, as a hotel's sign-in page gives", page(200), "retry"],
  ["401", problem(401, "not_signed_in"), "sign_in"],
  ["403 because the CSRF token is old", problem(403, "csrf_failed"), "sign_in"],
  ["403 from Face Monitor", problem(403, "not_allowed"), "refused"],
  ["403 from something on the way", page(403), "retry"],
  ["404 from Face Monitor", problem(404, "not_found"), "closed"],
  ["404 from a proxy that restarts", page(404), "retry"],
  ["409 attempt_closed", problem(409, "attempt_closed"), "closed"],
  ["409 attempt_not_ready", problem(409, "attempt_not_ready"), "retry"],
  ["409 frame_conflict", problem(409, "frame_conflict"), "refused"],
  ["413 from a proxy", page(413), "refused"],
  ["415", problem(415, "unsupported_image_type"), "refused"],
  ["422", problem(422, "corrupt_image"), "refused"],
  ["429", problem(429, "too_many_requests"), "wait"],
  ["500", problem(500, "internal_error"), "retry"],
  ["502 from a proxy", page(502), "retry"],
  ["503", problem(503, "service_unavailable"), "wait"],
  ["507", problem(507, "storage_full"), "retry"],
];
for (const [said, response, kind] of answers) {
  it(`${said} means: ${kind}`, async () => assert.equal((await readAnswer(response)).kind, kind));
}

/** @type {[string, Record<string, string>, number][]} */
const waits = [
  ["seconds", { "Retry-After": "17" }, 17],
  ["a date, by the server's own clock", { "Retry-After": "Mon, 02 Nov 2026 09:01:30 GMT", Date: "Mon, 02 Nov 2026 09:00:00 GMT" }, 90],
  ["nothing", {}, 5],
  ["nonsense", { "Retry-After": "soon" }, 5],
];
for (const [said, headers, seconds] of waits) {
  it(`Retry-After with ${said} is a wait of ${seconds} s`, async () => {
    const outcome = await readAnswer(problem(503, "service_unavailable", headers));
    assert.equal(outcome.kind === "wait" && outcome.seconds, seconds);
  });
}
