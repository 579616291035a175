/** What the chart of an attempt shows besides its line. Shapes differ as well as colours. */

/** @typedef {import("./course-chart.js").CourseChart} CourseChart */

/** @type {Record<string, string>} the variable of the stylesheet behind each tone */
const VARIABLES = { ink: "--ink", muted: "--pico-muted-color", line: "--line", good: "--good", bad: "--bad", unsure: "--unsure", differ: "--differ", primary: "--pico-primary" };

/** @type {Record<string, string>} */
const VERDICT_TONES = { match: "good", present: "good", mismatch: "bad", no_face: "bad", multiple_faces: "bad", inconclusive: "unsure", low_quality: "unsure", error: "unsure" };

/** @type {Record<string, string>} */
const SEVERITY_TONES = { high: "bad", medium: "unsure", low: "muted" };

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

  /** Incidents and gaps. */
  function behind() {
    clipped(() => {
      for (const gap of course.gaps) band(gap.begin_ms, gap.end_ms, "muted", 0.14);
      for (const incident of course.incidents) band(incident.begin_ms, incident.end_ms, SEVERITY_TONES[incident.severity] ?? "muted", incident.id === chart.incidentId ? 0.3 : 0.14);
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
    for (const [name, part] of /** @type {[string, number][]} */ ([["good", 0.5], ["muted", 0.5], ["unsure", 0.75], ["bad", 1]])) {
      ctx.fillStyle = tone(name);
      course.frames.verdict.forEach((verdict, at) => {
        if (verdictTone(verdict) === name) ctx.fillRect(x(course.frames.received_ms[at]), bottom - height * part, width, height * part);
      });
    }
  }

  return { behind, before };
}
