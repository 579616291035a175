import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jpegOf } from "../fakes/camera.js";
import { FakeDetector } from "../fakes/detector.js";
import { FakeServer, problem } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

describe("a monitored attempt", () => {
  it("sends a frame at the server's pace, with the claim, time, ticket and digest of that very frame", async () => {
    const { server, clock, monitor } = visit();
    await clock.until(() => server.frames.size === 3);
    const third = server.frames.get(3);
    const claim = JSON.parse(third?.headers["X-Client-Claim"] ?? "");
    assert.equal(claim.status, "one_face");
    assert.deepEqual(third?.body, Buffer.from(jpegOf(claim.boxes[0].x)), "the claim is about another picture");
    assert.equal(third?.headers["X-Capture-Ticket"], "after 2");
    assert.equal(third?.headers["X-CSRF-Token"], "token");
    const times = [2, 3].map((seq) => Date.parse(server.frames.get(seq)?.headers["X-Captured-At"] ?? ""));
    assert.equal(times[1] - times[0], 5000);
    assert.equal(monitor.status.waiting, 0);
    assert.equal(monitor.status.lastError, null);
  });

  it("follows a pace that the server changes while it runs", async () => {
    const { server, clock } = visit();
    await clock.until(() => server.frames.size === 1);
    server.intervalSeconds = 2;
    await clock.until(() => server.frames.size === 4);
    const times = [3, 4].map((seq) => Date.parse(server.frames.get(seq)?.headers["X-Captured-At"] ?? ""));
    assert.equal(times[1] - times[0], 2000);
  });

  it("hands on the newest verdict that comes with a receipt", async () => {
    const { server, clock, heardOf } = visit();
    await clock.until(() => server.frames.size === 1);
    server.lastVerification = { seq: 1, verdict: "no_face" };
    await clock.until(() => heardOf("frame-answered").length === 2);
    assert.deepEqual(heardOf("frame-answered").map(({ lastVerification }) => lastVerification?.verdict), [undefined, "no_face"]);
  });

  it("captures nothing before the attempt is ready, and begins when it is", async () => {
    const server = new FakeServer();
    server.state = "created";
    const { clock, camera, monitor } = visit({ server });
    await clock.advance(20_000);
    assert.ok(camera.taken > 0, "the student sees no live hint");
    assert.equal(server.count("PUT"), 0);
    assert.equal(monitor.status.lastError?.code, "attempt_not_ready");
    server.state = "ready";
    await clock.until(() => server.frames.size === 1, 15);
  });

  it("goes on uploading with claims 'unavailable' when the detector cannot load, and reports that once", async () => {
    const detector = new FakeDetector();
    detector.failure = new Error("404");
    const { server, clock, monitor } = visit({ detector });
    await clock.until(() => server.frames.size === 3 && server.events.size > 0);
    const claims = [...server.frames.values()].map(({ headers }) => JSON.parse(headers["X-Client-Claim"]).status);
    assert.deepEqual(claims, ["unavailable", "unavailable", "unavailable"]);
    assert.equal(monitor.status.detector, "unavailable");
    assert.equal(server.eventsOf("detector_unavailable").length, 1);
  });

  it("stops for good when the attempt is closed, and says which frames were given up", async () => {
    const { server, clock, camera, monitor, heardOf, heard } = visit();
    await clock.until(() => server.frames.size === 1);
    server.instead = ({ method }) => (method === "PUT" ? problem(409, "attempt_closed") : null);
    await clock.until(() => heardOf("stopped").length);
    assert.deepEqual(heardOf("stopped"), [{ reason: "attempt_closed" }]);
    assert.deepEqual(heardOf("frame-dropped").map(({ seq, code }) => [seq, code]), [[2, "attempt_closed"]]);
    assert.equal(camera.isOpen, false);
    assert.equal(monitor.status.running, false);
    const asked = server.requests.length;
    await clock.advance(120_000);
    assert.equal(server.requests.length, asked, "a closed attempt is still asked");
    assert.equal(heard.at(-1)?.name, "stopped");
  });

  it("tells its status when something in it changed, and only then", async () => {
    const { server, clock, heardOf } = visit();
    await clock.until(() => server.frames.size === 3);
    const told = heardOf("status").map((status) => JSON.stringify(status));
    assert.ok(told.length > 10);
    told.slice(1).forEach((status, index) => assert.notEqual(status, told[index]));
  });

  it("a page that has stopped monitoring reports nothing more", async () => {
    const { clock, page, monitor, heardOf } = visit();
    await clock.advance(1000);
    await monitor.stop();
    page.document.dispatchEvent(new Event("copy"));
    await clock.advance(60_000);
    assert.deepEqual(heardOf("client-event"), []);
  });

  it("sends what waits before it stops, when the page asks for it", async () => {
    const { server, clock, monitor, heardOf, heard } = visit();
    await clock.until(() => server.frames.size === 1);
    server.isReachable = false;
    await clock.until(() => heardOf("frame-captured").length === 3);
    server.isReachable = true;
    const stopping = monitor.stop({ flushSeconds: 30 });
    await clock.until(() => !monitor.status.running);
    assert.deepEqual(await stopping, { waiting: 0 });
    assert.deepEqual([...server.frames.keys()].sort(), [1, 2, 3]);
    assert.deepEqual(heardOf("stopped"), [{ reason: "page" }]);
    await clock.advance(60_000);
    assert.equal(heard.at(-1)?.name, "stopped", "something was said after the end");
  });
});

