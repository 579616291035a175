/**
 * Makes the keyed children of `shown` equal to those of `fresh`. What has not changed stays the very same element:
 * a picture is not loaded again (each look at a face is recorded), an open detail stays open, the keyboard keeps its place.
 * @param {Element} shown @param {Element} fresh both have children with `data-key` only
 */
export function renew(shown, fresh) {
  const wanted = new Set([...fresh.children].map((child) => child.getAttribute("data-key")));
  // First: a card that has to be moved past one that is gone loses the keyboard.
  for (const child of [...shown.children]) if (!wanted.has(child.getAttribute("data-key"))) child.remove();
  const known = new Map([...shown.children].map((child) => [child.getAttribute("data-key"), child]));
  /** @type {Element|null} */
  let place = shown.firstElementChild;
  for (const next of [...fresh.children]) {
    const key = next.getAttribute("data-key");
    const current = known.get(key);
    known.delete(key);
    const isInPlace = current !== undefined && current === place;
    const kept = current ? renewed(current, next) : document.adoptNode(next);
    if (isInPlace) place = kept.nextElementSibling;
    else shown.insertBefore(kept, place);
  }
}

/** @param {Element} current @param {Element} next @returns {Element} the one that stays, in its old place */
function renewed(current, next) {
  if (next.hasAttribute("data-keyed")) {
    renew(current, next);
    return current;
  }
  keepOpen(current, next);
  if (current.isEqualNode(next) || current.contains(document.activeElement)) return current;
  document.adoptNode(next);
  keepPictures(current, next);
  current.replaceWith(next);
  return next;
}

/** @param {Element} current @param {Element} next */
function keepOpen(current, next) {
  const details = [...current.querySelectorAll("details")];
  next.querySelectorAll("details").forEach((detail, index) => (detail.open = details[index]?.open ?? false));
}

/** @param {Element} current @param {Element} next */
function keepPictures(current, next) {
  for (const picture of next.querySelectorAll("img")) {
    const loaded = [...current.querySelectorAll("img")].find((image) => image.src === picture.src);
    if (!loaded) continue;
    for (const { name, value } of picture.attributes) loaded.setAttribute(name, value);
    picture.replaceWith(loaded);
  }
}
