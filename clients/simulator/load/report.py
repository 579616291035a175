"""What the load was and how the service bore it: figures for people and for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from face_monitor_client import FrameCounts
from rich.console import Console
from rich.table import Table

from clients.simulator.load.students import Student, Uploads


@dataclass(frozen=True)
class Latency:
    """Percentiles of the uploads, in milliseconds."""

    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Figures:
    """One run. `captured` frames were taken by cameras, `stored` ones have a row."""

    students: int
    interval_seconds: float
    seconds: float
    captured: int
    accepted: int
    stored: int
    verified: int
    scenes: Mapping[str, int]
    verdicts: Mapping[str, int]
    put_ms: Latency
    put_answers: Mapping[str, int]
    oldest_waiting_seconds: float
    samples_unanswered: int
    drain_seconds: float
    frames_per_second: float
    cpu_seconds: Mapping[str, float]
    cpu_cores_busy: float | None
    """Cores the whole machine kept busy on average, others' work included."""
    troubles: Sequence[str]

    @property
    def is_complete(self) -> bool:
        """Whether every captured frame was accepted and has its verdict."""
        return not self.troubles and self.captured == self.accepted == self.stored == self.verified

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON holds them."""
        return {**asdict(self), "is_complete": self.is_complete}


def frame_figures(students: Sequence[Student], counts: Sequence[FrameCounts]) -> dict[str, Any]:
    """Return the figures about frames: what cameras took, and what the service says of it."""
    scenes: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for student in students:
        scenes.update({str(scene): count for scene, count in student.scenes.items()})
    for count in counts:
        verdicts.update(count.by_verdict)
    return {
        "students": len(students),
        "captured": sum(student.captured for student in students),
        "accepted": sum(student.accepted for student in students),
        "stored": sum(count.frames for count in counts),
        "verified": sum(count.verified for count in counts),
        "scenes": dict(scenes.most_common()),
        "verdicts": {verdict: count for verdict, count in verdicts.most_common() if count},
        "troubles": [
            f"student {student.number + 1}: {student.trouble}"
            for student in students
            if student.trouble
        ],
    }


def latency(uploads: Uploads) -> Latency:
    """Return percentiles by rank; zeros when nothing was sent."""
    milliseconds = sorted(1000 * seconds for seconds in uploads.seconds) or [0.0]

    def at(share: float) -> float:
        rank = max(0, -int(-share * len(milliseconds) // 1) - 1)
        return round(milliseconds[rank], 1)

    return Latency(at(0.5), at(0.95), at(0.99), at(1.0))


def show(console: Console, figures: Figures) -> None:
    """Print the figures for a person."""
    table = Table(show_header=False, title="Load", title_justify="left")
    for name, text in _rows(figures):
        table.add_row(name, text)
    console.print(table, highlight=False)
    for trouble in figures.troubles[:10]:
        console.print(trouble, style="red", highlight=False, soft_wrap=True)
    if figures.is_complete:
        console.print("Every frame was accepted and has its verdict.", style="bold green")
        return
    console.print(
        f"{figures.captured - figures.stored} frames are missing, "
        f"{figures.stored - figures.verified} have no verdict.",
        style="bold red",
    )


def _rows(figures: Figures) -> list[tuple[str, str]]:
    put = figures.put_ms
    frames = (
        f"{figures.captured} captured, {figures.accepted} accepted, "
        f"{figures.stored} stored, {figures.verified} verified"
    )
    return [
        ("students", f"{figures.students}, a frame every {figures.interval_seconds:g} s"),
        ("frames", frames),
        ("the cameras saw", _listed(figures.scenes)),
        ("verdicts", _listed(figures.verdicts)),
        (
            "PUT, ms",
            f"p50 {put.p50:g}, p95 {put.p95:g}, p99 {put.p99:g}, longest {put.longest:g}",
        ),
        ("PUT, answers", _listed(figures.put_answers)),
        ("oldest waiting", f"at most {figures.oldest_waiting_seconds:.1f} s"),
        ("drained", f"{figures.drain_seconds:.1f} s after the last frame"),
        ("pace", f"{figures.frames_per_second:.1f} frames/s over {figures.seconds:.0f} s"),
        ("processor, s", _listed(figures.cpu_seconds)),
        (
            "processor, ms a frame",
            _listed(
                {
                    part: round(1000 * seconds / max(1, figures.accepted), 1)
                    for part, seconds in figures.cpu_seconds.items()
                }
            ),
        ),
        (
            "cores busy",
            "not known" if figures.cpu_cores_busy is None else f"{figures.cpu_cores_busy:.2f}",
        ),
    ]


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items()) or "none"
