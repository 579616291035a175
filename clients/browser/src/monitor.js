/** @import {ClientEvent, MonitorOptions, MonitorParts, Trouble} from "./types.js" */
import { AttemptApi } from "./attempt-api.js";
import { AttemptReader } from "./attempt-reader.js";
import { CameraKeeper } from "./camera-keeper.js";
import { CaptureLoop } from "./capture-loop.js";
import { EventLog } from "./event-log.js";
import { forgetOtherAttempts } from "./forget-other-attempts.js";
import { createFrameSender } from "./frame-sender.js";
import { GivenUp } from "./given-up.js";
import { Outbox } from "./outbox.js";
import { Reporter } from "./reporter.js";
import { steadyOffset } from "./server-clock.js";
import { Shipping } from "./shipping.js";
import { StatusBoard } from "./status-board.js";
import { Turn } from "./turn.js";
import { openVault } from "./vault.js";

/** Milliseconds a page waits for its turn before that is told: after a reload the page before may be a moment late to go. */
const SECOND_PAGE = 2000;

/** Monitors one attempt from this page: connects camera, detector, outbox and server. README.md lists its events. */
export class Monitor extends EventTarget {
  #attemptId;
  #parts;
  #vault;
  #api;
  #board;
  #keeper;
  #outbox;
  #givenUp;
  #log;
  #reporter;
  #loop;
  #reader;
  #shipping;
  #turn;
  /** @type {unknown} */
  #secondPage = null;
  #isCapturing = true;
  #isFinished = false;

