"""The course of an attempt: nothing that stands out vanishes, however many frames there are."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from api.reports.chart import LEFT, RIGHT, draw_course
from api.reports.drawing import Dot, Label, Line, Rect
from api.reports.figures import frame_figures, gaps_of, spread
from api.reports.key_frames import ranges_of, spread_frames
from api.reports.record import FrameNote
from models.running_spans import Span
from tests.support.builders import NOW, POLICY

USUAL = FrameNote(
    seq=1,
    received_at=NOW,
    claim_status="one_face",
    signals=frozenset(),
    verdict="match",
    distance=0.3,
    engine_id="e",
    policy_id="p",
    enrollment_version=1,
)


def notes(count: int, *, seconds: float = 5.0) -> list[FrameNote]:
    return [
        replace(USUAL, seq=seq, received_at=NOW + timedelta(seconds=seconds * seq))
        for seq in range(1, count + 1)
    ]


def record(frames: list[FrameNote], *, started_at: datetime | None = NOW) -> Any:
    attempt = SimpleNamespace(policy=POLICY, started_at=started_at, submitted_at=None)
    return SimpleNamespace(attempt=attempt, frames=frames, events=[], incidents=[])


def test_one_outlier_among_thousands_is_drawn():
    frames = notes(20_000, seconds=0.5)
    frames[7777] = replace(frames[7777], distance=0.91, verdict="mismatch")
    course = draw_course(record(frames))
    dots = [shape for shape in course.drawing.shapes if isinstance(shape, Dot)]
    assert len(dots) < 2 * (RIGHT - LEFT)
    assert [dot.style for dot in dots if dot.style != "good"] == ["bad"]
    marks = [shape for shape in course.drawing.shapes if isinstance(shape, Rect)]
    [mark] = [mark for mark in marks if mark.style == "bad"]
    assert mark.width >= 2
    names = {shape.text for shape in course.drawing.shapes if isinstance(shape, Label)}
    assert {"Mismatch", "Match", "Page: one face"} <= names


def test_outlier_below_the_others_is_drawn_too():
    frames = [replace(note, distance=0.8, verdict="mismatch") for note in notes(5000)]
    frames[3] = replace(frames[3], distance=0.1, verdict="match")
    course = draw_course(record(frames))
    assert "good" in {shape.style for shape in course.drawing.shapes if isinstance(shape, Dot)}


def test_everything_lies_within_the_drawing():
    frames = notes(50)
    frames[10] = replace(frames[10], distance=1.7)
    course = draw_course(record(frames))
    for shape in course.drawing.shapes:
        if isinstance(shape, Rect):
            assert 0 <= shape.x <= shape.x + shape.width <= course.drawing.width
            assert 0 <= shape.y <= shape.y + shape.height <= course.drawing.height
        elif isinstance(shape, Line):
            assert 0 <= shape.x1 <= course.drawing.width
            assert 0 <= shape.y2 <= course.drawing.height
        else:
            assert 0 <= shape.x <= course.drawing.width
            assert 0 <= shape.y <= course.drawing.height


def test_check_of_the_day_before_does_not_press_the_sitting():
    early = replace(USUAL, seq=1, received_at=NOW - timedelta(days=1))
    late = [replace(note, seq=note.seq + 1) for note in notes(20)]
    course = draw_course(record([early, *late]))
    assert course.frames_before == 1
    dots = [shape.x for shape in course.drawing.shapes if isinstance(shape, Dot)]
    assert max(dots) - min(dots) > 0.9 * (RIGHT - LEFT)


def test_one_frame_and_none():
    assert draw_course(record([])) is None
    assert draw_course(record([USUAL])).drawing.shapes


def test_gaps_are_counted_from_the_first_number():
    frames = [replace(USUAL, seq=seq) for seq in (3, 4, 7)]
    assert [(gap.from_seq, gap.to_seq, gap.count) for gap in gaps_of(frames)] == [
        (1, 2, 2),
        (5, 6, 2),
    ]


def figures_of(frames, *running):
    return frame_figures(frames, started_at=running[0].begin if running else None, running=running)


def test_figures_leave_out_the_check_before_the_start():
    day_before = NOW - timedelta(days=1)
    check = [replace(USUAL, seq=seq, verdict="no_face", received_at=day_before) for seq in (1, 4)]
    sat = [
        replace(USUAL, seq=5, signals=frozenset({"late"})),
        replace(USUAL, seq=8, received_at=NOW + timedelta(seconds=20)),
    ]
    figures = figures_of([*check, *sat], Span(NOW, None))
    assert (figures.frames, figures.check_frames) == (2, 2)
    assert [(one.verdict, one.count) for one in figures.by_verdict] == [("match", 2)]
    assert figures.longest_pause_seconds == 20
    assert [(gap.from_seq, gap.to_seq) for gap in figures.gaps] == [(6, 7)]
    assert sum(figures.claims.values()) == 2


def test_time_in_which_it_was_broken_off_is_no_pause():
    at = [NOW + timedelta(seconds=seconds) for seconds in (0, 10, 20_000, 20_007)]
    frames = [replace(USUAL, seq=seq, received_at=moment) for seq, moment in enumerate(at, 1)]
    figures = figures_of(frames, Span(at[0], at[1]), Span(at[2], None))
    assert (figures.frames, figures.longest_pause_seconds) == (4, 10)


def test_attempt_that_never_started_has_frames_of_the_check_alone():
    figures = figures_of([USUAL])
    assert (figures.frames, figures.check_frames) == (0, 1)
    assert (figures.by_verdict, figures.longest_pause_seconds) == ([], None)


def test_figures_of_frames():
    frames = [
        replace(USUAL, seq=1, distance=0.2),
        replace(USUAL, seq=2, distance=0.4, received_at=NOW + timedelta(seconds=5)),
        replace(
            USUAL,
            seq=3,
            verdict="mismatch",
            distance=0.9,
            signals=frozenset({"late", "client_disagrees"}),
            received_at=NOW + timedelta(seconds=30),
        ),
        replace(USUAL, seq=4, verdict=None, distance=None, received_at=NOW),
    ]
    figures = figures_of(frames, Span(NOW, None))
    assert [(one.verdict, one.count) for one in figures.by_verdict] == [
        ("mismatch", 1),
        ("match", 2),
        (None, 1),
    ]
    assert figures.longest_pause_seconds == 25
    assert figures.signals == {"late": 1, "client_disagrees": 1}
    assert figures.claims["one_face", "match"] == 2
    assert figures.all_distances.median == 0.4


def test_quantiles():
    found = spread([0.1, None, 0.2, 0.3, 0.4, 0.5])
    assert (found.least, found.median, found.greatest) == (0.1, 0.3, 0.5)
    assert round(found.p95, 6) == 0.48
    assert spread([None]) is None


def test_pictures_lie_evenly_from_the_start():
    seqs = spread_frames(notes(100), NOW + timedelta(seconds=100))
    assert (seqs[0], seqs[-1], len(seqs)) == (20, 100, 6)
    assert spread_frames([], NOW) == []
    assert spread_frames(notes(1), None) == [1]


def test_runs_of_numbers():
    assert ranges_of({5, 1, 2, 3, 9, 10}) == [[1, 3], [5, 5], [9, 10]]
    assert ranges_of([]) == []
