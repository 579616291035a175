import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { toneOf } from "./course-marks.js";
import { byId, say } from "./elements.js";
import { clock } from "./frame-player.js";
import { ask, wordsOf } from "./service.js";

const HEIGHT = 260;

const box = byId("course", HTMLElement);

/** @typedef {{seq: number[], received_ms: number[], recorded_distance: (number|null)[], distance: (number|null)[]}} Columns as `GET …/rescores/{id}/course` gives them */

/** A dashed line at a distance. @param {uPlot} plot @param {string|undefined} distance @param {string} tone */
function threshold(plot, distance, tone) {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(Number(distance), "y", true)) + 0.5;
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = tone;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** @param {uPlot} plot */
function thresholds(plot) {
  const { recordedMatch, recordedMismatch, match, mismatch } = box.dataset;
  for (const distance of [recordedMatch, recordedMismatch]) threshold(plot, distance, toneOf("muted"));
  for (const distance of [match, mismatch]) threshold(plot, distance, toneOf("primary"));
}

/** @param {Columns} columns */
function show(columns) {
  const order = columns.seq.map((_seq, at) => at).sort((one, other) => columns.received_ms[one] - columns.received_ms[other]);
  const highest = [...columns.distance, ...columns.recorded_distance].reduce((/** @type {number} */ most, one) => Math.max(most, one ?? 0), 0.8);
  /** @type {uPlot.Axis} */
  const axis = { stroke: () => toneOf("muted"), grid: { stroke: () => toneOf("line"), width: 1 }, ticks: { stroke: () => toneOf("line"), width: 1 } };
  box.replaceChildren();
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT,
      padding: [14, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 8 } },
      scales: { y: { range: [0, Math.ceil((highest + 0.05) * 10) / 10] } },
      axes: [{ ...axis, values: (_plot, splits) => splits.map((moment) => clock(moment * 1000)) }, { ...axis, label: "Distance", labelSize: 18, size: 44 }],
      series: [{}, { stroke: () => toneOf("muted"), width: 1.25, points: { show: false } }, { stroke: () => toneOf("primary"), width: 1.5, points: { show: false } }],
      hooks: { drawAxes: [thresholds] },
    },
    [order.map((at) => columns.received_ms[at] / 1000), order.map((at) => columns.recorded_distance[at]), order.map((at) => columns.distance[at])],
    box,
  );
  new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT })).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false));
  const canvas = plot.ctx.canvas;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Distances of ${columns.seq.length} frames, on record and found again. The table below holds the same.`);
}

ask("GET", box.dataset.course ?? "").then(show, (error) => say(box, wordsOf(error)));
