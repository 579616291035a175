"""A calibration as one SVG picture: both errors against the threshold, and against each other."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from verifier.calibration.error_rates import ErrorRate, OperatingPoint, error_curve
from verifier.calibration.report import CalibrationReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

_FMR_COLOUR = "#c8500a"
_FNMR_COLOUR = "#0067a5"
"""Vermilion and blue: told apart with every kind of colour blindness, and in grey print."""

_FMR_LABEL = "FMR: another person is accepted"
_FNMR_LABEL = "FNMR: the person is not accepted"

_INK = "#1f2933"
_MUTED = "#616e7c"
_FAINT = "#e4e7eb"

_STYLE: "dict[RcKeyType, Any]" = {
    "svg.hashsalt": "face-monitor",  # Ids would be random otherwise.
    "svg.fonttype": "path",  # Looks the same where the font is missing.
    "font.family": "DejaVu Sans",  # Comes with matplotlib.
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _MUTED,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titlepad": 40,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _FAINT,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
}

_DASHES = (0, (4, 3))

_POINT_LOOKS = {
    "match": ("o", "match"),
    "mismatch": ("s", "mismatch"),
    "fmr_1pct": ("^", "FMR 1 %"),
    "fmr_0.1pct": ("v", "FMR 0.1 %"),
}
"""Marker and label by the operating point's name."""


def draw_calibration(report: CalibrationReport, title: str) -> bytes:
    """Return the picture as SVG, the same bytes for the same report.

    A curve without pairs is left out. matplotlib is imported here and nowhere else: it takes a
    second, and no verdict needs it.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    buffer = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(11, 6), layout="constrained")
        FigureCanvasSVG(figure)
        by_threshold, by_error = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _draw_thresholds(by_threshold, report)
        _draw_det(by_error, report)
        _write_around(figure, report, title)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    return buffer.getvalue()


def _write_around(figure: "Figure", report: CalibrationReport, title: str) -> None:
    distances = report.figures.distances
    undetected = distances.same_undetected + distances.different_undetected
    caption = (
        f"Compared pairs: {len(distances.same)} of one person, {len(distances.different)} of "
        f"different people. Left out for an undetected face: {undetected}. "
        "Bars: 95 % intervals. Hollow: one of the two errors was never seen.\n"
        f"{report.engine_id}, {report.policy.policy_id}"
    )
    figure.suptitle(_plain(title), x=0.012, ha="left", fontsize=14, fontweight="bold")
    figure.supxlabel(_plain(caption), x=0.012, ha="left", fontsize=8, color=_MUTED)


def _plain(text: str) -> str:
    """Return the text without a meaning of its own: two dollar signs would be a formula."""
    return text.replace("$", r"\$")


def _draw_thresholds(axes: "Axes", report: CalibrationReport) -> None:
    """Draw both rates against the threshold, and where the policy decides."""
    match, mismatch = report.policy.match_threshold, report.policy.mismatch_threshold
    curve = error_curve(report.figures.distances)
    zero = min(_zero_of(report))
    axes.set(title="Errors against the threshold", xlabel="threshold: distance still accepted")
    axes.set_xlim(_threshold_limits(report))
    axes.set_yscale("log")
    axes.set_ylim(_limits(zero))
    _mark_percent(axes.yaxis, zero)
    axes.axvspan(match, mismatch, color=_FAINT, lw=0, zorder=0)
    for threshold, text, align in (
        (match, f"match ≤ {match:.2f}", "right"),
        (mismatch, f"{mismatch:.2f} ≤ mismatch", "left"),
    ):
        axes.axvline(threshold, color=_MUTED, lw=1)
        axes.annotate(
            text, (threshold, 1), (0, 3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha=align, color=_MUTED,
        )  # fmt: skip
    for rates, colour in ((curve.fmr, _FMR_COLOUR), (curve.fnmr, _FNMR_COLOUR)):
        axes.step(curve.thresholds, np.maximum(rates, zero), where="post", color=colour, lw=2)
    _write_below_title(axes, _FNMR_LABEL, _FNMR_COLOUR, "left")
    _write_below_title(axes, _FMR_LABEL, _FMR_COLOUR, "right")


def _write_below_title(axes: "Axes", text: str, colour: str, align: str) -> None:
    axes.annotate(
        text, (float(align == "right"), 1), (0, 20), xycoords="axes fraction",
        textcoords="offset points", ha=align, color=colour,
    )  # fmt: skip


def _threshold_limits(report: CalibrationReport) -> tuple[float, float]:
    """Return the range in which both rates move, with the policy's thresholds inside."""
    curve = error_curve(report.figures.distances)
    moving = curve.thresholds[(curve.fnmr < 0.99) & (curve.fmr < 0.99)]
    shown = [
        *moving[:1],
        *moving[-1:],
        report.policy.match_threshold,
        report.policy.mismatch_threshold,
    ]
    return float(min(shown)) - 0.05, float(max(shown)) + 0.05


