"""Error rates of a set of pairs. Arithmetic only: distances in, figures out.

The words are ISO/IEC 19795-1's. A pair is *compared* if both faces were found. *Accepted* means
distance ≤ threshold.

- FMR, false match rate: accepted among the compared pairs of different people.
- FNMR, false non-match rate: not accepted among the compared pairs of one person.
- FRR, false rejection rate: not accepted or not compared, among all pairs of one person. A face
  that was not found is a rejection to the person it belongs to.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.calibration.intervals import exact_interval

DISTANCE_STEP = 1e-6
"""Distances come rounded to it, so there is a next lower threshold and ties are exact."""


@dataclass(frozen=True, eq=False)
class PairDistances:
    """Distances of the compared pairs, float64, and how many pairs have none."""

    same: NDArray[np.float64]
    different: NDArray[np.float64]
    same_undetected: int = 0
    different_undetected: int = 0

    @property
    def count(self) -> int:
        """Every pair, compared or not."""
        compared = len(self.same) + len(self.different)
        return compared + self.same_undetected + self.different_undetected


@dataclass(frozen=True)
class ErrorRate:
    """So many errors of so many trials."""

    errors: int
    trials: int

    @property
    def value(self) -> float | None:
        """0..1; None without trials."""
        return self.errors / self.trials if self.trials else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """`exact_interval` of it."""
        return exact_interval(self.errors, self.trials)


@dataclass(frozen=True)
class OperatingPoint:
    """The error rates at one threshold."""

    name: str
    threshold: float | None
    """None if there is no pair of different people to choose it by."""

    fmr: ErrorRate
    fnmr: ErrorRate
    frr: ErrorRate

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values; rates are 0..1, intervals `[low, high]`."""
        rates = {"fmr": self.fmr, "fnmr": self.fnmr, "frr": self.frr}
        figures: dict[str, Any] = {"name": self.name, "threshold": self.threshold}
        for name, rate in rates.items():
            interval = rate.interval
            figures[name] = None if rate.value is None else round(rate.value, 6)
            figures[f"{name}_ci"] = interval and [round(bound, 6) for bound in interval]
        return figures


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """FMR and FNMR from the threshold that accepts nothing to the one that accepts all.

    The rates change only at measured distances, so these are all the thresholds that differ.
    A rate without pairs is NaN.
    """

    thresholds: NDArray[np.float64]
    """Ascending, each once."""

    fmr: NDArray[np.float64]
    fnmr: NDArray[np.float64]


def operating_point(name: str, distances: PairDistances, threshold: float | None) -> OperatingPoint:
    """Return the error rates at a threshold."""
    if threshold is None:
        return OperatingPoint(name, None, ErrorRate(0, 0), ErrorRate(0, 0), ErrorRate(0, 0))
    same, different = distances.same, distances.different
    accepted = int(np.count_nonzero(different <= threshold))
    refused = int(np.count_nonzero(same > threshold))
    undetected = distances.same_undetected
    return OperatingPoint(
        name=name,
        threshold=threshold,
        fmr=ErrorRate(accepted, len(different)),
        fnmr=ErrorRate(refused, len(same)),
        frr=ErrorRate(refused + undetected, len(same) + undetected),
    )


def threshold_at_fmr(distances: PairDistances, one_in: int) -> float | None:
    """Return the largest threshold whose measured FMR is at most 1 in `one_in`.

    It lies one `DISTANCE_STEP` below the first distance that is one too many, so equal distances
    are accepted together or not at all. With fewer pairs of different people than `one_in` it
    lies below all of them; the interval of the FMR tells how little that proves.
    """
    ascending = np.sort(distances.different)
    if len(ascending) == 0:
        return None
    one_too_many = float(ascending[len(ascending) // one_in])
    return round(one_too_many - DISTANCE_STEP, 6)


def error_curve(distances: PairDistances) -> ErrorCurve:
    """Return both rates at every threshold that makes a difference."""
    measured = np.unique(np.concatenate([distances.same, distances.different]))
    below_all = np.round(measured[:1] - DISTANCE_STEP, 6)
    thresholds = np.concatenate([below_all, measured])
    return ErrorCurve(
        thresholds=thresholds,
        fmr=_accepted_part(distances.different, thresholds),
        fnmr=1 - _accepted_part(distances.same, thresholds),
    )


def equal_error_rate(distances: PairDistances) -> float | None:
    """Return the rate at which FMR and FNMR are equal, 0..1; None if either is unknown.

    Both are steps and seldom meet: where they pass each other, the line between the two
    neighbouring points of the DET curve is cut.
    """
    if not len(distances.same) or not len(distances.different):
        return None
    curve = error_curve(distances)
    gap = curve.fmr - curve.fnmr
    # The gap rises from -1 to 1, so neither end is the place.
    after = int(np.argmax(gap >= 0))
    before = after - 1
    part = -gap[before] / (gap[after] - gap[before])
    return float(curve.fmr[before] + part * (curve.fmr[after] - curve.fmr[before]))


def best_accuracy(distances: PairDistances) -> tuple[float, float | None]:
    """Return the highest part of all pairs told rightly, 0..1, and the threshold for it.

    A pair that was not compared counts as rejected at every threshold: right for different
    people, wrong for one person. Where several thresholds do equally well, the lowest run of
    them is taken, for its fewer false matches, and of it the middle. The threshold is None if no
    pair was compared.
    """
    curve = error_curve(distances)
    if len(curve.thresholds) == 0:
        return distances.different_undetected / distances.count, None
    accepted_same = np.searchsorted(np.sort(distances.same), curve.thresholds, side="right")
    accepted = np.searchsorted(np.sort(distances.different), curve.thresholds, side="right")
    refused = len(distances.different) + distances.different_undetected - accepted
    right = accepted_same + refused
    best = int(np.argmax(right))
    return float(right[best] / distances.count), _middle(curve.thresholds[best : best + 2])


def _middle(run: NDArray[np.float64]) -> float:
    """Return the threshold halfway to the next distance, which itself is not accepted."""
    middle = round(float(run.mean()), 6)
    return middle if middle < run[-1] else float(run[0])


def _accepted_part(measured: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[Any]:
    """Return which part of the distances each threshold accepts; NaN without distances."""
    if len(measured) == 0:
        return np.full(len(thresholds), np.nan)
    return np.searchsorted(np.sort(measured), thresholds, side="right") / len(measured)
