/**
 * Runs face-api.js outside the page. face-api.js expects a document; a worker has none, so it is told what to use
 * instead and gets its pictures as tensors.
 * Measured on 2 cores without a GPU: 0.3 to 0.7 s a picture, on the page's own thread that would be one long freeze.
 */

/** Names under which browsers hide that "WebGL" is a processor pretending: compiling shaders there takes 4 s. */
const SOFTWARE_RENDERER = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** @type {any} the module face-api.esm.js */
let faceapi;
/** @type {{inputSize: number, scoreThreshold: number}} */
let settings;

self.onmessage = async ({ data }) => {
  try {
    self.postMessage(data.load ? await load(data.load) : { faces: await detect(data.bitmap) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};

/** @param {{faceApiUrl: string, weightsUrl: string, inputSize: number, scoreThreshold: number}} options */
async function load({ faceApiUrl, weightsUrl, ...rest }) {
  settings = rest;
  faceapi = await import(faceApiUrl);
  faceapi.env.setEnv(createWorkerEnv());
  await chooseBackend();
  await faceapi.nets.tinyFaceDetector.loadFromUri(weightsUrl);
  await detect(await createImageBitmap(new ImageData(64, 48))); // The first run compiles; no student waits for it.
  return { backend: faceapi.tf.getBackend() };
}

/** @param {ImageBitmap} bitmap @returns {Promise<object[]>} boxes in pixels of the bitmap */
async function detect(bitmap) {
  const scale = settings.inputSize / Math.max(bitmap.width, bitmap.height);
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2d canvas in this worker");
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const pixels = faceapi.tf.browser.fromPixels(context.getImageData(0, 0, canvas.width, canvas.height));
  try {
    const found = await faceapi.nets.tinyFaceDetector.locateFaces(pixels, settings);
    return found.map((/** @type {any} */ { score, box }) => ({
      score,
      box: { x: box.x / scale, y: box.y / scale, width: box.width / scale, height: box.height / scale },
    }));
  } finally {
    pixels.dispose();
  }
}

/** A real graphics card beats the processor by far; a pretended one is no faster and takes seconds to start. */
async function chooseBackend() {
  const { tf } = faceapi;
  if (!hasGraphicsCard() || !(await tf.setBackend("webgl").catch(() => false))) await tf.setBackend("cpu");
  await tf.ready();
}

function hasGraphicsCard() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  if (!gl) return false;
  const renderer = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE_RENDERER.test(renderer);
}

function createWorkerEnv() {
  class Absent {}
  const refuse = () => {
    throw new Error("not in a worker");
  };
  return {
    Canvas: OffscreenCanvas,
    CanvasRenderingContext2D: OffscreenCanvasRenderingContext2D,
    Image: Absent,
    Video: Absent,
    ImageData,
    createCanvasElement: () => new OffscreenCanvas(1, 1),
    createImageElement: refuse,
    createVideoElement: refuse,
    fetch: self.fetch.bind(self),
    readFile: refuse,
  };
}
