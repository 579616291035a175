/** @import {MonitorParts} from "./types.js" */

/**
 * Reports what the student does with the page, as far as a browser tells: tab, focus, fullscreen, clipboard, network,
 * and whether the desktop goes on over a second screen.
 * @param {MonitorParts["page"]} page
 * @param {(kind: string, reason: string) => void} report
 * @returns {() => void} stops reporting
 */
export function watchPage({ document, window, isHidden, isFullscreen, screen }, report) {
  const leave = new AbortController();
  const { signal } = leave;
  document.addEventListener("visibilitychange", () => report("tab", isHidden() ? "tab_switch" : "tab_return"), { signal });
  document.addEventListener(
    "fullscreenchange",
    () => report("fullscreen", isFullscreen() ? "fullscreen_enter" : "fullscreen_exit"),
    { signal },
  );
  window.addEventListener("blur", () => report("focus", "window_blur"), { signal });
  window.addEventListener("focus", () => report("focus", "window_focus"), { signal });
  window.addEventListener("online", () => report("network", "online"), { signal });
  window.addEventListener("offline", () => report("network", "offline"), { signal });
  for (const reason of ["copy", "cut", "paste"]) {
    // What was copied is nobody's business; that something was is enough.
    document.addEventListener(reason, () => report("clipboard", reason), { signal });
  }
  const tellScreens = () => report("screen", screen?.isExtended ? "second_screen" : "single_screen");
  screen?.addEventListener("change", tellScreens, { signal });
  // One screen is what everybody has: only the other case is news at the beginning.
  if (screen?.isExtended) tellScreens();
  return () => leave.abort();
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
