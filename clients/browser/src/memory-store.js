/** @import {Key, Store, Table} from "./types.js" */

/**
 * Keeps everything until the page goes: what is left where IndexedDB is refused (private windows, policies).
 * @returns {Store}
 */
export function createMemoryStore() {
  /** @type {Record<Table, Map<string, unknown>>} */
  const tables = { frames: new Map(), events: new Map(), numbers: new Map(), keys: new Map() };
  /** @param {Key} key */
  const spell = (key) => JSON.stringify(key);
  /** @type {Store} */
  const store = {
    kind: "memory",
    get: async (table, key) => tables[table].get(spell(key)),
    put: async (table, key, value) => void tables[table].set(spell(key), value),
    async putIfAbsent(table, key, value) {
      if (!tables[table].has(spell(key))) tables[table].set(spell(key), value);
      return tables[table].get(spell(key));
    },
    remove: async (table, key) => void tables[table].delete(spell(key)),
    keys: async (table) => [...tables[table].keys()].map((key) => JSON.parse(key)).sort(byNumber),
    async nextNumber(name, atLeast) {
      const number = Math.max(Number(tables.numbers.get(name) ?? 0) + 1, atLeast);
      tables.numbers.set(name, number);
      return number;
    },
    close() {},
  };
  return store;
}

/** @param {Key} a @param {Key} b */
function byNumber(a, b) {
  return Number(a[1]) - Number(b[1]);
}
