/** What the chart of an attempt shows besides its line. Shapes differ as well as colours; course_legend.html says what they mean. */

/** @typedef {import("./course-chart.js").CourseChart} CourseChart */

/** @type {Record<string, string>} the variable of the stylesheet behind each tone */
const VARIABLES = { ink: "--ink", muted: "--pico-muted-color", line: "--line", good: "--good", bad: "--bad", unsure: "--unsure", differ: "--differ", primary: "--pico-primary" };

/** @type {Record<string, string>} */
const VERDICT_TONES = { match: "good", present: "good", mismatch: "bad", no_face: "bad", multiple_faces: "bad", inconclusive: "unsure", low_quality: "unsure", error: "unsure" };

/** @type {Record<string, string>} */
const SEVERITY_TONES = { high: "bad", medium: "unsure", low: "muted" };

/** @type {Record<string, number>} how thick the edge of an incident is, in pixels */
const SEVERITY_EDGES = { high: 5, medium: 3, low: 1 };

/** Pixels between the strokes of a gap. */
const HATCH = 6;

/** The colour a tone has in the reader's scheme; a canvas knows no variables. @param {string} tone */
export function toneOf(tone) {
  const probe = document.createElement("span");
  probe.style.color = `var(${VARIABLES[tone] ?? "--ink"})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** @param {string|null} verdict */
function verdictTone(verdict) {
  return VERDICT_TONES[verdict ?? ""] ?? "muted";
}

/** @param {import("/static/vendor/uplot/uPlot.esm.js")} plot @param {CourseChart} chart */
export function marksOf(plot, chart) {
  const { ctx, bbox } = plot;
  const { course } = chart;
  const ratio = devicePixelRatio;
  const tones = new Map();
  /** @param {string} name @returns {string} */
  const tone = (name) => tones.get(name) ?? (tones.set(name, toneOf(name)), tones.get(name));
  /** @param {number} milliseconds */
  const x = (milliseconds) => plot.valToPos(milliseconds / 1000, "x", true);
  /** @param {number} distance */
  const y = (distance) => plot.valToPos(distance, "y", true);

  /** @param {() => void} draw */
  function clipped(draw) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top - 12 * ratio, bbox.width, bbox.height + 12 * ratio);
    ctx.clip();
    draw();
    ctx.restore();
  }

  /** @param {number} from @param {number} to @param {string} name @param {number} strength */
  function band(from, to, name, strength) {
    ctx.globalAlpha = strength;
    ctx.fillStyle = tone(name);
    ctx.fillRect(x(from), bbox.top, Math.max(x(to) - x(from), 2 * ratio), bbox.height);
    ctx.globalAlpha = 1;
  }

  /** @param {number} at @param {string} name @param {number[]} dash */
  function upright(at, name, dash) {
    line([[at, bbox.top], [at, bbox.top + bbox.height]], name, dash);
  }

  /** @param {[number, number][]} points @param {string} name @param {number[]} dash */
  function line(points, name, dash) {
    ctx.strokeStyle = tone(name);
    ctx.lineWidth = ratio;
    ctx.setLineDash(dash.map((length) => length * ratio));
    ctx.beginPath();
    for (const [left, top] of points) ctx.lineTo(left, top);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** Strokes wherever nothing came, in one go: there may be hundreds of gaps. */
  function hatch() {
    ctx.save();
    ctx.beginPath();
    for (const gap of course.gaps) ctx.rect(x(gap.begin_ms), bbox.top, Math.max(x(gap.end_ms) - x(gap.begin_ms), 2 * ratio), bbox.height);
    ctx.clip();
    ctx.beginPath();
    for (let at = bbox.left - bbox.height; at < bbox.left + bbox.width; at += HATCH * ratio) {
      ctx.moveTo(at, bbox.top + bbox.height);
      ctx.lineTo(at + bbox.height, bbox.top);
    }
    ctx.strokeStyle = tone("muted");
    ctx.globalAlpha = 0.6;
    ctx.lineWidth = ratio;
    ctx.stroke();
    ctx.restore();
  }

  /** A band whose edge is thicker the more severe it is. @param {CourseChart["course"]["incidents"][0]} incident */
  function incidentBand({ id, severity, begin_ms: from, end_ms: to }) {
    const name = SEVERITY_TONES[severity] ?? "muted";
    band(from, to, name, id === chart.incidentId ? 0.3 : 0.14);
    ctx.fillStyle = tone(name);
    ctx.fillRect(x(from), bbox.top, Math.max(x(to) - x(from), 2 * ratio), (SEVERITY_EDGES[severity] ?? 1) * ratio);
  }

  /** Incidents and gaps. */
  function behind() {
    clipped(() => {
      hatch();
      for (const incident of course.incidents) incidentBand(incident);
    });
  }

  /** Thresholds, verdicts, events, milestones and the frame that is shown. @param {number} strip @param {number|null} markedAt */
  function before(strip, markedAt) {
    clipped(() => {
      for (const [distance, name] of /** @type {[number, string][]} */ ([[course.match_threshold, "good"], [course.mismatch_threshold, "bad"]])) {
        line([[bbox.left, y(distance)], [bbox.left + bbox.width, y(distance)]], name, [6, 4]);
      }
      for (const milestone of course.milestones) upright(x(milestone.at_ms), "primary", [2, 3]);
      for (const event of course.events) triangle(x(event.received_ms));
      verdicts(strip * ratio);
      if (markedAt !== null) upright(x(markedAt * 1000), "ink", []);
    });
  }

  /** An event hangs from the upper edge. @param {number} at */
  function triangle(at) {
    ctx.fillStyle = tone("differ");
    ctx.beginPath();
    ctx.moveTo(at - 4 * ratio, bbox.top - 9 * ratio);
    ctx.lineTo(at + 4 * ratio, bbox.top - 9 * ratio);
    ctx.lineTo(at, bbox.top - 1 * ratio);
    ctx.fill();
  }

  /** Each frame's verdict along the lower edge; what is wrong stands higher. @param {number} height */
  function verdicts(height) {
    const bottom = bbox.top + bbox.height;
    const width = Math.max(bbox.width / Math.max(course.frames.seq.length, 1), 1.5 * ratio);
    for (const [name, part] of /** @type {[string, number][]} */ ([["muted", 0.2], ["good", 0.5], ["unsure", 0.75], ["bad", 1]])) {
      ctx.fillStyle = tone(name);
      course.frames.verdict.forEach((verdict, at) => {
        if (verdictTone(verdict) === name) ctx.fillRect(x(course.frames.received_ms[at]), bottom - height * part, width, height * part);
      });
    }
  }

  return { behind, before };
}
