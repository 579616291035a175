/** @import {Claim, Detector, Picture} from "../src/types.js" */
import { claimOf, UNAVAILABLE } from "../src/claim.js";

/**
 * Sees one face in every picture, at an x that is the picture's number: so a test can tell which picture was seen.
 * @implements {Detector}
 */
export class FakeDetector {
  faceCount = 1;
  running = 0;
  mostAtOnce = 0;
  /** @type {Error|null} */
  failure = null;
  isLoaded = false;
  /** @type {() => Promise<void>} how long looking takes */
  look = async () => {};

  async load() {
    if (this.failure) throw this.failure;
    this.isLoaded = true;
  }

  /** @param {Picture} picture @returns {Promise<Claim>} */
  async detect(picture) {
    if (!this.isLoaded) return UNAVAILABLE;
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    await this.look();
    this.running -= 1;
    const x = /** @type {Picture & {number: number}} */ (picture).number;
    const faces = Array.from({ length: this.faceCount }, () => ({ score: 0.9, box: { x, y: 0, width: 100, height: 100 } }));
    return claimOf(faces, "fake");
  }

  close() {}
}