  /** @param {MonitorOptions & {apiUrl: string, presenceIntervalSeconds: number}} options @param {MonitorParts} parts */
  constructor(options, parts) {
    super();
    const { attemptId } = options;
    this.#attemptId = attemptId;
    this.#parts = parts;
    this.#vault = openVault(parts.openStore);
    this.#api = new AttemptApi({ ...options, ...parts });
    this.#board = new StatusBoard(parts.clock);
    this.#keeper = new CameraKeeper({ ...parts, deviceId: options.cameraDeviceId });
    this.#outbox = new Outbox({ vault: this.#vault, attemptId, maxFrames: options.maxFrames });
    this.#givenUp = new GivenUp({ vault: this.#vault, attemptId });
    this.#log = new EventLog({ vault: this.#vault, attemptId, clock: parts.clock });
    this.#reporter = new Reporter({ ...parts, log: this.#log });
    this.#loop = new CaptureLoop({ ...parts, outbox: this.#outbox, presenceIntervalSeconds: options.presenceIntervalSeconds });
    this.#reader = new AttemptReader({ api: this.#api, attemptId });
    this.#shipping = this.#createShipping();
    this.#turn = new Turn({ locks: parts.locks, name: `face-monitor ${attemptId}` });
    this.#connect();
    // Whoever called has the rest of this turn to add listeners.
    queueMicrotask(() => this.#begin().catch((error) => this.#finish("failed", { code: "client_error", message: String(error) })));
  }

  /** What a page may show; no verdict is in it. */
  get status() {
    return this.#board.current;
  }

  /** "Try again", or "use this camera". @param {{deviceId?: string}} [choice] @returns {Promise<boolean>} is it live now? */
  recoverCamera(choice) {
    return this.#keeper.open(choice);
  }

  /** Somebody has signed in again: what was kept is sent with the new token. @param {string} csrfToken */
  signedIn(csrfToken) {
    this.#api.csrfToken = csrfToken;
    this.#board.set({ signInNeeded: false });
    this.#shipping.resume();
  }

  /**
   * Ends the monitoring. Call it before the attempt is submitted: afterwards the server takes no frame.
   * @param {{flushSeconds?: number}} [how] seconds to go on sending what waits
   * @returns {Promise<{waiting: number}>} frames that are left; they stay on this disk
   */
  async stop({ flushSeconds = 0 } = {}) {
    this.#stopCapturing();
    const isHopeless = this.#isFinished || this.status.signInNeeded;
    if (!isHopeless) await this.#shipping.flush(() => this.#countWaiting(), flushSeconds * 1000);
    const waiting = (await this.#outbox.seqs()).length;
    await this.#finish("page", null);
    return { waiting };
  }

  async #begin() {
    const { detector, clock } = this.#parts;
    const isTaken = await this.#turn.take();
    clock.clearTimeout(this.#secondPage);
    if (!isTaken || !this.#isCapturing) return;
    this.#board.set({ role: "capturing" });
    this.#reporter.start(() => this.status);
    this.#keeper.open();
    detector.load().then(
      () => this.#board.set({ detector: "ready" }),
      (error) => {
        this.#board.set({ detector: "unavailable" });
        if (this.#isCapturing) this.#reporter.report("camera", "detector_unavailable", { message: String(error).slice(0, 200) });
      },
    );
    const { store } = await this.#vault;
    this.#board.set({ storage: store.kind });
    if (await this.#outbox.hasNumbers()) await this.#goOnAsBefore();
    await this.#countWaiting();
    if (!this.#isCapturing) return;
    this.#shipping.start();
    this.#loop.run();
    await forgetOtherAttempts(store, this.#attemptId, clock.now());
  }

  #createShipping() {
    const sendFrame = createFrameSender({
      outbox: this.#outbox,
      api: this.#api,
      onAnswered: ({ seq, sha256 }, { received_at, next, last_verification }) => {
        this.#board.set({ lastSentAt: new Date(this.#parts.clock.now()) });
        this.#follow(next ?? {});
        this.#countWaiting();
        this.#tellGivenUp();
        this.#tell("frame-answered", { seq, sha256, receivedAt: received_at, lastVerification: last_verification ?? null });
      },
      onRefused: ({ code }) => {
        this.#tellGivenUp();
        if (code === "frame_conflict") this.#renumber();
      },
    });
    const send = { attempt: () => this.#reader.read(), frames: sendFrame, events: () => this.#log.sendBatch(this.#api) };
    return new Shipping({ send, clock: this.#parts.clock, random: this.#parts.random });
  }

  #connect() {
    this.#board.onChange = (status) => this.#tell("status", status);
    this.#turn.onWaiting = () => this.#waitForTurn();
    this.#api.onClockOffset = (seconds) => {
      this.#board.set({ clockOffsetSeconds: steadyOffset(this.status.clockOffsetSeconds, seconds) });
    };
    this.#keeper.onState = (camera) => {
      this.#board.set({ camera });
      this.#loop.setCameraLive(camera === "live");
    };
    this.#keeper.onEvent = (reason, detail) => this.#reporter.report("camera", reason, detail);
    this.#reader.onTaking = ({ next_seq, ticket, frame_interval_seconds }) => {
      this.#follow({ ticket, interval_seconds: frame_interval_seconds });
      this.#loop.record(next_seq);
    };
    this.#loop.onClaim = (claim) => {
      this.#board.set({ claim });
      this.#tell("presence", claim);
      this.#reporter.observe(claim);
    };
    this.#loop.onFrame = ({ seq, capturedAt, claim, jpeg }) => {
      this.#board.setTrouble("capture", null);
      this.#board.set({ lastCapturedAt: new Date(capturedAt) });
      this.#countWaiting();
      this.#shipping.wake("frames");
      this.#tell("frame-captured", { seq, capturedAt, claim, byteCount: jpeg.length });
    };
    this.#loop.onTrouble = (error) => this.#board.setTrouble("capture", { code: "capture_failed", message: String(error) });
    this.#outbox.onDropped = (seq, trouble) => {
      this.#countWaiting();
      // To a closed attempt nothing can be told any more.
      if (!this.#isFinished) this.#givenUp.note(seq, trouble).catch((error) => this.#noteStorage(error));
      this.#tell("frame-dropped", { seq, ...trouble });
    };
    this.#log.onAnswered = ({ accepted, duplicates }) => {
      this.#countWaiting();
      this.#tell("events-answered", { accepted, duplicates });
    };
    this.#reporter.onReported = (event) => this.#noteEvent(event);
    this.#reporter.onLeaving = () => this.#log.sayLastWords(this.#api);
    this.#reporter.onLost = (trouble) => this.#tell("events-dropped", { count: 1, ...trouble });
    this.#log.onDropped = (count, trouble) => this.#tell("events-dropped", { count, ...trouble });
    this.#shipping.onTrouble = (line, trouble) => this.#board.setTrouble(line, trouble);
    this.#shipping.onClosed = (trouble) => this.#finish(trouble.code, trouble);
    this.#shipping.onSignInNeeded = ({ code }) => {
      if (this.status.signInNeeded) return;
      this.#board.set({ signInNeeded: true });
      this.#tell("sign-in-needed", { code });
    };
  }

  /** Another page of this browser monitors; what this one reports goes through the disk they share. */
  #waitForTurn() {
    this.#board.set({ role: "waiting" });
    this.#secondPage = this.#parts.clock.setTimeout(() => this.#reporter.report("tab", "second_page"), SECOND_PAGE);
  }

