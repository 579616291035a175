import { byId, say } from "./elements.js";
import { ask } from "./service.js";

const EVERY_MILLISECONDS = 1000;

const bar = byId("progress", HTMLProgressElement);
const live = byId("live", HTMLElement);

/** Reads how far it got; the finished page is read anew. */
async function follow() {
  try {
    const rescore = await ask("GET", bar.dataset.rescore ?? "");
    if (rescore.finished_at) return location.reload();
    bar.value = rescore.scored_count;
    say(live, `${rescore.scored_count} of ${rescore.frame_count}`);
  } catch {
    say(live, "Not live: the server cannot be reached. Trying again.");
  }
  setTimeout(follow, EVERY_MILLISECONDS);
}

follow();
