/** @import {Trouble} from "./types.js" */
/** @import {Vault} from "./vault.js" */

/** @typedef {{from_seq: number, to_seq: number, count: number, cause: string}} Range numbers that will never come */

/**
 * What this browser itself gave up, kept until it can be told: the server sees the gap, this says where it comes from.
 * Neighbours with one cause are one range, so that an hour of a full outbox is one event.
 */
export class GivenUp {
  #vault;
  #name;
  /** @type {Promise<unknown>} one change after the other */
  #last = Promise.resolve();

  /** @param {{vault: Promise<Vault>, attemptId: string}} parts */
  constructor({ vault, attemptId }) {
    this.#vault = vault;
    this.#name = `given up ${attemptId}`;
  }

  /** @param {number} seq @param {Trouble} trouble */
  note(seq, { code }) {
    return this.#inTurn(async (ranges) => {
      const range = ranges.find(({ cause, from_seq, to_seq }) => cause === code && seq >= from_seq - 1 && seq <= to_seq + 1);
      if (range) widen(range, seq);
      else ranges.push({ from_seq: seq, to_seq: seq, count: 1, cause: code });
      await this.#keep(ranges);
    });
  }

  /** Hands over every range and forgets it; one that could not be handed over stays. @param {(range: Range) => Promise<unknown>} tell */
  tell(tell) {
    return this.#inTurn(async (ranges) => {
      while (ranges.length > 0) {
        await tell(ranges[0]);
        ranges.shift();
        await this.#keep(ranges);
      }
    });
  }

  /** @param {(ranges: Range[]) => Promise<void>} change */
  #inTurn(change) {
    const turn = this.#last.then(async () => {
      const { store } = await this.#vault;
      await change((await store.get("numbers", this.#name)) ?? []);
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** @param {Range[]} ranges */
  async #keep(ranges) {
    const { store } = await this.#vault;
    await (ranges.length > 0 ? store.put("numbers", this.#name, ranges) : store.remove("numbers", this.#name));
  }
}

/** @param {Range} range @param {number} seq inside it or beside it */
function widen(range, seq) {
  range.from_seq = Math.min(range.from_seq, seq);
  range.to_seq = Math.max(range.to_seq, seq);
  range.count = range.to_seq - range.from_seq + 1;
}
