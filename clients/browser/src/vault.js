/** @import {Store} from "./types.js" */
import { createMemoryStore } from "./memory-store.js";
import { Seal } from "./seal.js";

/**
 * A store and the seal for what lies in it.
 * @typedef {{store: Store, seal: Seal}} Vault
 */

/**
 * Falls back to memory when there is no store, or one that takes no key, as in some private windows.
 * @param {() => Promise<Store>} openStore
 * @returns {Promise<Vault>}
 */
export async function openVault(openStore) {
  try {
    const store = await openStore();
    return { store, seal: await Seal.open(store) };
  } catch {
    const store = createMemoryStore();
    return { store, seal: await Seal.open(store) };
  }
}
