import { listenForKeys } from "./shortcuts.js";

const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a.queue-link")]);

/** @param {number} step */
function move(step) {
  const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
  links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

listenForKeys({ j: () => move(1), k: () => move(-1) });
