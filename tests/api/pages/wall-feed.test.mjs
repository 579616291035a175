import assert from "node:assert/strict";
import test from "node:test";
import { WallFeed } from "../../../api/pages/static/wall-feed.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

class Source {
  isClosed = false;
  /** @type {Map<string, (event: any) => void>} */
  #hear = new Map();
  /** @param {string} cursor */
  constructor(cursor) {
    this.cursor = cursor;
  }
  /** @param {string} name @param {(event: any) => void} hear */
  addEventListener(name, hear) {
    this.#hear.set(name, hear);
  }
  close() {
    this.isClosed = true;
  }
  /** @param {string} name @param {object} [data] */
  send(name, data) {
    this.#hear.get(name)?.({ data: data && JSON.stringify(data) });
  }
}

/** @param {any} context */
async function opened(context) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  context.mock.method(Math, "random", () => 0.5);
  /** @type {Source[]} */
  const sources = [];
  const page = { loads: /** @type {number[]} */ ([]), firsts: /** @type {boolean[]} */ ([]), events: /** @type {any[]} */ ([]), failure: /** @type {any} */ (null) };
  const feed = new WallFeed({
    load: async (points) => {
      page.loads.push(points);
      if (page.failure) throw page.failure;
      return { read_at: iso() };
    },
    open: (cursor) => (sources.push(new Source(cursor)), sources[sources.length - 1]),
    onSnapshot: (_snapshot, isFirst) => page.firsts.push(isFirst),
    onEvent: (kind, data) => page.events.push([kind, data]),
    onStanding: () => {},
  });
  await feed.start();
  const alive = () => sources[sources.length - 1].send("alive", { read_at: iso(), now: iso() });
  const pass = async (/** @type {number} */ milliseconds) => {
    context.mock.timers.tick(milliseconds);
    await settled();
  };
  return { feed, page, sources, alive, pass };
}

function iso() {
  return new Date().toISOString();
}

test("a snapshot comes first, and the stream goes on from where it was read", async (context) => {
  const { feed, page, sources, alive } = await opened(context);
  assert.equal(feed.standing, "connecting");
  assert.equal(sources[0].cursor, "1970-01-01T00:16:40.000Z");
  alive();
  assert.equal(feed.standing, "live");
  sources[0].send("verification", { id: "v1" });
  assert.deepEqual(page.events, [["verification", { id: "v1" }]]);
  assert.deepEqual([page.loads, page.firsts], [[60], [true]]);
});

test("a lost connection is said at once, and made again by itself with a fresh snapshot", async (context) => {
  const { feed, page, sources, alive, pass } = await opened(context);
  alive();
  sources[0].send("error");
  assert.deepEqual([feed.standing, sources[0].isClosed], ["lost", true]);
  page.failure = { status: 0 };
  for (const pause of [500, 1000, 2000, 4000, 5000, 5000]) {
    const before = page.loads.length;
    await pass(pause - 1);
    assert.equal(page.loads.length, before);
    await pass(1);
    assert.equal(page.loads.length, before + 1);
  }
  assert.ok((feed.age() ?? 0) >= 17_500);
  // What is shown is as old as that: nobody in it grows older.
  assert.equal(feed.shownAt(), 1_000_000);
  page.failure = null;
  await pass(5000);
  alive();
  assert.equal(feed.standing, "live");
  assert.equal(feed.shownAt(), Date.now());
  assert.deepEqual([sources.length, page.firsts], [2, [true, false]]);
});

test("a connection that says nothing is given up", async (context) => {
  const { feed, sources, alive, pass } = await opened(context);
  alive();
  await pass(12_000);
  assert.equal(sources[0].isClosed, false);
  await pass(1000);
  assert.equal(sources[0].isClosed, true);
  assert.equal(feed.standing, "lost");
});

test("a stream that lives while the database is away is not live", async (context) => {
  const { feed, sources, alive, pass } = await opened(context);
  alive();
  const readAt = iso();
  for (let second = 0; second < 11; second += 1) {
    await pass(1000);
    sources[0].send("alive", { read_at: readAt, now: iso() });
  }
  assert.equal(feed.standing, "lost");
  assert.equal(sources[0].isClosed, false);
});

test("what the stream lost is read anew, without points in between", async (context) => {
  const { page, sources, alive, pass } = await opened(context);
  alive();
  sources[0].send("lost", { reason: "too_long_ago" });
  await settled();
  assert.deepEqual([page.loads, page.firsts], [[60, 60], [true, false]]);
  for (let second = 0; second < 15; second += 1) {
    await pass(1000);
    alive();
  }
  assert.deepEqual(page.loads, [60, 60, 0]);
});

test("who is signed out is told so, and nothing is tried again", async (context) => {
  const { feed, page, sources, alive, pass } = await opened(context);
  alive();
  sources[0].send("end", { reason: "not_signed_in" });
  assert.deepEqual([feed.standing, sources[0].isClosed], ["signed-out", true]);
  await pass(60_000);
  assert.deepEqual([sources.length, page.loads], [1, [60]]);
});

test("a snapshot that is refused for want of a sign-in ends it as well", async (context) => {
  const { feed, page, sources, pass } = await opened(context);
  sources[0].send("end", { reason: "shutting_down" });
  page.failure = { status: 401 };
  await pass(500);
  assert.equal(feed.standing, "signed-out");
});
