/**
 * The element with this id; the page and its script belong together, so that a missing one is a mistake.
 * @template {Element} T
 * @param {string} id
 * @param {{new (): T}} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`The page has no ${type.name} #${id}.`);
  return found;
}

/**
 * The part of `whole` that is marked with this name.
 * @param {ParentNode} whole @param {string} name
 * @returns {HTMLElement}
 */
export function part(whole, name) {
  const found = whole.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new TypeError(`There is no part "${name}".`);
  return found;
}

/** @param {HTMLElement} element @param {string} text written only when it differs, so that it is not read out again */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
