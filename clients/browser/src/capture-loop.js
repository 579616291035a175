/** @import {Camera, Claim, Clock, Detector, Frame} from "./types.js" */
/** @import {Outbox} from "./outbox.js" */
import { sha256Hex } from "./digest.js";
import { Rest } from "./rest.js";

/** Part of the interval by which a capture may come early or late, so that nobody learns to sit still for it. */
const JITTER = 0.1;

/** Detection may take a third of the time; on a slow machine it looks less often instead of heating the room. */
const REST_PER_DETECTION = 2;

/** Milliseconds; however fast a server wants them, frames leave the page time to breathe. */
const SHORTEST_INTERVAL = 200;

/**
 * Looks at the camera about every second, and at the server's pace makes what it just saw a frame. One picture at
 * a time, and the claim of a frame is about that frame's own pixels.
 */
export class CaptureLoop {
  #parts;
  #rest;
  #isRunning = true;
  #nextFrameAt = 0;
  #nextSeqAtLeast = 1;
  #isRecording = false;
  #isCameraLive = false;
  /** @type {string|null} */
  #ticket = null;
  intervalSeconds = 5;
  /** @type {(claim: Claim) => void} */
  onClaim = () => {};
  /** @type {(frame: Frame) => void} */
  onFrame = () => {};
  /** @type {(error: unknown) => void} */
  onTrouble = () => {};

  /** @param {{camera: Camera, detector: Detector, outbox: Outbox, clock: Clock, random: () => number, presenceIntervalSeconds: number}} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#rest = new Rest(parts.clock);
  }

  async run() {
    const { clock } = this.#parts;
    while (this.#isRunning) {
      const begun = clock.now();
      let hasLooked = false;
      try {
        hasLooked = this.#isCameraLive && (await this.#look(begun));
      } catch (error) {
        // The edge of the loop: one picture that could not be taken or kept must not end the monitoring.
        this.onTrouble(error);
      }
      if (this.#isRunning) await this.#rest.begin("news", this.#pauseAfter(begun, hasLooked));
    }
  }

  /** @param {boolean} isLive */
  setCameraLive(isLive) {
    this.#isCameraLive = isLive;
    if (isLive) this.#rest.nudge("news");
  }

  /** Frames begin: the attempt takes them, and numbers from here on are free. @param {number} nextSeqAtLeast */
  record(nextSeqAtLeast) {
    this.#nextSeqAtLeast = Math.max(this.#nextSeqAtLeast, nextSeqAtLeast);
    if (this.#isRecording) return;
    this.#isRecording = true;
    this.#rest.nudge("news");
  }

  /** The server's pace and its newest ticket. @param {{ticket?: string|null, interval_seconds?: number}} next */
  follow({ ticket, interval_seconds }) {
    if (ticket) this.#ticket = ticket;
    if (!interval_seconds || !(interval_seconds > 0) || interval_seconds === this.intervalSeconds) return;
    this.intervalSeconds = interval_seconds;
    this.#nextFrameAt = Math.min(this.#nextFrameAt, this.#parts.clock.now() + this.#interval());
  }

  stop() {
    this.#isRunning = false;
    this.#rest.end();
  }

  /** @param {number} now @returns {Promise<boolean>} whether there was a picture */
  async #look(now) {
    const { camera, detector } = this.#parts;
    const picture = await camera.takePicture();
    if (!picture) return false;
    const isFrame = this.#isRecording && now >= this.#nextFrameAt;
    if (isFrame) this.#nextFrameAt = now + this.#interval();
    const [claim, jpeg] = await Promise.all([detector.detect(picture), isFrame ? picture.jpeg() : null]);
    if (!this.#isRunning) return true;
    this.onClaim(claim);
    if (jpeg) await this.#keep(now, claim, jpeg);
    return true;
  }

  /** @param {number} now @param {Claim} claim @param {Uint8Array} jpeg */
  async #keep(now, claim, jpeg) {
    const { outbox } = this.#parts;
    const sha256 = await sha256Hex(jpeg);
    // As late as can be: a page that is closed between number and disk leaves a gap.
    const seq = await outbox.nextSeq(this.#nextSeqAtLeast);
    const frame = { seq, capturedAt: new Date(now).toISOString(), ticket: this.#ticket, sha256, claim, jpeg };
    await outbox.push(frame);
    this.onFrame(frame);
  }

  /** @param {number} begun @param {boolean} hasLooked without a picture, a frame that is due waits for the next look */
  #pauseAfter(begun, hasLooked) {
    const { clock, presenceIntervalSeconds } = this.#parts;
    const spent = clock.now() - begun;
    const untilLook = Math.max(presenceIntervalSeconds * 1000 - spent, spent * REST_PER_DETECTION);
    const untilFrame = hasLooked && this.#isRecording ? this.#nextFrameAt - clock.now() : Infinity;
    return Math.max(0, Math.min(untilLook, untilFrame));
  }

  #interval() {
    const jitter = 1 - JITTER + 2 * JITTER * this.#parts.random();
    return Math.max(SHORTEST_INTERVAL, this.intervalSeconds * 1000 * jitter);
  }
}
