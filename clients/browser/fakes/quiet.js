/** Work under way in parts that run for real (IndexedDB, WebCrypto); a fake clock must not run ahead of it. */
let underWay = 0;

/**
 * The same object; every promise its methods give is counted until it is settled.
 * @template {object} T
 * @param {T} real
 * @returns {T}
 */
export function counted(real) {
  return new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (/** @type {unknown[]} */ ...given) => count(value.apply(target, given));
    },
  });
}

/** Resolves when nothing is under way but what waits for the clock or for the other side. */
export async function quiet() {
  for (let turns = 0; turns < 3; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (underWay > 0) turns = -1;
  }
}

/** @param {unknown} result */
function count(result) {
  if (!(result instanceof Promise)) return result;
  underWay += 1;
  const done = () => void (underWay -= 1);
  result.then(done, done);
  return result;
}

Object.defineProperty(globalThis.crypto, "subtle", { value: counted(globalThis.crypto.subtle) });
