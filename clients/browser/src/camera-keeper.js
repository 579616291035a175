/** @import {Camera, CameraDevice, Clock, Status} from "./types.js" */
import { CameraError } from "./camera.js";

/** Milliseconds between two tries to open a lost camera. */
const RETRY = 5000;

/** Keeps the camera open, opens it again when it was lost, and tells what happened to it. A refusal is respected. */
export class CameraKeeper {
  #camera;
  #clock;
  /** @type {string|undefined} */
  #deviceId;
  /** @type {CameraDevice|null} */
  #last = null;
  /** @type {unknown} */
  #timer = null;
  /** @type {Promise<boolean>|null} */
  #opening = null;
  #isClosed = false;
  /** @type {Status["camera"]} */
  state = "opening";
  /** @type {(state: Status["camera"]) => void} */
  onState = () => {};
  /** @type {(reason: string, detail?: Record<string, unknown>) => void} reason of a camera event of the contract */
  onEvent = () => {};

  /** @param {{camera: Camera, clock: Clock, deviceId?: string}} parts */
  constructor({ camera, clock, deviceId }) {
    this.#camera = camera;
    this.#clock = clock;
    this.#deviceId = deviceId;
    camera.addEventListener("lost", (event) => this.#lose("lost", /** @type {CustomEvent} */ (event).detail));
    camera.addEventListener("available", () => this.state !== "live" && this.open());
  }

  /** @param {{deviceId?: string}} [choice] another camera than before @returns {Promise<boolean>} is it live now? */
  async open({ deviceId } = {}) {
    if (deviceId) this.#deviceId = deviceId;
    else if (this.#opening) return this.#opening;
    const opening = this.#openNow();
    this.#opening = opening;
    const isLive = await opening;
    if (this.#opening === opening) this.#opening = null;
    return isLive;
  }

  close() {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#camera.close();
    this.#enter("closed");
  }

  async #openNow() {
    this.#clock.clearTimeout(this.#timer);
    try {
      const device = await this.#camera.open({ deviceId: this.#deviceId });
      if (this.#isClosed) {
        this.#camera.close();
        return false;
      }
      this.#welcome(device);
      return true;
    } catch (error) {
      this.#lose(error instanceof CameraError ? error.state : "lost", { cause: "not_opened" });
      return false;
    }
  }

  /** @param {CameraDevice} device */
  #welcome(device) {
    if (this.#last && this.#last.deviceId !== device.deviceId) this.onEvent("camera_changed", { label: device.label });
    if (this.state !== "opening" && this.state !== "live") this.onEvent("camera_returned");
    this.#last = device;
    this.#enter("live");
  }

  /** @param {"lost"|"denied"|"missing"} state @param {Record<string, unknown>} [detail] */
  #lose(state, detail) {
    if (this.#isClosed) return;
    // One event for each loss, not one for each try that failed.
    if (state === "denied" && this.state !== "denied") this.onEvent("camera_denied");
    if (state !== "denied" && (this.state === "live" || this.state === "opening")) this.onEvent("camera_lost", detail);
    this.#enter(state);
    this.#clock.clearTimeout(this.#timer);
    if (state !== "denied") this.#timer = this.#clock.setTimeout(() => this.open(), RETRY);
  }

  /** @param {Status["camera"]} state */
  #enter(state) {
    this.state = state;
    this.onState(state);
  }
}
