"""Numbers about an attempt: counted and measured from its frames."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.reports.record import FrameNote
from models.running_spans import Span
from models.statuses import Verdict

_BY_WEIGHT = (
    Verdict.MISMATCH,
    Verdict.MULTIPLE_FACES,
    Verdict.NO_FACE,
    Verdict.INCONCLUSIVE,
    Verdict.LOW_QUALITY,
    Verdict.ERROR,
    Verdict.PRESENT,
    Verdict.MATCH,
)


@dataclass(frozen=True)
class Spread:
    """How distances lie: least, quantiles, greatest."""

    count: int
    least: float
    median: float
    p95: float
    greatest: float


@dataclass(frozen=True)
class VerdictFigures:
    """What was found with one verdict."""

    verdict: str | None
    """None: frames that wait for a worker."""
    count: int
    distances: Spread | None


@dataclass(frozen=True)
class Gap:
    """Numbers that never came, both ends included."""

    from_seq: int
    to_seq: int

    @property
    def count(self) -> int:
        """How many are missing."""
        return self.to_seq - self.from_seq + 1


@dataclass(frozen=True)
class FrameFigures:
    """Figures of the frames of an attempt from its start on."""

    frames: int
    check_frames: int
    """Before the start, while camera and light were checked. Nothing else here counts them."""
    by_verdict: Sequence[VerdictFigures]
    """The weightiest verdict first; only those that occur."""
    all_distances: Spread | None
    gaps: Sequence[Gap]
    longest_pause_seconds: float | None
    """Between the receipt of two frames while the attempt ran."""
    signals: Counter[str]
    """Frames with each signal, as `late` or `client_disagrees`."""
    claims: Counter[tuple[str | None, str | None]]
    """Frames by claim and verdict."""


def frame_figures(
    frames: Sequence[FrameNote], *, started_at: datetime | None, running: Sequence[Span]
) -> FrameFigures:
    """Return the figures of an attempt's frames, given by number.

    Parameters
    ----------
    started_at
        What came before belongs to the check; None where the attempt never started.
    running
        When it ran: a time in which it was broken off is no pause.
    """
    sat = [note for note in frames if started_at is not None and note.received_at >= started_at]
    counted = {note.seq for note in sat}
    of_check = [note.seq for note in frames if note.seq not in counted]
    return FrameFigures(
        frames=len(sat),
        check_frames=len(of_check),
        by_verdict=_by_verdict(sat),
        all_distances=spread(note.distance for note in sat),
        gaps=gaps_of(sat, after=max(of_check, default=0)),
        longest_pause_seconds=_longest_pause_seconds(sat, running),
        signals=Counter(code for note in sat for code in note.signals),
        claims=Counter((note.claim_status, note.verdict) for note in sat),
    )


def gaps_of(frames: Sequence[FrameNote], *, after: int = 0) -> list[Gap]:
    """Return the numbers between `after` and the highest that never came."""
    before = after
    gaps = []
    for note in frames:
        if note.seq > before + 1:
            gaps.append(Gap(before + 1, note.seq - 1))
        before = max(before, note.seq)
    return gaps


def _longest_pause_seconds(frames: Sequence[FrameNote], running: Sequence[Span]) -> float | None:
    moments = sorted(note.received_at for note in frames)
    pauses = [
        (after - before).total_seconds()
        for span in running
        for before, after in itertools.pairwise(
            at for at in moments if span.begin <= at and (span.end is None or at <= span.end)
        )
    ]
    return max(pauses, default=None)


def spread(values: Iterable[float | None]) -> Spread | None:
    """Return how the values that are there lie; None where there is none."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return Spread(
        count=len(known),
        least=known[0],
        median=_quantile(known, 0.5),
        p95=_quantile(known, 0.95),
        greatest=known[-1],
    )


def _by_verdict(frames: Sequence[FrameNote]) -> list[VerdictFigures]:
    present = {note.verdict for note in frames}
    known = [verdict.value for verdict in _BY_WEIGHT if verdict.value in present]
    others = sorted((v for v in present if v not in known), key=lambda v: v or "~")
    return [
        VerdictFigures(
            verdict,
            count=sum(note.verdict == verdict for note in frames),
            distances=spread(note.distance for note in frames if note.verdict == verdict),
        )
        for verdict in [*known, *others]
    ]


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share lies, between neighbours in proportion."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