def _draw_det(axes: "Axes", report: CalibrationReport) -> None:
    """Draw the errors against each other: the detection error trade-off."""
    figures = report.figures
    curve = error_curve(figures.distances)
    zeros = _zero_of(report)
    axes.set(title="Errors against each other (DET)", xlabel=_FMR_LABEL, ylabel=_FNMR_LABEL)
    axes.set_xscale("log")
    axes.set_yscale("log")
    _write_below_title(axes, "Better engines lie further left and lower.", _MUTED, "left")
    axes.set_xlim(_limits(zeros[0]))
    axes.set_ylim(_limits(zeros[1]))
    axes.xaxis.label.set_color(_FMR_COLOUR)
    axes.yaxis.label.set_color(_FNMR_COLOUR)
    _mark_percent(axes.xaxis, zeros[0])
    _mark_percent(axes.yaxis, zeros[1])
    axes.plot((max(zeros), 1), (max(zeros), 1), color=_MUTED, lw=0.8, ls=_DASHES)
    axes.step(
        np.maximum(curve.fmr, zeros[0]), np.maximum(curve.fnmr, zeros[1]), where="post",
        color=_INK, lw=1.6,
    )  # fmt: skip
    for point in figures.operating_points:
        _draw_point(axes, point, zeros)
    if figures.eer is None:
        axes.text(0.5, 0.5, "One kind of pair is missing.", ha="center", transform=axes.transAxes)
        return
    axes.plot([], [], color=_MUTED, lw=0.8, ls=_DASHES, label=f"EER {100 * figures.eer:.2f} %")
    axes.legend(loc="upper right", framealpha=1, edgecolor="none")


def _draw_point(axes: "Axes", point: OperatingPoint, zeros: tuple[float, float]) -> None:
    """Draw an operating point; the policy's own, which were not chosen here, with intervals."""
    fmr, fnmr = point.fmr.value, point.fnmr.value
    if fmr is None or fnmr is None:
        return
    marker, label = _POINT_LOOKS[point.name]
    at = (max(fmr, zeros[0]), max(fnmr, zeros[1]))
    is_shipped = point.name in {"match", "mismatch"}
    if is_shipped:
        axes.plot(_bar(point.fmr, zeros[0]), (at[1], at[1]), "|-", color=_FMR_COLOUR, lw=1.2)
        axes.plot((at[0], at[0]), _bar(point.fnmr, zeros[1]), "_-", color=_FNMR_COLOUR, lw=1.2)
    axes.plot(
        *at, marker, ms=7 if is_shipped else 5.5, color=_INK, zorder=5,
        mfc=_INK if fmr > 0 and fnmr > 0 else "white", label=f"{label}, ≤ {point.threshold:.3f}",
    )  # fmt: skip


def _bar(rate: ErrorRate, zero: float) -> tuple[float, float]:
    low, high = rate.interval or (zero, zero)
    return max(low, zero), max(high, zero)


def _zero_of(report: CalibrationReport) -> tuple[float, float]:
    """Return where FMR and FNMR of 0, which no logarithm reaches, are drawn.

    Half of the smallest rate that the pairs can show, and at most 1 %.
    """
    distances = report.figures.distances
    return 0.5 / max(len(distances.different), 50), 0.5 / max(len(distances.same), 50)


def _limits(zero: float) -> tuple[float, float]:
    return 0.8 * zero, 1.15


def _mark_percent(axis: "Axis", zero: float) -> None:
    """Give a logarithmic axis ticks in percent, with a place for 0 at its lower end."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter

    decades = [rate for rate in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0) if rate > 1.5 * zero]
    between = [decade * part / 10 for decade in decades for part in range(2, 10)]
    axis.set_major_locator(FixedLocator([zero, *decades]))
    axis.set_major_formatter(FixedFormatter(["0", *(f"{100 * rate:g} %" for rate in decades)]))
    axis.set_minor_locator(FixedLocator([rate for rate in between if rate > 1.2 * zero]))
    axis.set_minor_formatter(NullFormatter())
