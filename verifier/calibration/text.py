"""A calibration as text for people."""

from collections.abc import Mapping
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.calibration.error_rates import ErrorRate, OperatingPoint
from verifier.calibration.report import CalibrationFigures, CalibrationReport
from verifier.policy import MatchPolicy

MAX_PATHS = 10
"""Undetected images that are named; all of them stand in the JSON."""


def print_calibration(console: Console, report: CalibrationReport) -> None:
    """Print the summary, the operating points, the verdicts and, where there are any, groups."""
    figures = report.figures
    console.print(_summary(report))
    _print_part(console, "Errors by threshold, with 95 % intervals", _points(figures))
    _print_part(console, "Verdicts", _verdicts(figures.verdicts))
    if report.groups:
        _print_part(console, "Groups", _groups(report.groups, report.policy))
    if figures.undetected_paths:
        _print_part(console, "No face was found in", _paths(figures.undetected_paths))


def _print_part(console: Console, title: str, body: Table | Text) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    console.print(body, soft_wrap=isinstance(body, Text))


def _summary(report: CalibrationReport) -> Table:
    figures, distances = report.figures, report.figures.distances
    same = len(distances.same) + distances.same_undetected
    fit = report.match_score_fit
    table = Table.grid(padding=(0, 2))
    table.add_row("pairs", f"{distances.count} ({same} same, {distances.count - same} different)")
    table.add_row("images", f"{figures.images} ({len(figures.undetected_paths)} without a face)")
    table.add_row(
        "best accuracy",
        f"{_percent(figures.accuracy_best)} at {_threshold(figures.threshold_best)}",
    )
    table.add_row("equal error rate", _percent(figures.eer))
    table.add_row(
        "match score fit",
        f"middle {fit.middle:.3f}, slope {fit.slope:.1f}" if fit else "not possible",
    )
    table.add_row("engine", report.engine_id)
    table.add_row("policy", report.policy.policy_id)
    table.add_row("time", f"{report.seconds:.1f} s")
    return table


def _points(figures: CalibrationFigures) -> Table:
    table = _table("", "accepts", "FMR", "FNMR", "FRR")
    for point in figures.operating_points:
        table.add_row(
            point.name,
            "-" if point.threshold is None else f"≤ {_threshold(point.threshold)}",
            _with_interval(point.fmr),
            _with_interval(point.fnmr),
            _percent(point.frr.value),
        )
    return table


def _verdicts(verdicts: Mapping[str, Mapping[str, int]]) -> Table:
    table = _table("", *verdicts)
    for name in sorted({name for counts in verdicts.values() for name in counts}):
        found = (str(counts.get(name, 0)) for counts in verdicts.values())
        table.add_row(name.replace("_", " "), *found)
    return table


def _groups(groups: Mapping[str, CalibrationFigures], policy: MatchPolicy) -> Table:
    match, mismatch = f"{policy.match_threshold:.2f}", f"{policy.mismatch_threshold:.2f}"
    table = _table(
        "", "pairs", "no face", "EER", f"FMR\n≤ {match}", f"FRR\n≤ {match}", f"FMR\n≤ {mismatch}",
        f"FRR\n≤ {mismatch}", "FRR at\nFMR 1 %",
    )  # fmt: skip
    for name, figures in groups.items():
        points = {point.name: point for point in figures.operating_points}
        table.add_row(
            Text(name),
            str(figures.distances.count),
            str(len(figures.undetected_paths)),
            _percent(figures.eer),
            *_fmr_and_frr(points["match"]),
            *_fmr_and_frr(points["mismatch"]),
            _percent(points["fmr_1pct"].frr.value),
        )
    return table


def _fmr_and_frr(point: OperatingPoint) -> tuple[str, str]:
    return _percent(point.fmr.value), _percent(point.frr.value)


def _paths(paths: tuple[str, ...]) -> Text:
    shown = "\n".join(f"  {path}" for path in paths[:MAX_PATHS])
    rest = len(paths) - MAX_PATHS
    return Text(f"{shown}\n  … and {rest} more" if rest > 0 else shown)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for index, title in enumerate(titles):
        justify: Literal["left", "right"] = "right" if index else "left"
        table.add_column(title, justify=justify, no_wrap=True, vertical="bottom")
    return table


def _with_interval(rate: ErrorRate) -> str:
    interval = rate.interval
    if interval is None:
        return "-"
    low, high = (100 * bound for bound in interval)
    return f"{_percent(rate.value)} ({low:.2f}-{high:.2f})"


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{100 * part:.2f} %"


def _threshold(threshold: float | None) -> str:
    return "-" if threshold is None else f"{threshold:.4f}"
