import assert from "node:assert/strict";
import { it } from "node:test";
import { FrozenWatch } from "../src/frozen-watch.js";

it("a camera without a new picture for ten looks is frozen", () => {
  const watch = new FrozenWatch();
  assert.deepEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 5].map((count) => watch.isFrozen(count)), Array(10).fill(false));
  assert.equal(watch.isFrozen(5), true);
});

it("one picture in between is enough", () => {
  const watch = new FrozenWatch();
  for (let look = 0; look < 100; look += 1) assert.equal(watch.isFrozen(Math.floor(look / 9)), false);
});

it("where the browser does not count, nothing is frozen", () => {
  const watch = new FrozenWatch();
  for (let look = 0; look < 100; look += 1) assert.equal(watch.isFrozen(undefined), false);
});
