/** @import {Box, Claim, Clock, Picture} from "./types.js" */
import { claimOf, UNAVAILABLE } from "./claim.js";
import { plainClock } from "./clock.js";

/** What a claim names as its source. */
const NAME = "tiny_face_detector";

/** Side of the square the network sees. Half of its own 416 px takes a third of the time and still finds every portrait we have. */
export const INPUT_SIZE_PX = 224;

/**
 * Score from which on something is a face. Our five portraits got 0.53 to 0.90 at 224 px, and nothing else in them got
 * 0.2; the 0.5 that face-api.js starts with leaves too little for bad light.
 */
const SCORE_THRESHOLD = 0.4;

/** Milliseconds for loading 1.5 MB of script and weights and one slow first run. */
const LOAD_LIMIT = 60_000;

/** Milliseconds for one picture; after that its claim is "unavailable" and the frame goes without. */
const DETECT_LIMIT = 5000;

/** face-api.js' tiny face detector in a worker of its own: the page stays smooth however slow the machine is. */
export class WorkerDetector {
  #urls;
  #clock;
  /** @type {Worker|null} */
  #worker = null;
  #isReady = false;
  /** @type {((faces: {box: Box, score: number}[]|null) => void)|null} set while the worker is busy */
  #answer = null;

  /** @param {{faceApiUrl: string, weightsUrl: string, clock?: Clock}} parts */
  constructor({ faceApiUrl, weightsUrl, clock = plainClock }) {
    this.#clock = clock;
    this.#urls = { faceApiUrl: new URL(faceApiUrl, location.href).href, weightsUrl: new URL(weightsUrl, location.href).href };
  }

  /** Loads script and weights once. Rejects when they are not to be had; `detect` then answers "unavailable". */
  async load() {
    const worker = new Worker(new URL("./detector-worker.js", import.meta.url), { type: "module" });
    this.#worker = worker;
    /** @type {unknown} */
    let timer;
    try {
      await new Promise((resolve, reject) => {
        timer = this.#clock.setTimeout(() => reject(new Error("The face detector did not load in time.")), LOAD_LIMIT);
        worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
        worker.onerror = () => reject(new Error("The face detector could not be loaded."));
        worker.postMessage({ load: { ...this.#urls, inputSize: INPUT_SIZE_PX, scoreThreshold: SCORE_THRESHOLD } });
      });
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#clock.clearTimeout(timer);
    }
    worker.onmessage = ({ data }) => this.#answer?.(data.faces ?? null);
    worker.onerror = () => this.#answer?.(null);
    this.#isReady = true;
  }

  /**
   * One at a time: a picture that comes while the last one is looked at is claimed as "unavailable".
   * @param {Picture} picture
   * @returns {Promise<Claim>}
   */
  async detect(picture) {
    if (!this.#worker || !this.#isReady || this.#answer) return UNAVAILABLE;
    const worker = this.#worker;
    const faces = await new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(null), DETECT_LIMIT);
      this.#answer = (found) => {
        this.#clock.clearTimeout(timer);
        this.#answer = null;
        resolve(found);
      };
      picture.bitmap().then(
        (bitmap) => worker.postMessage({ bitmap }, [bitmap]),
        () => this.#answer?.(null),
      );
    });
    return faces ? claimOf(faces, NAME) : UNAVAILABLE;
  }

  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isReady = false;
    this.#answer?.(null);
  }
}
