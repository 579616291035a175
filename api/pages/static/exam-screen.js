import { byId, say } from "./elements.js";
import { _ } from "./i18n.js";

/** The button for the whole screen, where the browser has one, and a word about a second screen. */
export function showScreen() {
  const button = byId("full-screen", HTMLButtonElement);
  button.hidden = !document.fullscreenEnabled;
  const showButton = () => say(button, document.fullscreenElement ? _("Leave full screen") : _("Full screen"));
  button.addEventListener("click", () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    // Refused by the browser or the computer: the exam goes on in the window.
    done.catch(() => {});
  });
  document.addEventListener("fullscreenchange", showButton);
  showButton();

  const screen = /** @type {EventTarget & {isExtended?: boolean}} */ (/** @type {unknown} */ (window.screen));
  const showSecond = () => (byId("second-screen", HTMLElement).hidden = screen.isExtended !== true);
  screen.addEventListener?.("change", showSecond);
  showSecond();
}