  /** The server answers: now it can hear which numbers will never come. */
  #tellGivenUp() {
    const tell = async (/** @type {any} */ range) => this.#noteEvent(await this.#log.record("frames", "frames_dropped", range));
    this.#givenUp.tell(tell).catch((error) => this.#noteStorage(error));
  }

  /** @param {unknown} error */
  #noteStorage(error) {
    this.#board.setTrouble("storage", { code: "client_error", message: String(error) });
  }

  /** After a reload without a network: the pace and the ticket that were known before it. */
  async #goOnAsBefore() {
    const known = await this.#outbox.pace();
    this.#loop.follow(known);
    this.#board.set({ intervalSeconds: this.#loop.intervalSeconds });
    this.#loop.record(1);
  }

  /** @param {{ticket?: string|null, interval_seconds?: number}} next */
  #follow(next) {
    this.#loop.follow(next);
    this.#board.set({ intervalSeconds: this.#loop.intervalSeconds });
    this.#outbox.keepPace(next).catch((error) => this.#noteStorage(error));
  }

  /** Another browser used our number: ask the server where to go on. */
  #renumber() {
    this.#reader.doubt();
    this.#shipping.wake("attempt");
  }

  /** @param {ClientEvent} event */
  #noteEvent(event) {
    this.#countWaiting();
    this.#tell("client-event", event);
    if (event.reason === "online") this.#shipping.tryNow();
    // After this one the page may be gone in a moment.
    if (event.reason === "tab_switch") this.#shipping.wake("events");
    else this.#shipping.wakeEventsSoon();
  }

  /** @returns {Promise<number>} frames and events not yet answered */
  async #countWaiting() {
    try {
      const [seqs, waitingEvents] = await Promise.all([this.#outbox.seqs(), this.#log.waiting()]);
      this.#board.set({ waiting: seqs.length, waitingEvents });
    } catch (error) {
      this.#noteStorage(error);
    }
    return this.status.waiting + this.status.waitingEvents;
  }

  #stopCapturing() {
    this.#isCapturing = false;
    this.#loop.stop();
    this.#reporter.stop();
    this.#keeper.close();
    this.#parts.detector.close();
  }

  /** @param {string} reason @param {Trouble|null} trouble */
  async #finish(reason, trouble) {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#parts.clock.clearTimeout(this.#secondPage);
    this.#stopCapturing();
    this.#shipping.stop();
    this.#turn.release();
    if (trouble && reason !== "failed") await this.#outbox.dropAll(trouble);
    await this.#countWaiting();
    this.#board.set({ running: false });
    this.#tell("stopped", { reason });
    // An answer that is still on its way is settled quietly: "stopped" is the last word.
    this.#board.onChange = () => {};
    (await this.#vault).store.close();
    this.#parts.clock.close?.();
  }

  /** @param {string} name @param {unknown} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
