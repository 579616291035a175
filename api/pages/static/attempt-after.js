import { byId, say } from "./elements.js";
import { ask } from "./service.js";

const POLL_MILLISECONDS = 4000;

const page = byId("attempt", HTMLElement);
const address = `/api/v1/attempts/${page.dataset.attemptId}`;

/** @param {any} attempt */
function show(attempt) {
  if (attempt.state !== page.dataset.state) return location.reload();
  const received = document.getElementById("frames-received");
  const checked = document.getElementById("frames-checked");
  if (received) say(received, String(attempt.counts.frames));
  if (checked) say(checked, String(attempt.counts.verified));
}

setInterval(() => document.hidden || ask("GET", address).then(show, () => {}), POLL_MILLISECONDS);
