import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { clock } from "./frame-player.js";
import { marksOf, toneOf } from "./course-marks.js";

const HEIGHT = 280;

/** Pixels the strip of verdicts is high. */
const STRIP = 10;

/** How far one key press zooms. */
const ZOOM = 2;

/**
 * @typedef {object} Course as `GET /api/v1/attempts/{id}/course` gives it
 * @property {number} match_threshold
 * @property {number} mismatch_threshold
 * @property {{seq: number[], received_ms: number[], captured_ms: (number|null)[], verdict: (string|null)[], distance: (number|null)[], claim: (string|null)[], disagrees: boolean[], is_late: boolean[]}} frames
 * @property {{from_seq: number, to_seq: number, begin_ms: number, end_ms: number}[]} gaps
 * @property {{kind: string, reason: string, received_ms: number, client_ms: number}[]} events
 * @property {{to_state: string, at_ms: number, reason: string}[]} milestones
 * @property {{id: string, kind: string, severity: string, begin_ms: number, end_ms: number, is_open: boolean}[]} incidents
 */

/** The course of an attempt on one time axis. It tells of `pick` and `hover`, each with a place in the columns or null. */
export class CourseChart extends EventTarget {
  /** @type {number|null} the frame that is marked, in seconds */
  #markedAt = null;

  /** @param {HTMLElement} box @param {Course} course @param {string} incidentId */
  constructor(box, course, incidentId) {
    super();
    this.course = course;
    this.incidentId = incidentId;
    const { frames } = course;
    /** Places in the columns, by receipt: a backlog comes in another order than it was taken. */
    this.order = frames.seq.map((_seq, at) => at).sort((one, other) => frames.received_ms[one] - frames.received_ms[other]);
    const times = this.order.map((at) => frames.received_ms[at] / 1000);
    const distances = this.order.map((at) => frames.distance[at]);
    box.replaceChildren();
    this.plot = new uPlot(this.#options(box.clientWidth), [times, distances], box);
    this.plot.over.addEventListener("click", () => this.#tell("pick"));
    new ResizeObserver(() => this.plot.setSize({ width: box.clientWidth, height: HEIGHT })).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot.redraw(false));
    const canvas = this.plot.ctx.canvas;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", this.#summary());
  }

  /** Marks a frame. @param {number} at its place in the columns */
  mark(at) {
    this.#markedAt = this.course.frames.received_ms[at] / 1000;
    const { min, max } = this.plot.scales.x;
    if (min != null && max != null && (this.#markedAt < min || this.#markedAt > max)) this.#show(this.#markedAt, max - min);
    else this.plot.redraw(false);
  }

  zoomIn() {
    this.#zoom(1 / ZOOM);
  }

  zoomOut() {
    this.#zoom(ZOOM);
  }

  showAll() {
    const times = this.plot.data[0];
    if (times.length) this.plot.setScale("x", { min: times[0], max: Math.max(times[times.length - 1], times[0] + 1) });
  }

  /** @param {number} factor */
  #zoom(factor) {
    const { min, max } = this.plot.scales.x;
    if (min == null || max == null) return;
    const middle = this.#markedAt !== null && this.#markedAt >= min && this.#markedAt <= max ? this.#markedAt : (min + max) / 2;
    this.#show(middle, (max - min) * factor);
  }

  /** @param {number} middle @param {number} length both in seconds */
  #show(middle, length) {
    const times = this.plot.data[0];
    const whole = times[times.length - 1] - times[0];
    if (length >= whole) return this.showAll();
    const min = Math.min(Math.max(middle - length / 2, times[0]), times[times.length - 1] - length);
    this.plot.setScale("x", { min, max: min + length });
  }

  /** @param {"pick"|"hover"} what */
  #tell(what) {
    const place = this.plot.cursor.idx;
    this.dispatchEvent(new CustomEvent(what, { detail: place == null ? null : this.order[place] }));
  }

  #summary() {
    const { frames, incidents, gaps, events } = this.course;
    return `Distance of ${frames.seq.length} frames over time with both thresholds, ${incidents.length} incidents, ${gaps.length} gaps and ${events.length} events. The table of frames holds the same.`;
  }

  /** @param {number} width @returns {uPlot.Options} */
  #options(width) {
    const highest = this.course.frames.distance.reduce((/** @type {number} */ most, one) => Math.max(most, one ?? 0), 1);
    /** @type {uPlot.Axis} */
    const axis = { stroke: () => toneOf("muted"), grid: { stroke: () => toneOf("line"), width: 1 }, ticks: { stroke: () => toneOf("line"), width: 1 } };
    return {
      width,
      height: HEIGHT,
      padding: [14, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 8 } },
      scales: { y: { range: [0, Math.ceil((highest + 0.05) * 10) / 10] } },
      axes: [{ ...axis, values: (_plot, splits) => splits.map((moment) => clock(moment * 1000)) }, { ...axis, label: "Distance", labelSize: 18, size: 44 }],
      series: [{}, { stroke: () => toneOf("ink"), width: 1.25, points: { show: false }, spanGaps: false }],
      hooks: {
        drawClear: [(plot) => marksOf(plot, this).behind()],
        draw: [(plot) => marksOf(plot, this).before(STRIP, this.#markedAt)],
        setCursor: [() => this.#tell("hover")],
      },
    };
  }
}
