"""A benchmark as text for people."""

from collections.abc import Mapping
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.benchmark.dlib_agreement import DlibAgreement
from verifier.benchmark.report import BenchmarkReport, Source, TimedPart
from verifier.benchmark.soak import SoakFigures
from verifier.benchmark.timings import Timings

_SOURCE_TEXT = {
    Source.FOLDER: "pictures of the folder",
    Source.PORTRAITS: "the demo's portraits",
    Source.DRAWING: "a drawn face: no folder was named and the demo's portraits are not installed",
}

_STAGES = ("decode", "quality", "detect", "encode", "compare")

_CONTENDERS = ("frame", "face_recognition_hog", "face_recognition_cnn")


def print_benchmark(console: Console, report: BenchmarkReport) -> None:
    """Print every part of the report that is there."""
    if report.timed:
        timings = report.timed.timings
        _print_part(console, "One face in a webcam frame, bytes to verdict", _stages(timings))
        _print_part(console, "Other frames", _other_frames(timings))
        _print_part(console, "Networks alone", _networks(timings))
        _print_part(console, "One engine, one core", _engine(report.timed))
    if report.soak:
        _print_part(console, "Memory over many frames of every kind and size", _soak(report.soak))
    if report.oracle:
        _print_part(console, "Answers beside dlib's own", _oracle(report.oracle))
    _print_part(console, "This run", _run(report))


def _print_part(console: Console, title: str, body: Table) -> None:
    console.print(Text(title, style="bold"))
    console.print(body)
    console.print()


def _stages(timings: Timings) -> Table:
    table = _table("median ms", "this engine", "face_recognition", "its CNN detector")
    for stage in _STAGES:
        found = [timings.stage_ms(name, stage) for name in _CONTENDERS]
        table.add_row(stage, *(_ms(milliseconds) for milliseconds in found))
    whole = (_ms(timings.ms(name)) for name in _CONTENDERS)
    table.add_row("whole frame", *whole, style="bold", end_section=True)
    slower = (_times(timings.ratio(name, "frame")) for name in _CONTENDERS[1:])
    table.add_row("faster by", "", *slower)
    return table


def _other_frames(timings: Timings) -> Table:
    table = _table("median ms", "this engine")
    table.add_row("somebody else", _ms(timings.ms("suspicious_frame")))
    table.add_row("nobody there", _ms(timings.ms("empty_frame")))
    upsampled = timings.ms("face_recognition_cnn_upsampled")
    if upsampled is not None:
        table.add_row("face_recognition, CNN detector, upsampled", _ms(upsampled))
    return table


def _networks(timings: Timings) -> Table:
    table = _table("median ms", "this engine", "dlib", "faster by")
    descriptor = timings.ms("descriptor"), timings.ms("dlib_descriptor")
    ratio = _times(timings.ratio("dlib_descriptor", "descriptor"))
    table.add_row("descriptor, one face", *map(_ms, descriptor), ratio)
    for row, name, path in (
        ("faces at a glance / HOG", "detector", "face_recognition_hog"),
        ("CNN, dlib's pyramid / CNN", "cnn_detector", "face_recognition_cnn"),
        ("CNN, as in a close look / CNN", "cnn_search", "face_recognition_cnn"),
    ):
        ours, theirs = timings.ms(name), timings.stage_ms(path, "detect")
        ratio = _times(theirs / ours if ours and theirs else None)
        table.add_row(row, _ms(ours), _ms(theirs), ratio)
    return table


def _engine(timed: TimedPart) -> Table:
    timings, process = timed.timings, timed.process
    frame_ms = timings.ms("frame")
    stages = ", ".join(
        f"{name.replace('_', '-')} {ms:.0f}" for name, ms in process.load_stages_ms.items()
    )
    table = Table.grid(padding=(0, 2))
    table.add_row("frames a second", f"{1000 / frame_ms:.1f}" if frame_ms else "-")
    table.add_row("settled by", _looks(timings))
    table.add_row("verdicts", _counts(timings.verdicts))
    table.add_row("memory", f"{process.rss_mb:.0f} MB")
    table.add_row("cold start", f"{process.load_ms:.0f} ms ({stages})")
    return table


def _looks(timings: Timings) -> str:
    return ", ".join(
        f"{count} {look} ({_ms(timings.frame_ms_by_look.get(look))} ms)"
        for look, count in timings.looks.items()
    )


def _soak(soak: SoakFigures) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("frames", f"{soak.frames:,}")
    table.add_row("verdicts", _counts(soak.verdicts))
    table.add_row(f"memory after {soak.early_frames:,}", f"{soak.rss_mb_early:.1f} MB")
    table.add_row("memory at the end", f"{soak.rss_mb_late:.1f} MB ({soak.growth_percent:+.2f} %)")
    return table


def _oracle(oracle: DlibAgreement) -> Table:
    fraction = oracle.detections_same_fraction
    table = Table.grid(padding=(0, 2))
    table.add_row(
        "pictures",
        f"{oracle.pictures:,} ({oracle.pictures_scaled} scaled down, "
        f"{oracle.pictures_unreadable} more could not be read)",
    )
    table.add_row("faces described", f"{oracle.faces:,}")
    table.add_row(
        "largest difference", f"{oracle.descriptor_max_difference:.1e} of any of 128 values"
    )
    table.add_row(
        "the same detections",
        "-" if fraction is None else f"{100 * fraction:.2f} % of {oracle.detections:,}",
    )
    table.add_row(
        "different ones",
        f"{oracle.detections_only_dlib} only dlib's, {oracle.detections_only_ours} only ours, "
        f"{oracle.pictures_with_other_counts} pictures with other counts",
    )
    return table


def _run(report: BenchmarkReport) -> Table:
    table = Table.grid(padding=(0, 2))
    if report.used:
        used = report.used
        table.add_row("frames", f"{used.frames} of {_SOURCE_TEXT[used.source]}")
        table.add_row("enrolled as", _counts({k.value: n for k, n in used.enrolled_as.items()}))
        if any(used.skipped.values()):
            table.add_row("passed over", _counts({k.value: n for k, n in used.skipped.items()}))
    table.add_row("engine", report.engine_id)
    table.add_row("policy", report.policy_id)
    table.add_row("time", f"{report.seconds:.1f} s")
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for index, title in enumerate(titles):
        justify: Literal["left", "right"] = "right" if index else "left"
        table.add_column(title, justify=justify, no_wrap=True)
    return table


def _ms(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:.{2 if milliseconds < 100 else 0}f}"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1f} x"


def _counts(counts: Mapping[str, int]) -> str:
    found = (f"{n:,} {name.replace('_', ' ')}" for name, n in counts.items() if n)
    return ", ".join(found) or "-"
