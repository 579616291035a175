import assert from "node:assert/strict";
import { it } from "node:test";
import { jpegOf } from "../fakes/camera.js";
import { FakeClock } from "../fakes/clock.js";
import { FakeServer } from "../fakes/server.js";
import { AttemptApi } from "../src/attempt-api.js";
import { claimOf } from "../src/claim.js";
import { sha256Hex } from "../src/digest.js";

async function frameOf(claim = claimOf([], "fake")) {
  const jpeg = jpegOf(7);
  return { seq: 7, capturedAt: "2026-11-02T09:00:00.000Z", ticket: null, sha256: await sha256Hex(jpeg), claim, jpeg };
}

/** @param {typeof globalThis.fetch} fetch */
function apiOf(fetch) {
  const clock = new FakeClock();
  return { clock, api: new AttemptApi({ apiUrl: "/api/v1", attemptId: "att_1", csrfToken: "token", fetch, clock }) };
}

it("a frame goes to its address with the headers of the contract, and with the student's cookie", async () => {
  const server = new FakeServer();
  /** @type {RequestInit|undefined} */
  let request;
  const { api } = apiOf((url, init) => server.fetch(url, (request = init)));
  assert.equal((await api.putFrame(await frameOf())).kind, "accepted");
  const [sent] = server.requests;
  assert.equal(`${sent.method} ${sent.path}`, "PUT /api/v1/attempts/att_1/frames/7");
  assert.equal(sent.headers["Content-Type"], "image/jpeg");
  assert.match(sent.headers["Content-Digest"], /^sha-256=:[A-Za-z0-9+/]{43}=:$/);
  assert.equal(Buffer.from(sent.headers["Content-Digest"].slice(9, -1), "base64").toString("hex"), server.frames.get(7)?.sha256);
  assert.equal("X-Capture-Ticket" in sent.headers, false, "no ticket is better than the text 'null'");
  assert.equal(request?.credentials, "same-origin");
});

it("a claim fits its header and is ASCII, however many faces are there and whatever the detector is called", async () => {
  const server = new FakeServer();
  const { api } = apiOf(server.fetch);
  const crowd = Array.from({ length: 500 }, () => ({ score: 0.123456789, box: { x: 639.123456, y: 479.1, width: 111.1, height: 122.2 } }));
  await api.putFrame(await frameOf(claimOf(crowd, "détecteur\u2028")));
  const header = server.requests[0].headers["X-Client-Claim"];
  assert.ok(header.length <= 2000, `${header.length} bytes`);
  assert.match(header, /^[\x20-\x7e]+$/);
  assert.deepEqual([JSON.parse(header).face_count, JSON.parse(header).detector], [500, "détecteur\u2028"]);
});

it("an answer of 202 about other bytes is no receipt: the frame is kept", async () => {
  const { api } = apiOf(async () => Response.json({ seq: 7, sha256: "00" }, { status: 202 }));
  const outcome = await api.putFrame(await frameOf());
  assert.equal(outcome.kind === "retry" && outcome.trouble.code, "not_a_receipt");
});

it("a request that nobody answers is given up after 30 s and tried again later", async () => {
  const { api, clock } = apiOf((_url, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))));
  const asking = api.readAttempt();
  await clock.advance(29_000);
  assert.deepEqual(clock.pending, [1000]);
  await clock.advance(1000);
  const outcome = await asking;
  assert.equal(outcome.kind === "retry" && outcome.trouble.code, "no_answer");
});

it("a network error is told apart from an answer, and leaves no timer behind", async () => {
  const { api, clock } = apiOf(() => Promise.reject(new TypeError("fetch failed")));
  const outcome = await api.postEvents([]);
  assert.equal(outcome.kind === "retry" && outcome.trouble.code, "network_error");
  assert.deepEqual(clock.pending, []);
});
