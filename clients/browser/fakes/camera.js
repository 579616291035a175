/** @import {Camera, CameraDevice, Picture} from "../src/types.js" */

/** A camera whose every picture is a new one: the bytes of a tiny "JPEG" that count up. @implements {Camera} */
export class FakeCamera extends EventTarget {
  taken = 0;
  opened = 0;
  isOpen = false;
  hasPicture = true;
  device = { deviceId: "built-in", label: "Built-in camera" };
  /** @type {Error|null} */
  refusal = null;

  /** @param {{deviceId?: string}} [choice] @returns {Promise<CameraDevice>} */
  async open({ deviceId } = {}) {
    this.opened += 1;
    if (this.refusal) throw this.refusal;
    this.isOpen = true;
    return deviceId ? { deviceId, label: deviceId } : this.device;
  }

  /** @returns {Promise<Picture & {number: number}|null>} */
  async takePicture() {
    if (!this.isOpen || !this.hasPicture) return null;
    this.taken += 1;
    const number = this.taken;
    return {
      number,
      width: 640,
      height: 480,
      jpeg: async () => jpegOf(number),
      bitmap: async () => /** @type {any} */ ({ number, close() {} }),
    };
  }

  close() {
    this.isOpen = false;
  }

  /** @param {string} cause */
  lose(cause) {
    this.isOpen = false;
    this.dispatchEvent(new CustomEvent("lost", { detail: { cause } }));
  }
}

/** @param {number} number @returns {Uint8Array} */
export function jpegOf(number) {
  return new Uint8Array([0xff, 0xd8, 0xff, ...new TextEncoder().encode(`picture ${number} of a student`)]);
}