describe("trouble with the network", () => {
  it("a frame kept while offline arrives after reconnecting, newest first, each exactly once", async () => {
    const { server, clock, page, monitor, heardOf } = visit();
    await clock.until(() => server.frames.size === 1);
    server.isReachable = false;
    await clock.until(() => heardOf("frame-captured").length === 10);
    assert.equal(monitor.status.waiting, 9);
    assert.equal(monitor.status.lastError?.code, "network_error");
    server.isReachable = true;
    page.window.dispatchEvent(new Event("online"));
    // The back-off alone would wait some seconds more.
    await clock.until(() => server.frames.size === 10, 1);
    assert.deepEqual(server.arrivals, [1, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    await clock.until(() => monitor.status.waiting === 0);
    assert.equal(monitor.status.lastError, null);
  });

  it("a frame kept before a reload is sent by the next visit, and no number is used twice", async () => {
    const server = new FakeServer();
    const first = visit({ server });
    await first.clock.until(() => server.frames.size === 1);
    server.isReachable = false;
    await first.clock.until(() => first.heardOf("frame-captured").length === 4);
    first.vanish();

    const second = visit({ server, disk: first.disk });
    // The server has not been heard yet, the numbers on the disk are enough to go on capturing.
    await second.clock.until(() => second.heardOf("frame-captured").length === 1);
    server.isReachable = true;
    await second.clock.until(() => second.monitor.status.waiting === 0 && server.frames.size >= 5);
    const kept = first.heardOf("frame-captured").map(({ seq }) => seq);
    const fresh = second.heardOf("frame-captured").map(({ seq }) => seq);
    assert.deepEqual(kept, [1, 2, 3, 4]);
    assert.equal(fresh[0], 5);
    assert.deepEqual(second.heardOf("frame-dropped"), []);
    assert.equal(new Set(server.arrivals).size, server.arrivals.length, "a frame came twice");
  });

  it("an answer that got lost does no harm: the same bytes go again under the same number", async () => {
    const { server, clock, monitor } = visit();
    let isLost = false;
    const { fetch } = server;
    server.fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (init?.method !== "PUT" || isLost) return answer;
      isLost = true;
      throw new TypeError("connection reset");
    };
    await clock.until(() => server.arrivals.length === 2 && monitor.status.waiting === 0);
    assert.deepEqual(server.arrivals, [1, 1]);
  });
});

describe("a server that refuses", () => {
  it("on 401 keeps every frame, says once that a sign-in is needed, and sends with the new token afterwards", async () => {
    const { server, clock, page, monitor, heardOf } = visit();
    await clock.until(() => server.frames.size === 1);
    server.instead = ({ headers }) => (headers["X-CSRF-Token"] === "token" ? problem(401, "not_signed_in") : null);
    page.document.dispatchEvent(new Event("copy"));
    await clock.until(() => heardOf("frame-captured").length === 4);
    assert.equal(server.count("POST"), 1, "the events were refused as well");
    assert.deepEqual(heardOf("sign-in-needed"), [{ code: "not_signed_in" }]);
    assert.equal(monitor.status.signInNeeded, true);
    assert.equal(monitor.status.waiting, 3);
    assert.equal(server.count("PUT"), 2, "a 401 is asked again without anybody having signed in");
    monitor.signedIn("new token");
    await clock.until(() => server.frames.size === 4 && server.eventsOf("copy").length === 1);
    assert.equal(monitor.status.signInNeeded, false);
    assert.deepEqual(heardOf("frame-dropped"), []);
  });

  it("on 429 leaves the server alone for the time it names, and loses nothing", async () => {
    const { server, clock } = visit();
    let asked = 0;
    server.instead = ({ method }) => {
      if (method !== "PUT") return null;
      asked += 1;
      return asked === 1 ? problem(429, "too_many_requests", { "Retry-After": "40" }) : null;
    };
    await clock.until(() => asked === 1);
    await clock.advance(39_000);
    assert.equal(asked, 1);
    await clock.until(() => server.frames.size >= 8, 5);
    assert.ok(server.frames.has(1));
  });

  it("on a number that another browser used drops that frame visibly, and goes on above the server's numbers", async () => {
    const { server, clock, heardOf } = visit();
    await clock.until(() => server.frames.size === 1);
    const strange = server.frames.get(1);
    assert.ok(strange);
    for (const seq of [2, 3, 4]) server.frames.set(seq, { ...strange, sha256: "another" });
    server.nextSeq = 5;
    await clock.until(() => server.arrivals.length === 3);
    assert.deepEqual(heardOf("frame-dropped").map(({ seq, code }) => [seq, code]), [[2, "frame_conflict"]]);
    assert.deepEqual(server.arrivals, [1, 5, 6]);
  });

  for (const [status, code] of /** @type {[number, string][]} */ ([[422, "corrupt_image"], [413, "image_too_large"], [415, "unsupported_image_type"]])) {
    it(`on ${status} ${code} drops that one frame visibly, asks once, and goes on with the next`, async () => {
      const { server, clock, heardOf } = visit();
      server.instead = ({ path }) => (path.endsWith("/frames/2") ? problem(status, code) : null);
      await clock.until(() => server.frames.has(3));
      assert.deepEqual(heardOf("frame-dropped").map((dropped) => [dropped.seq, dropped.code]), [[2, code]]);
      assert.equal(server.requests.filter(({ path }) => path.endsWith("/frames/2")).length, 1);
    });
  }

  it("tries a frame that the server fails on again, later and later, while newer frames overtake it", async () => {
    const { server, clock, heardOf, monitor } = visit();
    let isBroken = true;
    server.instead = ({ path }) => (isBroken && path.endsWith("/frames/1") ? problem(500, "internal_error") : null);
    await clock.until(() => server.frames.has(3));
    assert.equal(monitor.status.waiting, 1);
    isBroken = false;
    await clock.until(() => server.frames.has(1));
    assert.deepEqual(heardOf("frame-dropped"), []);
  });
});
