/** @import {Store} from "./types.js" */

/**
 * Seals what waits on a student's disk. The key is kept beside it and cannot be exported: somebody with the disk
 * alone sees no face; a script of this very origin still can use it, and so does this client.
 */
export class Seal {
  #key;

  /** @param {CryptoKey} key */
  constructor(key) {
    this.#key = key;
  }

  /** @param {Store} store @returns {Promise<Seal>} */
  static async open(store) {
    const stored = await store.get("keys", "outbox");
    if (stored) return new Seal(stored);
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return new Seal(await store.putIfAbsent("keys", "outbox", fresh));
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} plain
   * @param {string} owner bound to the sealed bytes; another owner cannot open them
   * @returns {Promise<{iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}>}
   */
  async close(plain, owner) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, sealed: await crypto.subtle.encrypt(parameters(iv, owner), this.#key, plain) };
  }

  /**
   * @param {{iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}} box
   * @param {string} owner
   * @returns {Promise<Uint8Array>} rejects when the bytes, the key or the owner are not the ones they were
   */
  async open({ iv, sealed }, owner) {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(iv, owner), this.#key, sealed));
  }
}

/** @param {Uint8Array<ArrayBuffer>} iv @param {string} owner */
function parameters(iv, owner) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(owner) };
}
