import { CourseChart } from "./course-chart.js";
import { byId, say } from "./elements.js";
import { readingOf } from "./frame-player.js";
import { ask, wordsOf } from "./service.js";

const box = byId("course", HTMLElement);
const line = byId("course-reading", HTMLElement);
const hint = line.textContent ?? "";

/** Where the list of the page shows a frame: its part ends just after the frame came. @param {import("./course-chart.js").Course} course @param {number} at */
function addressOf({ frames }, at) {
  const justAfter = new Date(frames.received_ms[at] + 1).toISOString();
  return `${box.dataset.attempt}?before=${encodeURIComponent(justAfter)}#frame-${frames.seq[at]}`;
}

/** @param {import("./course-chart.js").Course} course */
function show(course) {
  const chart = new CourseChart(box, course, "");
  chart.addEventListener("hover", (event) => say(line, readingOf(course, /** @type {CustomEvent} */ (event).detail) || hint));
  chart.addEventListener("pick", (event) => {
    const at = /** @type {CustomEvent} */ (event).detail;
    if (at !== null) location.assign(addressOf(course, at));
  });
}

ask("GET", box.dataset.course ?? "").then(show, (error) => say(box, wordsOf(error)));
