/** @import {CameraDevice, Picture} from "./types.js" */
import { JPEG_QUALITY, LONGEST_SIDE_PX, takePicture } from "./capture.js";
import { FrozenWatch } from "./frozen-watch.js";

/** Milliseconds a camera may stay silent before it counts as lost: a slow one drops out for a moment now and then. */
const MUTED_LIMIT = 2000;

/** @type {Record<string, "denied"|"missing">} what getUserMedia's answers mean; the rest (in use elsewhere, broken) is "lost" */
const STATES = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" };

/** The camera could not be opened; `state` says what to tell the student. */
export class CameraError extends Error {
  /** @param {"denied"|"missing"|"lost"} state @param {string} message */
  constructor(state, message) {
    super(message);
    this.name = "CameraError";
    this.state = state;
  }
}

/** This browser's camera. Emits "lost" ({cause}) and "available" (a device came, or the permission was given). */
export class BrowserCamera extends EventTarget {
  #video;
  #size;
  #frozen = new FrozenWatch();
  /** @type {(cause: string) => void} */
  #lose = () => {};
  /** @type {MediaStream|null} */
  #stream = null;
  #leave = new AbortController();
  #isWatching = false;

  /**
   * @param {HTMLVideoElement} [video]
   * @param {{longestSidePx?: number, jpegQuality?: number}} [size] of the pictures; an enrolment wants larger ones
   */
  constructor(video = document.createElement("video"), { longestSidePx = LONGEST_SIDE_PX, jpegQuality = JPEG_QUALITY } = {}) {
    super();
    this.#video = video;
    this.#size = { longestSidePx, jpegQuality };
  }

  /** @param {{deviceId?: string}} [choice] @returns {Promise<CameraDevice>} */
  async open({ deviceId } = {}) {
    this.#release();
    this.#watchDevices();
    const width = this.#size.longestSidePx;
    const wanted = { width: { ideal: width }, height: { ideal: width * 0.75 }, deviceId: deviceId ? { ideal: deviceId } : undefined };
    try {
      // Without a secure context there is no mediaDevices at all.
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      const name = error instanceof Error ? error.name : "";
      throw new CameraError(navigator.mediaDevices ? (STATES[name] ?? "lost") : "missing", String(error));
    }
    const [track] = this.#stream.getVideoTracks();
    this.#watchTrack(track);
    Object.assign(this.#video, { srcObject: this.#stream, muted: true, playsInline: true });
    // Some browsers refuse to play until somebody touches the page; pictures come as soon as it plays.
    this.#video.play().catch(() => {});
    return { deviceId: track.getSettings().deviceId ?? "", label: track.label };
  }

  /** @returns {Promise<Picture|null>} */
  async takePicture() {
    if (this.#video.paused) this.#video.play().catch(() => {});
    if (this.#frozen.isFrozen(this.#deliveredFrames())) this.#lose("frozen");
    return takePicture(this.#video, this.#size);
  }

  close() {
    this.#leave.abort();
    this.#release();
  }

  #release() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** @param {MediaStreamTrack} track */
  #watchTrack(track) {
    /** @param {string} cause */
    const lose = (cause) => {
      if (!this.#stream?.getTracks().includes(track)) return;
      this.#release();
      this.dispatchEvent(new CustomEvent("lost", { detail: { cause } }));
    };
    this.#lose = lose;
    this.#frozen = new FrozenWatch();
    track.addEventListener("ended", () => lose("ended"));
    track.addEventListener("mute", () => setTimeout(() => track.muted && lose("muted"), MUTED_LIMIT));
  }

  /** @returns {number|undefined} undefined where the browser does not count, or may save work because nobody looks */
  #deliveredFrames() {
    if (document.visibilityState === "hidden") return undefined;
    const track = /** @type {(MediaStreamTrack & {stats?: {deliveredFrames?: number}})|undefined} */ (this.#stream?.getVideoTracks()[0]);
    return track?.stats?.deliveredFrames;
  }

  #watchDevices() {
    if (this.#isWatching || !navigator.mediaDevices) return;
    this.#isWatching = true;
    const { signal } = this.#leave;
    const tell = () => this.dispatchEvent(new Event("available"));
    navigator.mediaDevices.addEventListener("devicechange", tell, { signal });
    navigator.permissions?.query({ name: /** @type {PermissionName} */ ("camera") }).then(
      (permission) => permission.addEventListener("change", () => permission.state === "granted" && tell(), { signal }),
      () => {}, // Some browsers do not know this permission; the "try again" button is left.
    );
  }
}
