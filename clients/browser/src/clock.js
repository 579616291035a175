/** @import {Clock} from "./types.js" */

/**
 * The page's clock, ticking in a worker: browsers slow the timers of a hidden page down to one a minute,
 * and frames have to go on when a student looks at another tab. Without workers it ticks in the page.
 * @returns {Clock}
 */
export function createPageClock() {
  const worker = startWorker();
  if (!worker) return plainClock;
  /** @type {Map<number, () => void>} */
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data }) => ring(waiting, data);
  worker.onerror = () => {
    // The file could not be loaded: whoever waits is woken early rather than never.
    for (const handle of [...waiting.keys()]) ring(waiting, handle);
    clock.setTimeout = plainClock.setTimeout;
    clock.clearTimeout = plainClock.clearTimeout;
  };
  /** @type {Clock} */
  const clock = {
    now: () => Date.now(),
    setTimeout(run, delayMilliseconds) {
      last += 1;
      waiting.set(last, run);
      worker.postMessage({ handle: last, delayMilliseconds });
      return last;
    },
    clearTimeout: (handle) => void waiting.delete(handle),
    close: () => worker.terminate(),
  };
  return clock;
}

/** @type {Clock} the page's own timers */
export const plainClock = {
  now: () => Date.now(),
  setTimeout: (run, delayMilliseconds) => setTimeout(run, delayMilliseconds),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** @param {Map<number, () => void>} waiting @param {number} handle */
function ring(waiting, handle) {
  const run = waiting.get(handle);
  waiting.delete(handle);
  run?.();
}

function startWorker() {
  try {
    return new Worker(new URL("./clock-worker.js", import.meta.url), { type: "module" });
  } catch {
    return null;
  }
}
