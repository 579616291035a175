/** Part of the pause by which two rounds stray, so that a room full of students does not ask all at once. */
const JITTER = 0.2;

/**
 * Does something now, and again after each pause.
 * @param {() => Promise<unknown>} act
 * @param {() => number} pause milliseconds before the next round, asked after each one
 */
export async function repeat(act, pause) {
  try {
    await act();
  } finally {
    setTimeout(() => repeat(act, pause), pause() * (1 + JITTER * (2 * Math.random() - 1)));
  }
}
