/** Milliseconds between two pictures of one attempt. */
export const EVERY = 10_000;

/** The same while something is wrong there. */
export const EVERY_WITH_INCIDENT = 4000;

/** Pictures loaded at once: browsers open six connections, and others need some. */
const AT_ONCE = 3;

/** Milliseconds between two entries in the audit record, when attempts come one by one. */
const LOOK_PAUSE = 10_000;

/** @typedef {{id: string, version: number|null, hasIncident: boolean}} Wanted a tile in view, and when its newest frame came */
/** @typedef {{version: number|null, at: number}} Loaded */

/**
 * The attempts whose picture is due, those that waited longest first.
 * @param {Wanted[]} inView @param {Map<string, Loaded>} loaded @param {number} now milliseconds
 */
export function due(inView, loaded, now) {
  return inView
    .filter(({ id, version, hasIncident }) => {
      const last = loaded.get(id);
      if (!last) return version !== null;
      return version !== last.version && now - last.at >= (hasIncident ? EVERY_WITH_INCIDENT : EVERY);
    })
    .sort((one, other) => (loaded.get(one.id)?.at ?? 0) - (loaded.get(other.id)?.at ?? 0));
}

/** Loads the newest pictures of the tiles in view, once it is on record who is watched. */
export class WallPictures {
  #begin;
  #fetch;
  #show;
  /** @type {Map<string, {look: string, until: number}>} by attempt */
  #looks = new Map();
  /** @type {Map<string, Loaded>} */
  #loaded = new Map();
  /** @type {Set<string>} */
  #loading = new Set();
  #lookedAt = -Infinity;
  #isLooking = false;

  /** @param {{begin: (ids: string[]) => Promise<{id: string, attempt_ids: string[], expires_at: string}>, fetch: (look: string, attempt: string) => Promise<Blob|null>, show: (attempt: string, picture: Blob|null) => void}} parts */
  constructor({ begin, fetch, show }) {
    this.#begin = begin;
    this.#fetch = fetch;
    this.#show = show;
  }

  /** Loads what is due. @param {Wanted[]} inView @param {string[]} onWall everybody shown, who go on record together @param {number} now milliseconds */
  async update(inView, onWall, now) {
    /** @param {string} id */
    const isCovered = (id) => (this.#looks.get(id)?.until ?? 0) > now;
    if (inView.some(({ id, version }) => version !== null && !isCovered(id))) this.#look(onWall.filter((id) => !isCovered(id)), now);
    const next = due(inView, this.#loaded, now).filter(({ id }) => isCovered(id) && !this.#loading.has(id));
    const free = Math.max(0, AT_ONCE - this.#loading.size);
    const startedAt = Date.now();
    await Promise.all(
      Array.from({ length: free }, async () => {
        for (let one = next.shift(); one; one = next.shift()) await this.#load(one, now + Date.now() - startedAt);
      }),
    );
  }

  /** @param {string[]} ids @param {number} now */
  async #look(ids, now) {
    if (this.#isLooking || now - this.#lookedAt < LOOK_PAUSE || !ids.length) return;
    this.#isLooking = true;
    this.#lookedAt = now;
    try {
      const look = await this.#begin(ids.slice(0, 1000));
      // By this computer's clock: an hour, less what the answer took.
      for (const id of look.attempt_ids) this.#looks.set(id, { look: look.id, until: now + LASTS });
    } catch {
      // The next round asks again; tiles say everything but the picture.
    } finally {
      this.#isLooking = false;
    }
  }

  /** @param {Wanted} wanted @param {number} now */
  async #load({ id, version }, now) {
    this.#loading.add(id);
    try {
      const { look } = /** @type {{look: string}} */ (this.#looks.get(id));
      this.#show(id, await this.#fetch(look, id));
    } catch {
      // With the next frame it is tried again.
    } finally {
      this.#loaded.set(id, { version, at: now });
      this.#loading.delete(id);
    }
  }
}

/** Milliseconds for which one entry holds, a minute less than the server grants. */
const LASTS = 59 * 60_000;
