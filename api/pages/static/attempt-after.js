import { diskOf } from "./answer-saver.js";
import { byId, say } from "./elements.js";
import { ngettext } from "./i18n.js";
import { repeat } from "./repeat.js";
import { ask } from "./service.js";

/** Milliseconds between two looks while frames are still being checked. */
const EAGER_MILLISECONDS = 4000;

/** Milliseconds between two looks afterwards: the rest is done by people. */
const CALM_MILLISECONDS = 30_000;

const page = byId("attempt", HTMLElement);
const address = `/api/v1/attempts/${page.dataset.attemptId}`;
let isChecked = false;

/** @param {any} attempt */
function show(attempt) {
  if (attempt.state !== page.dataset.state) return location.reload();
  const received = document.getElementById("frames-received");
  const checked = document.getElementById("frames-checked");
  if (received) say(received, String(attempt.counts.frames));
  isChecked = attempt.counts.verified === attempt.counts.frames;
  if (checked) say(checked, String(attempt.counts.verified));
}

/** Says honestly what this computer kept because it came too late. */
function showUnsent() {
  const drafts = Object.values(diskOf(page.dataset.attemptId ?? "").load());
  if (drafts.length === 0) return;
  byId("unsent", HTMLElement).hidden = false;
  say(byId("unsent-text", HTMLElement), ngettext("%(num)s answer did not reach the server before the end and is not counted.", "%(num)s answers did not reach the server before the end and are not counted.", drafts.length));
  const texts = drafts.map(({ value }) => value.text ?? "").filter((text) => text !== "");
  byId("unsent-list", HTMLElement).replaceChildren(...texts.map(itemOf));
}

/** @param {string} text */
function itemOf(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

showUnsent();
repeat(
  async () => document.hidden || (await ask("GET", address).then(show, () => {})),
  () => (isChecked ? CALM_MILLISECONDS : EAGER_MILLISECONDS),
);
