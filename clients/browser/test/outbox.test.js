import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "node:test";
import { jpegOf } from "../fakes/camera.js";
import { claimOf } from "../src/claim.js";
import { openStore } from "../src/disk-store.js";
import { forgetOtherAttempts } from "../src/forget-other-attempts.js";
import { createMemoryStore } from "../src/memory-store.js";
import { Outbox } from "../src/outbox.js";
import { openVault } from "../src/vault.js";

/** @param {number} seq */
function frameOf(seq) {
  const claim = claimOf([{ score: 0.9, box: { x: 1, y: 2, width: 3, height: 4 } }], "fake");
  return { seq, capturedAt: "2026-11-02T09:00:00.000Z", ticket: "ticket", sha256: "00", claim, jpeg: jpegOf(seq) };
}

/** @param {{disk?: string, attemptId?: string, maxFrames?: number, open?: () => Promise<any>}} [how] */
function outboxOf({ disk = randomUUID(), attemptId = "att_1", maxFrames, open = () => openStore(disk) } = {}) {
  const outbox = new Outbox({ vault: openVault(open), attemptId, maxFrames });
  /** @type {[number, string][]} */
  const dropped = [];
  outbox.onDropped = (seq, { code }) => dropped.push([seq, code]);
  return { outbox, dropped, disk };
}

it("a frame kept in an earlier visit is there after a reload, whole", async () => {
  const { outbox, disk } = outboxOf();
  await outbox.push(frameOf(1));
  await outbox.push(frameOf(2));
  const reloaded = outboxOf({ disk }).outbox;
  assert.deepEqual(await reloaded.seqs(), [1, 2]);
  assert.deepEqual(await reloaded.newest(), frameOf(2));
});

it("neither picture nor claim can be read from the disk, and the key does not leave the browser", async () => {
  const { outbox, disk } = outboxOf();
  await outbox.push(frameOf(1));
  const store = await openStore(disk);
  const row = await store.get("frames", ["att_1", 1]);
  const onDisk = Buffer.concat([Buffer.from(row.iv), Buffer.from(row.sealed), Buffer.from(JSON.stringify(row))]);
  assert.ok(onDisk.length > jpegOf(1).length, "nothing was kept");
  for (const secret of [Buffer.from(jpegOf(1)), "one_face", "ticket"]) assert.equal(onDisk.includes(secret), false);
  const key = await store.get("keys", "outbox");
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

it("a stored frame that was moved to another number or changed is given up visibly, and the next one is sent", async () => {
  const { outbox, dropped, disk } = outboxOf();
  await outbox.push(frameOf(1));
  const store = await openStore(disk);
  await store.put("frames", ["att_1", 2], await store.get("frames", ["att_1", 1]));
  assert.equal((await outbox.newest())?.seq, 1);
  assert.deepEqual(dropped, [[2, "unreadable"]]);
});

it("a full outbox gives up its oldest frames and says which", async () => {
  const { outbox, dropped } = outboxOf({ maxFrames: 3 });
  for (const seq of [1, 2, 3, 4, 5]) await outbox.push(frameOf(seq));
  assert.deepEqual(dropped, [[1, "outbox_full"], [2, "outbox_full"]]);
  assert.deepEqual(await outbox.seqs(), [3, 4, 5]);
});

it("a full disk costs the oldest frame, not the new one", async () => {
  const store = createMemoryStore();
  const { put } = store;
  store.put = async (table, key, value) => {
    if (table === "frames" && (await store.keys("frames")).length >= 2) throw new DOMException("full", "QuotaExceededError");
    return put(table, key, value);
  };
  const { outbox, dropped } = outboxOf({ open: async () => store });
  for (const seq of [1, 2, 3]) await outbox.push(frameOf(seq));
  assert.deepEqual(dropped, [[1, "outbox_full"]]);
  assert.deepEqual(await outbox.seqs(), [2, 3]);
});

it("a number is never given twice: not after a reload, not to two tabs at once, not below the server's", async () => {
  const { outbox, disk } = outboxOf();
  assert.equal(await outbox.nextSeq(1), 1);
  assert.equal(await outbox.nextSeq(1), 2);
  const reloaded = outboxOf({ disk }).outbox;
  assert.equal(await reloaded.nextSeq(1), 3);
  assert.equal(await reloaded.nextSeq(10), 10);
  const tabs = [outboxOf({ disk }).outbox, outboxOf({ disk }).outbox];
  const given = await Promise.all([0, 1, 2, 3, 4, 5].map((turn) => tabs[turn % 2].nextSeq(1)));
  assert.deepEqual(given.sort((a, b) => a - b), [11, 12, 13, 14, 15, 16]);
});

it("numbers and frames of two attempts do not mix", async () => {
  const { outbox, disk } = outboxOf();
  await outbox.push(frameOf(await outbox.nextSeq(1)));
  const other = outboxOf({ disk, attemptId: "att_2" }).outbox;
  assert.equal(await other.hasNumbers(), false);
  assert.equal(await other.newest(), null);
  assert.equal(await other.nextSeq(1), 1);
});

it("frames of other attempts leave the disk after a day, and not earlier", async () => {
  const { outbox, disk } = outboxOf();
  await outbox.push(frameOf(1));
  const store = await openStore(disk);
  const captured = Date.parse("2026-11-02T09:00:00.000Z");
  await forgetOtherAttempts(store, "att_2", captured + 23 * 3600_000);
  await forgetOtherAttempts(store, "att_1", captured + 90 * 3600_000);
  assert.deepEqual(await outbox.seqs(), [1]);
  await forgetOtherAttempts(store, "att_2", captured + 25 * 3600_000);
  assert.deepEqual(await outbox.seqs(), []);
});

it("a browser that refuses IndexedDB gets an outbox in memory", async () => {
  const vault = await openVault(() => Promise.reject(new DOMException("refused", "SecurityError")));
  assert.equal(vault.store.kind, "memory");
  const outbox = new Outbox({ vault: Promise.resolve(vault), attemptId: "att_1" });
  for (const seq of [2, 10, 9]) await outbox.push(frameOf(seq));
  assert.deepEqual(await outbox.newest(), frameOf(10));
  assert.deepEqual(await outbox.seqs(), [2, 9, 10]);
});
