import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problem, FakeServer } from "../fakes/server.js";
import { visit } from "../fakes/visit.js";

const REASONS_OF_KIND = {
  presence: ["no_face_detected", "unverified_face_detected", "several_faces_detected", "face_returned"],
  tab: ["tab_switch", "tab_return", "page_opened", "page_left", "second_page"],
  focus: ["window_blur", "window_focus"],
  fullscreen: ["fullscreen_exit", "fullscreen_enter"],
  clipboard: ["copy", "cut", "paste"],
  camera: ["camera_lost", "camera_returned", "camera_changed", "camera_denied", "detector_unavailable"],
  heartbeat: ["heartbeat"],
  network: ["offline", "online"],
  screen: ["second_screen", "single_screen"],
  frames: ["frames_dropped"],
};

describe("client events", () => {
  it("what happens to the page is reported in the words of the contract, with the moment it happened", async () => {
    const { page, server, clock } = visit();
    await clock.advance(1000);
    const at = new Date(clock.now()).toISOString();
    for (const name of ["copy", "cut", "paste"]) page.document.dispatchEvent(new Event(name));
    for (const name of ["blur", "focus", "offline", "online"]) page.window.dispatchEvent(new Event(name));
    for (const isOn of [true, false]) {
      page.fullscreen = isOn;
      page.document.dispatchEvent(new Event("fullscreenchange"));
      page.hidden = isOn;
      page.document.dispatchEvent(new Event("visibilitychange"));
    }
    await clock.until(() => server.events.size >= 11);
    const events = [...server.events.values()];
    for (const { kind, reason } of events) assert.ok(/** @type {any} */ (REASONS_OF_KIND)[kind]?.includes(reason), `${kind} ${reason}`);
    const reasons = events.map(({ reason }) => reason).sort();
    const expected = ["copy", "cut", "paste", "window_blur", "window_focus", "offline", "online"];
    assert.deepEqual(reasons, [...expected, "fullscreen_enter", "fullscreen_exit", "tab_switch", "tab_return"].sort());
    assert.ok(events.every(({ client_at }) => client_at === at));
  });

  it("a page that opens in front says so: the visit before it may have vanished while it was away", async () => {
    const server = new FakeServer();
    const first = visit({ server });
    await first.clock.advance(1000);
    first.page.hidden = true;
    first.page.document.dispatchEvent(new Event("visibilitychange"));
    await first.clock.until(() => server.events.size === 1);
    first.vanish();
    const second = visit({ server, disk: first.disk, opensInFront: true });
    await second.clock.until(() => server.events.size === 2);
    assert.deepEqual([...server.events.values()].map(({ kind, reason }) => [kind, reason]), [["tab", "tab_switch"], ["tab", "page_opened"]]);
  });

  it("a page that opens behind another one says nothing", async () => {
    const { server, clock } = visit({ opensInFront: false });
    await clock.advance(5000);
    assert.equal(server.events.size, 0);
  });

  it("a second screen is told when it is there at the beginning, and when it comes or goes", async () => {
    const { page, server, clock } = visit();
    await clock.advance(1000);
    for (const isExtended of [true, false]) {
      page.screen.isExtended = isExtended;
      page.screen.dispatchEvent(new Event("change"));
    }
    await clock.until(() => server.events.size >= 2);
    assert.deepEqual([...server.events.values()].map(({ kind, reason }) => [kind, reason]), [["screen", "second_screen"], ["screen", "single_screen"]]);
  });

  it("a burst is one request, and leaving the tab does not wait for more", async () => {
    const { page, server, clock } = visit();
    await clock.advance(1000);
    for (let turn = 0; turn < 20; turn += 1) page.document.dispatchEvent(new Event("copy"));
    await clock.until(() => server.events.size === 20, 5);
    assert.equal(server.count("POST"), 1);
    page.hidden = true;
    page.document.dispatchEvent(new Event("visibilitychange"));
    await clock.advance(0);
    assert.equal(server.eventsOf("tab_switch").length, 1);
  });

  it("a page that closes says so at once, together with what is not answered yet, in a request that outlives it", async () => {
    const { page, server, clock, heardOf } = visit();
    await clock.advance(1000);
    page.document.dispatchEvent(new Event("copy"));
    await clock.advance(0);
    /** @type {RequestInit[]} */
    const requests = [];
    const { fetch } = server;
    server.fetch = (url, init = {}) => (requests.push(init), fetch(url, init));
    page.window.dispatchEvent(new Event("pagehide"));
    // Nothing was awaited: the page is gone now.
    assert.equal(requests.length, 1);
    assert.equal(requests[0].keepalive, true);
    await clock.advance(5000);
    assert.deepEqual([...server.events.values()].map(({ reason }) => reason), ["copy", "page_left"]);
    assert.deepEqual(heardOf("events-dropped"), []);
  });

  it("what was answered already is not said again when the page closes", async () => {
    const { page, server, clock } = visit();
    await clock.advance(1000);
    page.document.dispatchEvent(new Event("copy"));
    await clock.until(() => server.events.size === 1);
    page.window.dispatchEvent(new Event("pagehide"));
    await clock.advance(0);
    const last = JSON.parse(server.requests.filter(({ method }) => method === "POST").at(-1)?.body.toString() ?? "");
    assert.deepEqual(last.events.map((/** @type {any} */ { reason }) => reason), ["page_left"]);
  });

  it("the last words of a long time offline fit into what browsers let outlive a page", async () => {
    const { page, server, clock } = visit();
    await clock.advance(1000);
    server.isReachable = false;
    for (let turn = 0; turn < 500; turn += 1) page.document.dispatchEvent(new Event("copy"));
    await clock.advance(10_000);
    /** @type {RequestInit[]} */
    const requests = [];
    server.fetch = async (_url, init = {}) => (requests.push(init), problem(503, "unavailable"));
    page.window.dispatchEvent(new Event("pagehide"));
    const { events } = JSON.parse(String(requests[0].body));
    assert.equal(requests[0].keepalive, true);
    assert.equal(events.length, 100);
    assert.equal(events.at(-1).reason, "page_left");
  });

  it("events that could not be sent survive a reload, in their order, under the ids they had", async () => {
    const server = new FakeServer();
    const first = visit({ server });
    await first.clock.advance(1000);
    server.isReachable = false;
    for (const name of ["cut", "copy", "paste"]) first.page.document.dispatchEvent(new Event(name));
    await first.clock.advance(10_000);
    first.vanish();
    server.isReachable = true;
    const second = visit({ server, disk: first.disk });
    await second.clock.until(() => server.events.size >= 3);
    assert.deepEqual([...server.events.keys()], first.heardOf("client-event").map(({ id }) => id));
  });

  it("a batch whose answer got lost goes again with the same ids: for the server they are duplicates", async () => {
    const { page, server, clock, heardOf } = visit();
    const { fetch } = server;
    let losses = 1;
    server.fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (init?.method !== "POST" || losses-- <= 0) return answer;
      throw new TypeError("connection reset");
    };
    await clock.advance(1000);
    page.document.dispatchEvent(new Event("copy"));
    await clock.until(() => heardOf("events-answered").length);
    assert.deepEqual(heardOf("events-answered"), [{ accepted: 0, duplicates: 1 }]);
    assert.equal(server.eventsOf("copy").length, 1);
  });

  it("more than 200 go in several requests, as the contract wants", async () => {
    const { page, server, clock, monitor } = visit();
    await clock.advance(1000);
    server.isReachable = false;
    for (let turn = 0; turn < 230; turn += 1) page.document.dispatchEvent(new Event("copy"));
    await clock.advance(10_000);
    assert.equal(monitor.status.waitingEvents, 230);
    server.isReachable = true;
    await clock.until(() => server.eventsOf("copy").length === 230);
    const sizes = server.requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body.toString()).events.length);
    assert.deepEqual(sizes.slice(0, 2), [200, 30]);
  });

  it("a batch the server cannot read is given up visibly, asked once", async () => {
    const { page, server, clock, heardOf } = visit();
    server.instead = ({ method }) => (method === "POST" ? problem(422, "invalid_request") : null);
    await clock.advance(1000);
    page.document.dispatchEvent(new Event("copy"));
    await clock.until(() => heardOf("events-dropped").length);
    await clock.advance(10_000);
    assert.deepEqual(heardOf("events-dropped").map(({ count, code }) => [count, code]), [[1, "invalid_request"]]);
    assert.equal(server.count("POST"), 1);
  });

  it("a heartbeat tells every half minute that the page lives, and what it can see", async () => {
    const { server, clock } = visit();
    await clock.advance(95_000);
    const beats = server.eventsOf("heartbeat");
    assert.equal(beats.length, 3);
    assert.deepEqual(beats[0].detail, { camera: "live", detector: "ready", waiting: 0, claim: "one_face" });
  });
});

describe("presence", () => {
  it("nobody there for some seconds is one event, and coming back another", async () => {
    const { detector, server, clock } = visit();
    await clock.advance(5000);
    detector.faceCount = 0;
    await clock.advance(25_000);
    detector.faceCount = 1;
    await clock.advance(10_000);
    const presence = [...server.events.values()].filter(({ kind }) => kind === "presence");
    assert.deepEqual(presence.map(({ reason }) => reason), ["no_face_detected", "face_returned"]);
  });

  it("one bad moment is no event", async () => {
    const { detector, server, clock, heardOf } = visit();
    await clock.advance(5000);
    detector.faceCount = 2;
    await clock.until(() => heardOf("presence").at(-1).status === "several_faces", 5);
    detector.faceCount = 1;
    await clock.advance(20_000);
    assert.deepEqual([...server.events.values()].filter(({ kind }) => kind === "presence"), []);
  });

  it("an empty chair from the first moment is told too", async () => {
    const { detector, server, clock } = visit();
    detector.faceCount = 0;
    await clock.until(() => server.eventsOf("no_face_detected").length === 1, 15);
  });
});
