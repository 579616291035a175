/** @import {Key, Store, Table} from "./types.js" */

const TABLES = /** @type {const} */ (["frames", "events", "numbers", "keys"]);

/**
 * Opens the IndexedDB store; rejects where the browser refuses one.
 * @param {string} [name]
 * @returns {Promise<Store>}
 */
export async function openStore(name = "face-monitor") {
  const store = new DiskStore(name);
  await store.keys("numbers");
  return store;
}

/** @implements {Store} */
class DiskStore {
  kind = /** @type {const} */ ("disk");
  #name;
  /** @type {Promise<IDBDatabase>|null} */
  #opening = null;

  /** @param {string} name */
  constructor(name) {
    this.#name = name;
  }

  /** @param {Table} table @param {Key} key */
  get(table, key) {
    return this.#within(table, "readonly", (rows) => rows.get(key));
  }

  /** @param {Table} table @param {Key} key @param {unknown} value */
  async put(table, key, value) {
    await this.#within(table, "readwrite", (rows) => rows.put(value, key));
  }

  /** @param {Table} table @param {Key} key @param {unknown} value */
  async putIfAbsent(table, key, value) {
    return this.#replace(table, key, (stored) => stored ?? value);
  }

  /** @param {Table} table @param {Key} key */
  async remove(table, key) {
    await this.#within(table, "readwrite", (rows) => rows.delete(key));
  }

  /** @param {Table} table @returns {Promise<Key[]>} */
  keys(table) {
    return this.#within(table, "readonly", (rows) => rows.getAllKeys());
  }

  /** @param {string} name @param {number} atLeast @returns {Promise<number>} */
  nextNumber(name, atLeast) {
    return this.#replace("numbers", name, (stored) => Math.max(Number(stored ?? 0) + 1, atLeast));
  }

  close() {
    this.#opening?.then((database) => database.close(), () => {});
    this.#opening = null;
  }

  /**
   * Reads and writes in one transaction, so that two tabs never get the same number.
   * @param {Table} table @param {Key} key @param {(stored: any) => any} change
   */
  async #replace(table, key, change) {
    /** @type {any} */
    let value;
    await this.#within(table, "readwrite", (rows) => {
      const reading = rows.get(key);
      reading.onsuccess = () => {
        value = change(reading.result);
        rows.put(value, key);
      };
      return reading;
    });
    return value;
  }

  /**
   * Resolves with the request's result once the transaction is committed, not before.
   * @param {Table} table @param {IDBTransactionMode} mode @param {(rows: IDBObjectStore) => IDBRequest} ask
   * @returns {Promise<any>}
   */
  async #within(table, mode, ask) {
    const database = await this.#database();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(table, mode, { durability: "strict" });
      const request = ask(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  }

  /** Opened on first use, and again when the browser has closed it behind our back. */
  #database() {
    this.#opening ??= openDatabase(this.#name, () => (this.#opening = null)).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }
}

/** @param {string} name @param {() => void} onClosed @returns {Promise<IDBDatabase>} */
function openDatabase(name, onClosed) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => TABLES.forEach((table) => request.result.createObjectStore(table));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onclose = onClosed;
      request.result.onversionchange = () => {
        request.result.close();
        onClosed();
      };
      resolve(request.result);
    };
  });
}
