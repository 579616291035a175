"""One face beside all references of a subject."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class ReferenceAgreement:
    """How the references of a subject stand to one face. Distances are Euclidean."""

    best: float
    """To the closest reference: the distance that is judged."""

    median: float
    """To the middle one; of two middle ones their mean."""

    agreeing: int
    """How many references are closer than the policy's `mismatch_threshold`."""

    count: int
    """How many there are."""

    @property
    def is_majority(self) -> bool:
        """Whether at least half of the references agree."""
        return 2 * self.agreeing >= self.count

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        figures = asdict(self)
        return {**figures, "best": round(self.best, 6), "median": round(self.median, 6)}


def agreement_of(distances: Sequence[float], mismatch_threshold: float) -> ReferenceAgreement:
    """Return the figures of one face's distances to each reference; at least one is needed."""
    return ReferenceAgreement(
        best=min(distances),
        median=median(distances),
        agreeing=sum(distance < mismatch_threshold for distance in distances),
        count=len(distances),
    )
