/**
 * Lets one page of this browser monitor an attempt at a time: two would take twice the pictures and fight for numbers.
 * A second page waits, and takes over when the first one is closed. Where the browser has no locks, every page goes on
 * at once; numbers are unique all the same.
 */
export class Turn {
  #locks;
  #name;
  #leave = new AbortController();
  /** @type {() => void} */
  #end = () => {};
  /** @type {() => void} the page has to wait */
  onWaiting = () => {};

  /** @param {{locks: LockManager|null, name: string}} parts */
  constructor({ locks, name }) {
    this.#locks = locks;
    this.#name = name;
  }

  /** @returns {Promise<boolean>} true: it is this page's turn; false: it was released before */
  async take() {
    const locks = this.#locks;
    if (!locks) return !this.#leave.signal.aborted;
    if (await this.#holdIfFree(locks)) return true;
    if (this.#leave.signal.aborted) return false;
    this.onWaiting();
    return new Promise((resolve) => {
      const hold = () => {
        resolve(true);
        return this.#untilReleased();
      };
      locks.request(this.#name, { signal: this.#leave.signal }, hold).catch(() => resolve(false));
    });
  }

  release() {
    this.#leave.abort();
    this.#end();
  }

  /** @param {LockManager} locks @returns {Promise<boolean>} */
  #holdIfFree(locks) {
    return new Promise((resolve) => {
      locks
        .request(this.#name, { ifAvailable: true }, (lock) => {
          if (!lock || this.#leave.signal.aborted) return resolve(false);
          resolve(true);
          return this.#untilReleased();
        })
        // Some browsers refuse locks in private windows.
        .catch(() => resolve(true));
    });
  }

  /** @returns {Promise<void>} */
  #untilReleased() {
    return new Promise((resolve) => (this.#end = resolve));
  }
}
