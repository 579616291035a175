"""What a run says: complete only when every captured frame has its verdict."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from clients.simulator.load.report import Figures, Latency, latency, show
from clients.simulator.load.students import Uploads

COMPLETE = Figures(
    students=2,
    interval_seconds=5.0,
    seconds=10.0,
    captured=4,
    accepted=4,
    stored=4,
    verified=4,
    scenes={"the enrolled person": 4},
    verdicts={"match": 4},
    put_ms=Latency(1.0, 2.0, 3.0, 4.0),
    put_answers={"202": 4},
    oldest_waiting_seconds=0.2,
    samples_unanswered=0,
    drain_seconds=0.1,
    frames_per_second=0.4,
    cpu_seconds={"api": 0.1},
    cpu_cores_busy=0.5,
    troubles=[],
)


def shown(figures: Figures) -> str:
    console = Console(file=io.StringIO(), width=100)
    show(console, figures)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_complete_run_says_so() -> None:
    assert COMPLETE.is_complete
    assert "Every frame was accepted and has its verdict." in shown(COMPLETE)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"accepted": 3, "stored": 3, "verified": 3}, "1 frames are missing, 0 have no verdict."),
        ({"verified": 2}, "0 frames are missing, 2 have no verdict."),
        ({"troubles": ["student 1: AttemptClosed: over"]}, "student 1: AttemptClosed: over"),
    ],
)
def test_run_that_lacks_something_says_what(lacking: dict[str, object], said: str) -> None:
    figures = replace(COMPLETE, **lacking)  # type: ignore[arg-type]
    assert not figures.is_complete
    assert said in shown(figures)


def test_latency_is_told_by_rank() -> None:
    uploads = Uploads()
    for milliseconds in range(1, 101):
        uploads.note(milliseconds / 1000, "202")
    assert latency(uploads) == Latency(50.0, 95.0, 99.0, 100.0)


def test_latency_of_nothing_is_zero() -> None:
    assert latency(Uploads()) == Latency(0.0, 0.0, 0.0, 0.0)
