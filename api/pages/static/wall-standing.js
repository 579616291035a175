import { byId, part, say } from "./elements.js";
import { ageWords } from "./wall-order.js";
import { timeWords } from "./wall-words.js";

const WHY = {
  connecting: "",
  live: "",
  lost: "The server cannot be reached, or cannot read its database. Trying again by itself.",
  "signed-out": "You are no longer signed in.",
};

const LIVE = { connecting: "Connecting", live: "Live", lost: "Not live", "signed-out": "Not live" };

const page = byId("wall", HTMLElement);
const banner = byId("wall-banner", HTMLElement);

/** Says whether the page is live, and if not, why and how old what it shows is. @param {import("./wall-feed.js").WallFeed} feed */
export function showStanding(feed) {
  const { standing } = feed;
  const age = feed.age();
  page.dataset.standing = standing;
  say(byId("wall-live", HTMLElement), LIVE[standing]);
  banner.hidden = WHY[standing] === "";
  say(part(banner, "why"), WHY[standing]);
  part(banner, "sign-in").hidden = standing !== "signed-out";
  const from = age === null ? "" : timeWords(new Date(feed.serverNow() - age).toISOString());
  say(part(banner, "old"), age === null ? "Nothing was loaded yet." : `What you see is ${ageWords(age)} old, from ${from}.`);
}
