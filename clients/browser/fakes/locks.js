/** One browser's locks, as far as the client asks for them: exclusive, one name after the other. */
export class FakeLocks {
  /** @type {Map<string, (() => void)[]>} who waits, by name; the first one holds it */
  #queues = new Map();

  /** @param {string} name @param {{ifAvailable?: boolean, signal?: AbortSignal}} options @param {(lock: object|null) => unknown} run */
  async request(name, { ifAvailable = false, signal }, run) {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    if (ifAvailable && queue.length > 0) return run(null);
    await new Promise((resolve, reject) => {
      const begin = () => resolve(undefined);
      signal?.addEventListener("abort", () => {
        if (queue[0] === begin) return;
        queue.splice(queue.indexOf(begin), 1);
        reject(signal.reason);
      });
      queue.push(begin);
      if (queue[0] === begin) begin();
    });
    try {
      return await run({ name });
    } finally {
      queue.shift();
      queue[0]?.();
    }
  }
}
