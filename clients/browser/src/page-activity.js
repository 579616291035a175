/** @import {MonitorParts} from "./types.js" */

/**
 * Reports what the student does with the page, as far as a browser tells: that it is open, tab, focus, fullscreen,
 * clipboard, network, that it closes, and whether the desktop goes on over a second screen.
 * @param {MonitorParts["page"]} page
 * @param {(kind: string, reason: string) => void} report
 * @returns {() => void} stops reporting
 */
export function watchPage({ document, window, isHidden, isFullscreen, screen }, report) {
  const tellScreens = () => report("screen", screen?.isExtended ? "second_screen" : "single_screen");
  /** @type {[EventTarget|null|undefined, string, () => void][]} */
  const listeners = [
    [document, "visibilitychange", () => report("tab", isHidden() ? "tab_switch" : "tab_return")],
    [document, "fullscreenchange", () => report("fullscreen", isFullscreen() ? "fullscreen_enter" : "fullscreen_exit")],
    [window, "pagehide", () => report("tab", "page_left")],
    [window, "blur", () => report("focus", "window_blur")],
    [window, "focus", () => report("focus", "window_focus")],
    [window, "online", () => report("network", "online")],
    [window, "offline", () => report("network", "offline")],
    // What was copied is nobody's business; that something was is enough.
    [document, "copy", () => report("clipboard", "copy")],
    [document, "cut", () => report("clipboard", "cut")],
    [document, "paste", () => report("clipboard", "paste")],
    [screen, "change", tellScreens],
  ];
  for (const [target, name, listener] of listeners) target?.addEventListener(name, listener);
  // A page that vanished, as in a crash, could not tell that it was back in front: the next visit does.
  if (!isHidden()) report("tab", "page_opened");
  // One screen is what everybody has: only the other case is news at the beginning.
  if (screen?.isExtended) tellScreens();
  return () => listeners.forEach(([target, name, listener]) => target?.removeEventListener(name, listener));
}

/** @returns {MonitorParts["page"]} */
export function thisPage() {
  return {
    document,
    window,
    isHidden: () => document.visibilityState === "hidden",
    isFullscreen: () => document.fullscreenElement !== null,
    screen: /** @type {EventTarget & {isExtended?: boolean}} */ (/** @type {unknown} */ (window.screen)),
  };
}
