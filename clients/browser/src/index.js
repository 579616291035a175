/** @import {MonitorOptions, MonitorParts} from "./types.js" */
import { BrowserCamera } from "./camera.js";
import { createPageClock } from "./clock.js";
import { WorkerDetector } from "./detector.js";
import { openStore } from "./disk-store.js";
import { Monitor } from "./monitor.js";
import { thisPage } from "./page-activity.js";

export { BrowserCamera, CameraError } from "./camera.js";
export { WorkerDetector } from "./detector.js";
export { brightnessOf, listCameras, lookForGuidance } from "./guidance.js";
export { Monitor };

const FACE_API_URL = "/static/vendor/face-api/face-api.esm.js";
const WEIGHTS_URL = "/static/vendor/face-api/model/";

/**
 * Starts monitoring one attempt. Returns at once: listeners added in the same turn hear every event.
 * @param {MonitorOptions} options
 * @param {Partial<MonitorParts>} [parts] replacements for camera, detector, clock, … (tests, other pages)
 * @returns {Monitor}
 */
export function startMonitor(options, parts = {}) {
  if (!options.attemptId) throw new TypeError("startMonitor needs the option attemptId.");
  if (!options.csrfToken) throw new TypeError("startMonitor needs the option csrfToken.");
  if (!globalThis.crypto?.subtle) throw new TypeError("startMonitor needs a page served by HTTPS or from this computer.");
  const { video, faceApiUrl = FACE_API_URL, weightsUrl = WEIGHTS_URL, apiUrl = "/api/v1", presenceIntervalSeconds = 1 } = options;
  const clock = parts.clock ?? createPageClock();
  return new Monitor(
    { ...options, apiUrl, presenceIntervalSeconds },
    {
      camera: parts.camera ?? new BrowserCamera(video),
      detector: parts.detector ?? new WorkerDetector({ faceApiUrl, weightsUrl, clock }),
      clock,
      fetch: parts.fetch ?? globalThis.fetch.bind(globalThis),
      openStore: parts.openStore ?? openStore,
      page: parts.page ?? thisPage(),
      random: parts.random ?? Math.random,
      locks: parts.locks === undefined ? (globalThis.navigator?.locks ?? null) : parts.locks,
    },
  );
}
