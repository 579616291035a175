import { say, byId } from "./elements.js";
import { showLocalTimes } from "./local-times.js";
import { renew } from "./renewal.js";

const live = byId("live", HTMLElement);
const content = byId("live-content", HTMLElement);
const everyMilliseconds = Number(content.dataset.everySeconds) * 1000;

/** Reads this page again and shows what has changed. */
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (response.redirected) return location.reload();
  if (!response.ok) throw new Error(`The page answered ${response.status}.`);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  showLocalTimes(fresh);
  const freshContent = fresh.getElementById("live-content");
  if (freshContent) renew(content, freshContent);
}

async function keepLive() {
  try {
    if (!document.hidden) await refresh();
    say(live, "Live");
  } catch {
    say(live, "Not live: the server cannot be reached. Trying again.");
  }
  setTimeout(keepLive, everyMilliseconds);
}

say(live, "Live");
setTimeout(keepLive, everyMilliseconds);
