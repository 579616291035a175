/** @import {MonitorOptions} from "../src/types.js" */
import "fake-indexeddb/auto";
import { randomUUID } from "node:crypto";
import { openStore } from "../src/disk-store.js";
import { startMonitor } from "../src/index.js";
import { FakeCamera } from "./camera.js";
import { FakeClock } from "./clock.js";
import { FakeDetector } from "./detector.js";
import { counted } from "./quiet.js";
import { FakeServer } from "./server.js";

/** A page that somebody looks at. */
export class FakePage {
  document = new EventTarget();
  window = new EventTarget();
  hidden = false;
  fullscreen = false;
  isHidden = () => this.hidden;
  isFullscreen = () => this.fullscreen;
  screen = Object.assign(new EventTarget(), { isExtended: false });
}

/**
 * One visit of the exam page: a monitor with everything around it fake, but IndexedDB and WebCrypto as they are.
 * A second visit with the same `disk` and `server` is a reload. Unless it `opensInFront` the page was opened behind
 * another one, so that it has nothing to report before a test begins.
 * @param {{server?: FakeServer, opensInFront?: boolean, disk?: string, options?: Partial<MonitorOptions>, camera?: FakeCamera, detector?: FakeDetector, locks?: LockManager|null}} [world]
 */
export function visit({ server = new FakeServer(), opensInFront = false, disk = randomUUID(), options = {}, camera = new FakeCamera(), detector = new FakeDetector(), locks = null } = {}) {
  const clock = new FakeClock();
  const page = new FakePage();
  page.hidden = !opensInFront;
  setImmediate(() => (page.hidden = false));
  let isGone = false;
  /** @type {typeof globalThis.fetch} */
  const fetch = (url, init) => (isGone ? new Promise(() => {}) : server.fetch(url, init));
  const parts = { camera, detector, clock, page, fetch, openStore: counted({ open: async () => counted(await openStore(disk)) }).open, random: () => 0.5, locks };
  const monitor = startMonitor({ attemptId: "att_1", csrfToken: "token", ...options }, parts);
  /** @type {{name: string, detail: any}[]} */
  const heard = [];
  for (const name of EVENTS) {
    monitor.addEventListener(name, (event) => heard.push({ name, detail: /** @type {CustomEvent} */ (event).detail }));
  }
  return {
    monitor,
    server,
    disk,
    clock,
    page,
    camera,
    detector,
    heard,
    /** @param {string} name @returns {any[]} details of the events of that name */
    heardOf: (name) => heard.filter((event) => event.name === name).map((event) => event.detail),
    /** The page goes from one moment to the next: its clock stands still, its requests never end. */
    vanish() {
      isGone = true;
    },
  };
}

const EVENTS = [
  "status",
  "presence",
  "frame-captured",
  "frame-answered",
  "frame-dropped",
  "client-event",
  "events-answered",
  "events-dropped",
  "sign-in-needed",
  "stopped",
];
