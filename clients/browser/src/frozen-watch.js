/** Looks in a row that find no new picture before a camera counts as frozen: ten seconds at one look a second. */
const PATIENCE_LOOKS = 10;

/** Notices a camera that says it is live and delivers no pictures: the last one would be sent for ever. */
export class FrozenWatch {
  /** @type {number|undefined} */
  #last;
  #looks = 0;

  /** @param {number|undefined} deliveredFrames counted by the browser; undefined where it does not count */
  isFrozen(deliveredFrames) {
    this.#looks = deliveredFrames !== undefined && deliveredFrames === this.#last ? this.#looks + 1 : 0;
    this.#last = deliveredFrames;
    return this.#looks >= PATIENCE_LOOKS;
  }
}
