"""Numbers about an attempt: counted and measured from its frames."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.reports.record import FrameNote
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
    """Figures of all frames of an attempt."""

    frames: int
    by_verdict: Sequence[VerdictFigures]
    """The weightiest verdict first; only those that occur."""
    all_distances: Spread | None
    gaps: Sequence[Gap]
    longest_pause_seconds: float | None
    """Between the receipt of two frames."""
    signals: Counter[str]
    """Frames with each signal, as `late` or `client_disagrees`."""
    claims: Counter[tuple[str | None, str | None]]
    """Frames by claim and verdict."""


def frame_figures(frames: Sequence[FrameNote]) -> FrameFigures:
    """Return the figures of an attempt's frames, given by number."""
    moments = sorted(note.received_at for note in frames)
    pauses = [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
    return FrameFigures(
        frames=len(frames),
        by_verdict=_by_verdict(frames),
        all_distances=spread(note.distance for note in frames),
        gaps=gaps_of(frames),
        longest_pause_seconds=max(pauses, default=None),
        signals=Counter(code for note in frames for code in note.signals),
        claims=Counter((note.claim_status, note.verdict) for note in frames),
    )


def gaps_of(frames: Sequence[FrameNote]) -> list[Gap]:
    """Return the numbers below the highest that never came."""
    before = 0
    gaps = []
    for note in frames:
        if note.seq > before + 1:
            gaps.append(Gap(before + 1, note.seq - 1))
        before = note.seq
    return gaps


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
