/** Milliseconds; an answer that took longer says little about the moment in between. */
const QUICK = 2000;

/** HTTP's `Date` has whole seconds: on average it is half a second old. */
const HALF_OF_RESOLUTION = 500;

/** Seconds by which what is known must be wrong before it is replaced: jitter of the network is no news. */
const NEWS_SECONDS = 2;

/**
 * How far the server's clock is ahead of this one, from one answer.
 * @param {string|null} date the header of that name
 * @param {number} asked milliseconds, this browser's clock
 * @param {number} answered milliseconds, this browser's clock
 * @returns {number|null} whole seconds, right to about one; null when the answer does not tell
 */
export function clockOffset(date, asked, answered) {
  const said = Date.parse(date ?? "");
  if (Number.isNaN(said) || answered - asked > QUICK || answered < asked) return null;
  return Math.round((said + HALF_OF_RESOLUTION - (asked + answered) / 2) / 1000);
}

/** @param {number|null} known @param {number} measured @returns {number} what to believe from now on */
export function steadyOffset(known, measured) {
  return known === null || Math.abs(measured - known) >= NEWS_SECONDS ? measured : known;
}
