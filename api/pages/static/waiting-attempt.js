import { byId } from "./elements.js";
import { ask, pause } from "./service.js";

const page = byId("attempt", HTMLElement);

// The attempt becomes ready as soon as consent and an accepted enrolment are there.
for (;;) {
  await pause(3000);
  const attempt = await ask("GET", `/api/v1/attempts/${page.dataset.attemptId}`).catch(() => null);
  if (attempt && attempt.state !== page.dataset.state) location.reload();
}
