/** @import {Store} from "./types.js" */

/** Milliseconds that what another attempt left unsent stays on this disk: one day. */
const KEPT = 24 * 3600 * 1000;

/**
 * Faces do not stay on a shared computer for ever: what other attempts left unsent goes after a day.
 * @param {Store} store
 * @param {string} attemptId whose frames and events stay, however old
 * @param {number} now milliseconds
 */
export async function forgetOtherAttempts(store, attemptId, now) {
  for (const table of /** @type {const} */ (["frames", "events"])) {
    for (const key of await store.keys(table)) {
      if (key[0] === attemptId) continue;
      const row = await store.get(table, key);
      if (row && now - Date.parse(row.capturedAt ?? row.client_at) > KEPT) await store.remove(table, key);
    }
  }
}
