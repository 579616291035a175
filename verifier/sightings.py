"""What one frame of an attempt showed, and what that says about each finding over time."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from verifier.verdict import Verdict

JUDGED = frozenset({Verdict.MATCH, Verdict.INCONCLUSIVE, Verdict.MISMATCH})
"""Verdicts on one face in a picture good enough to compare it: they come with a distance."""


class SightingInvalid(ValueError):
    """The figures of one frame contradict each other or are out of range."""


class SeqRepeated(ValueError):
    """Two sightings claim the same place in the attempt, so that their order means nothing."""

    def __init__(self, seqs: tuple[int, ...]) -> None:
        super().__init__(seqs)
        self.seqs = seqs

    def __str__(self) -> str:
        return f"more than one sighting has seq {', '.join(map(str, self.seqs))}"


@dataclass(frozen=True)
class Sighting:
    """One verified frame. Equality leaves the encoding out: arrays have no single answer.

    Raises
    ------
    SightingInvalid
        A number is impossible, or a judged frame has no distance.
    """

    seq: int
    """Place in the attempt, from 0; the only order that rules know."""

    captured_seconds: float
    """Since the attempt's start by the client's clock: shown to people, read by no rule."""

    verdict: Verdict
    distance: float | None = None
    """To the closest reference of the enrolment; None exactly where no face was found."""

    encoding: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """(128,) float32 of the subject's face; None if there is none or it was not kept."""

    def __post_init__(self) -> None:
        if type(self.seq) is not int or self.seq < 0:
            raise SightingInvalid(f"seq must be a whole number from 0, not {self.seq!r}")
        if not math.isfinite(self.captured_seconds):
            raise SightingInvalid(f"seq {self.seq}: captured_seconds must be finite")
        if self.distance is None:
            if self.verdict in JUDGED:
                raise SightingInvalid(f"seq {self.seq}: {self.verdict} comes with a distance")
        elif not math.isfinite(self.distance) or self.distance < 0:
            raise SightingInvalid(f"seq {self.seq}: distance {self.distance} is impossible")
        if self.encoding is not None:
            self._check_encoding(self.encoding)

    def _check_encoding(self, encoding: NDArray[np.float32]) -> None:
        if encoding.shape != (128,) or encoding.dtype != np.float32:
            found = f"{encoding.shape} {encoding.dtype}"
            raise SightingInvalid(f"seq {self.seq}: encoding must be (128,) float32, not {found}")
        if not np.isfinite(encoding).all():
            raise SightingInvalid(f"seq {self.seq}: encoding holds values that are not finite")


def in_order(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the sightings by seq, whatever order they arrived in.

    Raises
    ------
    SeqRepeated
        A seq stands twice, even with the same figures: which one counts is for the caller.
    """
    ordered = tuple(sorted(sightings, key=lambda sighting: sighting.seq))
    seqs = [sighting.seq for sighting in ordered]
    if len(set(seqs)) < len(seqs):
        repeated = [seq for seq, following in pairwise(seqs) if seq == following]
        raise SeqRepeated(tuple(dict.fromkeys(repeated)))
    return ordered


class Finding(StrEnum):
    """What several frames together may say."""

    WRONG_PERSON = "wrong_person"
    """The face is not the enrolled person's."""

    NOBODY = "nobody"
    """Nobody is before the camera."""

    SOMEBODY_ELSE_TOO = "somebody_else_too"
    """More than one face, whoever they are."""

    SWAPPED = "swapped"
    """The face is not the one of the attempt's own first frames; see `own_frames`."""


class Bearing(StrEnum):
    """What one frame says about one finding."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    NEUTRAL = "neutral"
    """Neither opens nor closes an episode by itself."""


class Evidence(NamedTuple):
    """One frame as one finding reads it."""

    seq: int
    bearing: Bearing
    distance: float | None
    """None where the finding does not read the frame's distance."""


BEARINGS: Mapping[Finding, Mapping[Verdict, Bearing]] = MappingProxyType(
    {
        Finding.WRONG_PERSON: {
            Verdict.MATCH: Bearing.REFUTES,
            Verdict.MISMATCH: Bearing.SUPPORTS,
        },
        Finding.NOBODY: {
            Verdict.MATCH: Bearing.REFUTES,
            Verdict.MISMATCH: Bearing.REFUTES,
            Verdict.INCONCLUSIVE: Bearing.REFUTES,
            Verdict.MULTIPLE_FACES: Bearing.REFUTES,
            Verdict.PRESENT: Bearing.REFUTES,
            Verdict.NO_FACE: Bearing.SUPPORTS,
        },
        Finding.SOMEBODY_ELSE_TOO: {
            Verdict.MATCH: Bearing.REFUTES,
            Verdict.MISMATCH: Bearing.REFUTES,
            Verdict.INCONCLUSIVE: Bearing.REFUTES,
            Verdict.NO_FACE: Bearing.REFUTES,
            Verdict.PRESENT: Bearing.REFUTES,
            Verdict.MULTIPLE_FACES: Bearing.SUPPORTS,
        },
    }
)
"""What a verdict says about a finding; what is not named is neutral. So are `low_quality` and
`error` everywhere: bad light is help for the student and never an incident. Several faces say
nothing about whose the right one is, and an empty chair nothing about who sat there."""


def evidence_on(finding: Finding, sightings: Iterable[Sighting]) -> list[Evidence]:
    """Return each frame as `finding` reads it, by the table `BEARINGS`, in the order given.

    One exception: a `low_quality` frame with a distance shows a face, poor as it is, and
    refutes `nobody`.
    """
    table = BEARINGS[finding]
    return [_evidence(finding, table, sighting) for sighting in sightings]


def _evidence(finding: Finding, table: Mapping[Verdict, Bearing], sighting: Sighting) -> Evidence:
    verdict, distance = sighting.verdict, sighting.distance
    bearing = table.get(verdict, Bearing.NEUTRAL)
    if finding is Finding.NOBODY and verdict is Verdict.LOW_QUALITY and distance is not None:
        bearing = Bearing.REFUTES
    is_read = bearing is not Bearing.NEUTRAL or verdict is Verdict.INCONCLUSIVE
    return Evidence(sighting.seq, bearing, distance if is_read else None)
