import { brightnessOf, lookForGuidance, WorkerDetector } from "/static/face-monitor/index.js";
import { takePicture } from "/static/face-monitor/capture.js";
import { pause } from "./service.js";

/** @typedef {import("/static/face-monitor/types.js").Picture} Picture */
/** @typedef {import("/static/face-monitor/types.js").Claim} Claim */

/** Milliseconds between two looks; the detector takes its own time on a slow computer. */
const PAUSE = 500;

const FACE_API = { faceApiUrl: "/static/vendor/face-api/face-api.esm.js", weightsUrl: "/static/vendor/face-api/model/" };

/**
 * What would make this picture better, the most important first.
 * @param {Picture} picture @param {Claim} claim about it
 */
export async function hintsOf(picture, claim) {
  const light = (/** @type {import("/static/face-monitor/types.js").Box|undefined} */ part) => brightnessOf(picture, part).catch(() => null);
  const face = claim.status === "one_face" ? claim.boxes[0] : undefined;
  const [brightness, faceBrightness] = await Promise.all([light(undefined), face ? light(face) : null]);
  return lookForGuidance({ claim, picture, brightness, faceBrightness });
}

/** Looks along while the camera is on, and tells what would make a better picture. Advice: the server decides. */
export class Guide {
  #video;
  #onLook;
  #detector = new WorkerDetector(FACE_API);
  #isLoading = false;
  /** Which turn looks now; an earlier one ends by itself. */
  #turn = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {(hints: string[], claim: Claim) => void} onLook
   */
  constructor(video, onLook) {
    this.#video = video;
    this.#onLook = onLook;
  }

  async start() {
    this.#load();
    this.#turn += 1;
    const mine = this.#turn;
    while (mine === this.#turn) {
      await this.#look(() => mine === this.#turn);
      await pause(PAUSE);
    }
  }

  stop() {
    this.#turn += 1;
  }

  /** Until it is there, and where it cannot be had, only the light is looked at. */
  #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#detector.load().catch(() => {});
  }

  /** @param {() => boolean} isWanted */
  async #look(isWanted) {
    const picture = takePicture(this.#video);
    if (!picture) return;
    const claim = await this.#detector.detect(picture);
    const hints = await hintsOf(picture, claim);
    if (isWanted()) this.#onLook(hints, claim);
  }
}
