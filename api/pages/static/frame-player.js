import { byId, say } from "./elements.js";
import { ask } from "./service.js";

/** Milliseconds a frame stays while they play. */
const FRAME_MILLISECONDS = 700;

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/** Shows one frame of an attempt after another, with its boxes. */
export class FramePlayer extends EventTarget {
  /** @param {string} attemptId @param {number[]} seqs in order */
  constructor(attemptId, seqs) {
    super();
    this.attemptId = attemptId;
    this.seqs = seqs;
    /** @type {number|null} */
    this.seq = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  get isPlaying() {
    return this.timer !== undefined;
  }

  /** Shows the frame, or the nearest one there is. @param {number} wanted */
  async show(wanted) {
    const seq = this.nearest(wanted);
    if (seq === undefined || seq === this.seq) return;
    this.seq = seq;
    this.dispatchEvent(new CustomEvent("seq", { detail: seq }));
    const address = `/api/v1/attempts/${this.attemptId}/frames/${seq}`;
    const picture = byId("frame-picture", HTMLImageElement);
    byId("frame-boxes", SVGElement).replaceChildren();
    document.getElementById("frame-none")?.setAttribute("hidden", "");
    picture.hidden = false;
    picture.src = `${address}/image`;
    picture.alt = `Frame ${seq}`;
    const frame = await ask("GET", address).catch(() => null);
    if (frame && this.seq === seq) drawBoxes(frame);
  }

  /** @param {number} by */
  step(by) {
    const at = this.seqs.indexOf(this.seq ?? this.seqs[0]);
    const next = this.seqs[at + by];
    if (next !== undefined) this.show(next);
    return next !== undefined;
  }

  toggle() {
    if (this.isPlaying) return this.stop();
    const go = () => {
      this.timer = this.step(1) ? setTimeout(go, FRAME_MILLISECONDS) : undefined;
      this.dispatchEvent(new Event("playing"));
    };
    go();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dispatchEvent(new Event("playing"));
  }

  /** @param {number} wanted */
  nearest(wanted) {
    return this.seqs.reduce((/** @type {number|undefined} */ best, seq) => (best === undefined || Math.abs(seq - wanted) < Math.abs(best - wanted) ? seq : best), undefined);
  }
}

/** The faces the server found, drawn solid; those the page claimed, dashed. @param {any} frame */
function drawBoxes({ claim, verification }) {
  const boxes = byId("frame-boxes", SVGElement);
  if (!verification?.image_width) return;
  boxes.setAttribute("viewBox", `0 0 ${verification.image_width} ${verification.image_height}`);
  const claimed = (claim?.boxes ?? []).map((/** @type {Box} */ box) => rectangle(box, "box-claimed"));
  const found = (verification.faces ?? []).map((/** @type {any} */ face) => rectangle(face.box, face.is_subject ? "box-found subject" : "box-found"));
  boxes.replaceChildren(...claimed, ...found);
  byId("frame-view", HTMLElement).dataset.verdict = verification.verdict;
}

/** @param {Box} box @param {string} name */
function rectangle(box, name) {
  const drawn = document.createElementNS(SVG, "rect");
  for (const side of /** @type {const} */ (["x", "y", "width", "height"])) drawn.setAttribute(side, String(box[side]));
  drawn.setAttribute("class", name);
  drawn.setAttribute("vector-effect", "non-scaling-stroke");
  return drawn;
}

/** Says what page and server made of a frame. @param {import("./course-chart.js").Course} course @param {number} seq */
export function sayFrame(course, seq) {
  const { frames } = course;
  const at = frames.seq.indexOf(seq);
  if (at < 0) return;
  const distance = frames.distance[at];
  say(byId("frame-title", HTMLElement), `frame ${seq}`);
  say(byId("frame-claim", HTMLElement), wordsFor("claim", frames.claim[at]));
  say(byId("frame-verdict", HTMLElement), wordsFor("verdict", frames.verdict[at]) + (frames.disagrees[at] ? ", against the page's claim" : ""));
  say(byId("frame-distance", HTMLElement), distance === null ? "No distance" : `Distance ${distance.toFixed(3)}; match up to ${course.match_threshold.toFixed(2)}, mismatch from ${course.mismatch_threshold.toFixed(2)}`);
  say(byId("frame-received", HTMLElement), `Received ${clock(frames.received_ms[at])}${frames.is_late[at] ? ", sent late" : ""}`);
  say(byId("frame-captured", HTMLElement), frames.captured_ms[at] === null ? "Told no time" : `By its clock ${clock(frames.captured_ms[at])}`);
}

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  claim: { one_face: "One face", no_face: "No face", several_faces: "Several faces", unavailable: "Could not look", none: "Claimed nothing" },
  verdict: { match: "Match", mismatch: "Mismatch", inconclusive: "Inconclusive", no_face: "No face", multiple_faces: "Several faces", low_quality: "Low quality", present: "Somebody is there", error: "Error", none: "Waits for a worker" },
};

/** @param {"claim"|"verdict"} what @param {string|null} code */
function wordsFor(what, code) {
  return WORDS[what][code ?? "none"] ?? code ?? "";
}

/** @param {number|null} milliseconds */
export function clock(milliseconds) {
  return milliseconds === null ? "" : new Date(milliseconds).toLocaleTimeString("en-GB", { hour12: false });
}

/** One line about a frame. @param {import("./course-chart.js").Course} course @param {number|null} at */
export function readingOf({ frames }, at) {
  if (at === null) return "";
  const distance = frames.distance[at];
  const parts = [clock(frames.received_ms[at]), `frame ${frames.seq[at]}`, `claimed: ${wordsFor("claim", frames.claim[at])}`, `found: ${wordsFor("verdict", frames.verdict[at])}`];
  return [...parts, ...(distance === null ? [] : [`distance ${distance.toFixed(3)}`])].join(" · ");
}
