"""The course of an attempt as a drawing: distances over time, and rows of what happened.

However many frames there are, none that stands out vanishes: of the frames that fall into one
column of the drawing the least and the greatest distance are drawn, and every verdict, claim,
gap and event has a row of its own in which it leaves a mark.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.reports import words
from api.reports.drawing import Dot, Drawing, Label, Line, Rect
from api.reports.record import AttemptRecord, FrameNote
from models.statuses import Verdict

WIDTH = 1000.0
"""Units; a unit is a column."""

LEFT, RIGHT = 150.0, 985.0
PLOT_TOP, PLOT_BOTTOM = 24.0, 226.0
ROW_HEIGHT = 17.0
MARK_HEIGHT = 10.0

MARK_MIN = 2.0
"""Units; a single moment of ten hours can still be seen."""

BEFORE_START = timedelta(minutes=10)
"""How much of the time before the start is drawn: a system check the day before would press the
sitting itself to a line."""

_STEPS_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_TICKS_MAX = 9


@dataclass(frozen=True)
class Scale:
    """Places of moments and distances on the drawing."""

    begin: datetime
    end: datetime
    greatest: float
    """The distance at the top."""

    def x(self, at: datetime) -> float:
        """Return where a moment lies; what is outside lies at the edge."""
        whole = (self.end - self.begin).total_seconds()
        share = (at - self.begin).total_seconds() / whole
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)

    def y(self, distance: float) -> float:
        """Return where a distance lies; lower is closer, and lies lower."""
        share = min(max(distance / self.greatest, 0.0), 1.0)
        return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share


@dataclass(frozen=True)
class Course:
    """The drawing, and how many frames before it are not in it."""

    drawing: Drawing
    frames_before: int


def draw_course(record: AttemptRecord) -> Course | None:
    """Return the course of an attempt; None where nothing was received."""
    if not record.frames:
        return None
    scale = _scale(record)
    frames = [note for note in record.frames if note.received_at >= scale.begin]
    rows = _rows(record, frames, scale)
    bottom = PLOT_BOTTOM + 8 + ROW_HEIGHT * len(rows)
    drawing = Drawing(WIDTH, bottom + 24)
    _draw_zones(drawing, record, scale)
    _draw_incidents(drawing, record, scale, bottom)
    _draw_time(drawing, scale, bottom)
    _draw_distances(drawing, record, frames, scale)
    for number, (name, style, marks) in enumerate(rows):
        _draw_row(drawing, number, name, style, marks)
    return Course(drawing, len(record.frames) - len(frames))


def _scale(record: AttemptRecord) -> Scale:
    moments = [
        *(note.received_at for note in record.frames),
        *(event.received_at for event in record.events),
        *(incident.last_at for incident in record.incidents),
    ]
    attempt = record.attempt
    begin, end = min(moments), max(*moments, attempt.submitted_at or moments[0])
    if attempt.started_at is not None:
        earliest = attempt.started_at - BEFORE_START
        begin = min((at for at in moments if at >= earliest), default=begin)
    if end - begin < timedelta(seconds=10):
        end = begin + timedelta(seconds=10)
    distances = [note.distance for note in record.frames if note.distance is not None]
    return Scale(begin, end, max(1.0, math.ceil(max(distances, default=0.0) * 10) / 10))


def _draw_zones(drawing: Drawing, record: AttemptRecord, scale: Scale) -> None:
    match, mismatch = thresholds_of(record)
    tops = {"bad": scale.y(scale.greatest), "unsure": scale.y(mismatch), "good": scale.y(match)}
    bottoms = {"bad": scale.y(mismatch), "unsure": scale.y(match), "good": PLOT_BOTTOM}
    for tone, top in tops.items():
        rect = Rect(LEFT, top, RIGHT - LEFT, bottoms[tone] - top, f"zone-{tone}")
        drawing.add(rect)
    for distance, style, text in (
        (match, "match-line", f"match up to {match:.2f}"),
        (mismatch, "mismatch-line", f"mismatch from {mismatch:.2f}"),
    ):
        y = scale.y(distance)
        drawing.add(Line(LEFT, y, RIGHT, y, style))
        drawing.add(Label(LEFT - 6, y + 3.5, text, "end", style))
    drawing.add(Label(LEFT - 6, PLOT_TOP + 8, f"distance {scale.greatest:.1f}", "end"))
    drawing.add(Label(LEFT - 6, PLOT_BOTTOM, "0.0", "end"))


def thresholds_of(record: AttemptRecord) -> tuple[float, float]:
    """Return the distances up to which it is a match, and from which it is a mismatch."""
    policy = record.attempt.policy
    return policy["match_threshold"], policy["mismatch_threshold"]


def _draw_incidents(drawing: Drawing, record: AttemptRecord, scale: Scale, bottom: float) -> None:
    free_from = 0.0
    for number, incident in enumerate(record.incidents, start=1):
        left, right = scale.x(incident.first_at), scale.x(incident.last_at)
        width = max(right - left, MARK_MIN)
        drawing.add(Rect(left, PLOT_TOP - 6, width, 4, "incident"))
        for x in (left, left + width):
            drawing.add(Line(x, PLOT_TOP - 4, x, bottom, "incident-edge"))
        # Numbers that would lie on each other give way; the list below has all of them.
        middle = left + width / 2
        if middle - 6 >= free_from:
            drawing.add(Label(middle, PLOT_TOP - 9, str(number), "middle", "incident"))
            free_from = middle + 10


def _draw_time(drawing: Drawing, scale: Scale, bottom: float) -> None:
    drawing.add(Line(LEFT, PLOT_BOTTOM, RIGHT, PLOT_BOTTOM, "axis"))
    whole = (scale.end - scale.begin).total_seconds()
    step = next((step for step in _STEPS_SECONDS if whole / step <= _TICKS_MAX), 86_400)
    pattern = "%H:%M:%S" if step < 60 else "%H:%M"
    first = math.ceil(scale.begin.timestamp() / step) * step
    for seconds in range(first, math.floor(scale.end.timestamp()) + 1, step):
        at = datetime.fromtimestamp(seconds, tz=scale.begin.tzinfo)
        x = scale.x(at)
        drawing.add(Line(x, PLOT_TOP, x, bottom, "grid"))
        drawing.add(Label(x, bottom + 14, at.strftime(pattern), "middle"))
    drawing.add(Label(LEFT - 6, bottom + 14, "UTC", "end"))


def _draw_distances(
    drawing: Drawing, record: AttemptRecord, frames: Sequence[FrameNote], scale: Scale
) -> None:
    """Draw the least and the greatest distance of each column, joined by a line."""
    match, mismatch = thresholds_of(record)
    columns: dict[int, list[float]] = defaultdict(list)
    for note in frames:
        if note.distance is not None:
            columns[math.floor(scale.x(note.received_at))].append(note.distance)
    radius = 3.2 if len(columns) < 200 else 1.6
    dots = []
    for column, distances in sorted(columns.items()):
        least, greatest = min(distances), max(distances)
        x = column + 0.5
        if scale.y(least) - scale.y(greatest) > 1:
            drawing.add(Line(x, scale.y(least), x, scale.y(greatest), "range"))
        for distance in sorted({least, greatest}):
            tone = "good" if distance <= match else "bad" if distance >= mismatch else "unsure"
            dots.append(Dot(x, scale.y(distance), radius, tone))
    drawing.add(*dots)


Marks = list[tuple[float, float]]
"""Left and right ends."""


def _rows(
    record: AttemptRecord, frames: Sequence[FrameNote], scale: Scale
) -> list[tuple[str, str, Marks]]:
    """Return each row with its name, its style and its marks; only those in which something is."""
    width = max(MARK_MIN, _usual_width(frames, scale))
    by_verdict: dict[str | None, list[float]] = defaultdict(list)
    by_claim: dict[str | None, list[float]] = defaultdict(list)
    disagreeing, late = [], []
    for note in frames:
        x = scale.x(note.received_at)
        by_verdict[note.verdict].append(x)
        by_claim[note.claim_status].append(x)
        if "client_disagrees" in note.signals:
            disagreeing.append(x)
        if "late" in note.signals:
            late.append(x)
    rows = []
    for verdict in (*(one.value for one in Verdict), None):
        wording = words.verdict_wording(verdict)
        rows.append((wording.text, wording.tone, _merged(by_verdict[verdict], width)))
    for status in _CLAIM_ORDER:
        name = f"Page: {words.claim_text(status).lower()}"
        rows.append((name, "plain", _merged(by_claim[status], width)))
    rows.append(("Page and server differ", "differ", _merged(disagreeing, width)))
    rows.append(("Sent late", "unsure", _merged(late, width)))
    rows.append(("Frames never came", "gap", _gap_marks(frames, scale)))
    telling = [
        scale.x(event.received_at)
        for event in record.events
        if words.event_wording(event.reason).tone != "plain"
    ]
    rows.append(("Events on the page", "event", _merged(telling, MARK_MIN)))
    return [row for row in rows if row[2]]


_CLAIM_ORDER = ("one_face", "no_face", "several_faces", "unavailable", None)


def _usual_width(frames: Sequence[FrameNote], scale: Scale) -> float:
    """Return how wide the usual time from frame to frame is, so that a steady row is one bar."""
    places = sorted(scale.x(note.received_at) for note in frames)
    steps = sorted(b - a for a, b in itertools.pairwise(places))
    return min(steps[len(steps) // 2] * 1.2, 30.0) if steps else MARK_MIN


def _merged(places: Iterable[float], width: float) -> Marks:
    marks: Marks = []
    for x in sorted(places):
        right = min(x + width, RIGHT)
        left = min(x, RIGHT - MARK_MIN)
        if marks and left <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(right, marks[-1][1]))
        else:
            marks.append((left, right))
    return marks


def _gap_marks(frames: Sequence[FrameNote], scale: Scale) -> Marks:
    marks: Marks = []
    for before, after in itertools.pairwise(frames):
        if after.seq > before.seq + 1:
            left, right = sorted((scale.x(before.received_at), scale.x(after.received_at)))
            left = min(left, RIGHT - MARK_MIN)
            marks.append((left, max(right, left + MARK_MIN)))
    return marks


def _draw_row(drawing: Drawing, number: int, name: str, style: str, marks: Marks) -> None:
    top = PLOT_BOTTOM + 8 + ROW_HEIGHT * number
    drawing.add(Label(LEFT - 6, top + MARK_HEIGHT - 1, name, "end"))
    middle = top + MARK_HEIGHT / 2
    drawing.add(Line(LEFT, middle, RIGHT, middle, "grid"))
    for left, right in marks:
        drawing.add(Rect(left, top, right - left, MARK_HEIGHT, style))


def legend(record: AttemptRecord) -> Mapping[str, str]:
    """Return what the drawing's marks mean, by style."""
    match, mismatch = thresholds_of(record)
    meanings = {
        "good": f"distance up to {match:.2f}",
        "unsure": "between both thresholds",
        "bad": f"distance from {mismatch:.2f}",
        "range": "least to greatest of one column",
    }
    if record.incidents:
        meanings["incident"] = "incident, by its number below"
    return meanings
