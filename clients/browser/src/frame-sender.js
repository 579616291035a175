/** @import {Frame, Outcome, Trouble} from "./types.js" */
/** @import {AttemptApi} from "./attempt-api.js" */
/** @import {Outbox} from "./outbox.js" */

/**
 * Sends the newest frame waiting, and takes it out of the outbox once it is settled either way.
 * @param {object} parts
 * @param {Outbox} parts.outbox
 * @param {AttemptApi} parts.api
 * @param {(frame: Frame, receipt: any) => void} parts.onAnswered
 * @param {(trouble: Trouble) => void} parts.onRefused
 * @returns {() => Promise<Outcome>}
 */
export function createFrameSender({ outbox, api, onAnswered, onRefused }) {
  return async () => {
    const frame = await outbox.newest();
    if (!frame) return { kind: "nothing" };
    const outcome = await api.putFrame(frame);
    if (outcome.kind === "accepted") {
      await outbox.remove(frame.seq);
      onAnswered(frame, outcome.body);
    } else if (outcome.kind === "refused") {
      await outbox.drop(frame.seq, outcome.trouble);
      onRefused(outcome.trouble);
    }
    return outcome;
  };
}
