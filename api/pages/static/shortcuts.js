const KEPT = "face-monitor.shortcuts";

/** Where a letter is text, or a key has a meaning of its own. @param {EventTarget|null} target @param {string} key */
function belongsTo(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox"].includes(target.type) || [" ", "ArrowLeft", "ArrowRight"].includes(key);
  return [" ", "Enter"].includes(key) && (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement || target.tagName === "SUMMARY");
}

/**
 * Lets single keys do things; whoever types with speech or by mistake turns them off, and this is kept.
 * @param {Record<string, () => void>} actions by key, letters in lower case
 * @param {HTMLInputElement|null} [toggle]
 */
export function listenForKeys(actions, toggle = null) {
  if (toggle) {
    toggle.checked = localStorage.getItem(KEPT) !== "off";
    toggle.addEventListener("change", () => localStorage.setItem(KEPT, toggle.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (localStorage.getItem(KEPT) === "off" || belongsTo(event.target, event.key)) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
