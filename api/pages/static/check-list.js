import { byId, part, say } from "./elements.js";
import { _ } from "./i18n.js";

/** @typedef {import("./check-words.js").Finding} Finding */

/** The list of checks before an exam; each one says how it went and, if it did not, what to do. */
export class CheckList {
  /** @param {string} name @param {Finding} finding */
  set(name, { state, text }) {
    const item = document.querySelector(`.check[data-check="${name}"]`);
    if (!(item instanceof HTMLElement)) return;
    item.dataset.state = state;
    say(part(item, "state"), STATE_WORDS[state]());
    say(part(item, "text"), text);
  }
}

/** Where the chosen camera is kept, so that every page of this exam uses it. */
export const CAMERA_KEY = "face-monitor camera";

/** Said to those who do not see the mark. */
const STATE_WORDS = {
  waiting: () => _("still open"),
  ok: () => _("fine"),
  trouble: () => _("needs your attention"),
};

/**
 * Offers the cameras when there are several.
 * @param {{deviceId: string, label: string}[]} cameras @param {string} current @param {string} unnamed @param {(deviceId: string) => void} onChoice
 */
export function offerCameras(cameras, current, unnamed, onChoice) {
  const select = byId("camera", HTMLSelectElement);
  byId("camera-choice", HTMLElement).hidden = cameras.length < 2;
  select.replaceChildren(
    ...cameras.map(({ deviceId, label }, index) => {
      const option = document.createElement("option");
      Object.assign(option, { value: deviceId, textContent: label || `${unnamed} ${index + 1}`, selected: deviceId === current });
      return option;
    }),
  );
  select.onchange = () => onChoice(select.value);
}
