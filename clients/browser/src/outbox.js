/** @import {Frame, Trouble} from "./types.js" */
/** @import {Vault} from "./vault.js" */
import { packFrame, unpackFrame } from "./frame-bytes.js";

/** Frames kept while the server cannot be reached: 50 minutes at one in 5 s, about 30 MB. */
export const MAX_FRAMES = 600;

/** The frames of one attempt that no server has answered yet. Survives a reload; newest leaves first. */
export class Outbox {
  #vault;
  #attemptId;
  #maxFrames;
  /** @type {(seq: number, trouble: Trouble) => void} */
  onDropped = () => {};

  /** @param {{vault: Promise<Vault>, attemptId: string, maxFrames?: number}} parts */
  constructor({ vault, attemptId, maxFrames = MAX_FRAMES }) {
    this.#vault = vault;
    this.#attemptId = attemptId;
    this.#maxFrames = maxFrames;
  }

  /** A number no frame of this attempt ever had in this browser. @param {number} atLeast the server's next_seq */
  async nextSeq(atLeast) {
    const { store } = await this.#vault;
    return store.nextNumber(`seq ${this.#attemptId}`, atLeast);
  }

  /** Whether numbers were given in an earlier visit, so that capture can go on before the server is heard. */
  async hasNumbers() {
    const { store } = await this.#vault;
    return (await store.get("numbers", `seq ${this.#attemptId}`)) !== undefined;
  }

  /** What the server last said about pace and ticket. @returns {Promise<{ticket?: string|null, interval_seconds?: number}>} */
  async pace() {
    const { store } = await this.#vault;
    return (await store.get("numbers", `pace ${this.#attemptId}`)) ?? {};
  }

  /** @param {{ticket?: string|null, interval_seconds?: number}} next */
  async keepPace(next) {
    const { store } = await this.#vault;
    await store.put("numbers", `pace ${this.#attemptId}`, { ...(await this.pace()), ...next });
  }

  /** Keeps the frame; what has to leave for it is dropped oldest first, and said. @param {Frame} frame */
  async push(frame) {
    const { store, seal } = await this.#vault;
    const sealed = await seal.close(packFrame(frame), this.#owner(frame.seq));
    const row = { ...sealed, capturedAt: frame.capturedAt };
    const waiting = await this.seqs();
    while (waiting.length >= this.#maxFrames) await this.#dropOldest(waiting);
    for (;;) {
      try {
        return await store.put("frames", [this.#attemptId, frame.seq], row);
      } catch (error) {
        if (!isDiskFull(error) || waiting.length === 0) {
          this.onDropped(frame.seq, { code: "not_kept", message: "The frame could not be kept on this disk." });
          throw error;
        }
        await this.#dropOldest(waiting);
      }
    }
  }

  /** @returns {Promise<Frame|null>} the newest frame waiting */
  async newest() {
    const { store, seal } = await this.#vault;
    for (;;) {
      const seq = (await this.seqs()).at(-1);
      if (seq === undefined) return null;
      const row = await store.get("frames", [this.#attemptId, seq]);
      if (!row) continue;
      try {
        return unpackFrame(await seal.open(row, this.#owner(seq)));
      } catch {
        await this.drop(seq, { code: "unreadable", message: "The stored frame could not be opened again." });
      }
    }
  }

  /** @param {number} seq */
  async remove(seq) {
    const { store } = await this.#vault;
    await store.remove("frames", [this.#attemptId, seq]);
  }

  /** Gives the frame up, and says so: on the server its number stays a gap. @param {number} seq @param {Trouble} trouble */
  async drop(seq, trouble) {
    await this.remove(seq);
    this.onDropped(seq, trouble);
  }

  /** @param {Trouble} trouble */
  async dropAll(trouble) {
    for (const seq of await this.seqs()) await this.drop(seq, trouble);
  }

  /** @returns {Promise<number[]>} numbers of the frames waiting, ascending */
  async seqs() {
    const { store } = await this.#vault;
    const keys = await store.keys("frames");
    return keys.filter((key) => key[0] === this.#attemptId).map((key) => Number(key[1]));
  }

  /** @param {number[]} waiting */
  async #dropOldest(waiting) {
    const seq = /** @type {number} */ (waiting.shift());
    await this.drop(seq, { code: "outbox_full", message: "Too many frames were waiting; the oldest one was given up." });
  }

  /** @param {number} seq */
  #owner(seq) {
    return `${this.#attemptId}/${seq}`;
  }
}

/** @param {unknown} error */
function isDiskFull(error) {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}
