"""The figures of a whole list, and of each group of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.calibration.error_rates import (
    OperatingPoint,
    PairDistances,
    best_accuracy,
    equal_error_rate,
    operating_point,
    threshold_at_fmr,
)
from verifier.calibration.match_score_fit import MatchScoreFit, fit_match_score
from verifier.calibration.outcomes import PairOutcome
from verifier.policy import MatchPolicy

NOT_ENROLLED = "not_enrolled"
"""Stands among the verdicts for a pair whose enrolled picture shows no face."""


@dataclass(frozen=True, eq=False)
class CalibrationFigures:
    """What some pairs tell."""

    distances: PairDistances
    images: int
    """Distinct pictures."""

    undetected_paths: tuple[str, ...]
    """Distinct pictures in which no face was found, as enrolled picture or as frame."""

    accuracy_best: float
    """As `best_accuracy` defines it: over all pairs, an undetected one counting as rejected."""

    threshold_best: float | None
    eer: float | None
    operating_points: tuple[OperatingPoint, ...]
    """At the policy's two thresholds, and where these pairs have an FMR of 1 % and 0.1 %."""

    verdicts: Mapping[str, Mapping[str, int]]
    """By "same" and "different" the verdicts with their number, most frequent first."""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values; rates are 0..1."""
        return {
            "pairs": self.distances.count,
            "images": self.images,
            "undetected_images": len(self.undetected_paths),
            "accuracy_best": round(self.accuracy_best, 6),
            "threshold_best": self.threshold_best,
            "eer": None if self.eer is None else round(self.eer, 6),
            "operating_points": [point.as_dict() for point in self.operating_points],
            "same_pairs": len(self.distances.same) + self.distances.same_undetected,
            "different_pairs": len(self.distances.different) + self.distances.different_undetected,
            "same_pairs_undetected": self.distances.same_undetected,
            "different_pairs_undetected": self.distances.different_undetected,
            "undetected_paths": list(self.undetected_paths),
            "verdicts": {kind: dict(counts) for kind, counts in self.verdicts.items()},
        }


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """What a list tells about an engine and a policy."""

    figures: CalibrationFigures
    groups: Mapping[str, CalibrationFigures]
    """By the list's column `group`, in the order of its lines; empty without one."""

    match_score_fit: MatchScoreFit | None
    engine_id: str
    policy: MatchPolicy
    seconds: float
    """Wall-clock time of the run."""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values under the names that measurements read."""
        return {
            **self.figures.as_dict(),
            "groups": {name: figures.as_dict() for name, figures in self.groups.items()},
            "match_score_fit": self.match_score_fit and self.match_score_fit.as_dict(),
            "engine_id": self.engine_id,
            "policy_id": self.policy.policy_id,
            "seconds": round(self.seconds, 3),
        }


def report_on(
    outcomes: Sequence[PairOutcome], policy: MatchPolicy, engine_id: str, seconds: float
) -> CalibrationReport:
    """Return the report on the outcomes of a list."""
    groups: dict[str, list[PairOutcome]] = {}
    for outcome in outcomes:
        if outcome.group is not None:
            groups.setdefault(outcome.group, []).append(outcome)
    figures = figures_of(outcomes, policy)
    return CalibrationReport(
        figures=figures,
        groups={name: figures_of(members, policy) for name, members in groups.items()},
        match_score_fit=fit_match_score(figures.distances),
        engine_id=engine_id,
        policy=policy,
        seconds=seconds,
    )


def figures_of(outcomes: Sequence[PairOutcome], policy: MatchPolicy) -> CalibrationFigures:
    """Return the figures of some outcomes.

    At every operating point a distance equal to the threshold is accepted. `decide` draws the
    line at `mismatch` on the other side, which matters to a distance of exactly that number.
    """
    distances = _distances(outcomes)
    accuracy, threshold = best_accuracy(distances)
    thresholds = {
        "match": policy.match_threshold,
        "mismatch": policy.mismatch_threshold,
        "fmr_1pct": threshold_at_fmr(distances, one_in=100),
        "fmr_0.1pct": threshold_at_fmr(distances, one_in=1000),
    }
    images = {path for outcome in outcomes for path in (outcome.path_a, outcome.path_b)}
    return CalibrationFigures(
        distances=distances,
        images=len(images),
        undetected_paths=_undetected_paths(outcomes),
        accuracy_best=accuracy,
        threshold_best=threshold,
        eer=equal_error_rate(distances),
        operating_points=tuple(
            operating_point(name, distances, chosen) for name, chosen in thresholds.items()
        ),
        verdicts={"same": _verdicts(outcomes, True), "different": _verdicts(outcomes, False)},
    )


def _distances(outcomes: Sequence[PairOutcome]) -> PairDistances:
    measured: dict[bool, list[float]] = {True: [], False: []}
    undetected = Counter[bool]()
    for outcome in outcomes:
        if outcome.distance is None:
            undetected[outcome.same] += 1
        else:
            measured[outcome.same].append(outcome.distance)
    return PairDistances(
        same=np.array(measured[True], np.float64),
        different=np.array(measured[False], np.float64),
        same_undetected=undetected[True],
        different_undetected=undetected[False],
    )


def _undetected_paths(outcomes: Sequence[PairOutcome]) -> tuple[str, ...]:
    found = {outcome.path_a for outcome in outcomes if outcome.undetected_a}
    found |= {outcome.path_b for outcome in outcomes if outcome.undetected_b}
    return tuple(sorted(found))


def _verdicts(outcomes: Sequence[PairOutcome], same: bool) -> dict[str, int]:
    counts = Counter(
        NOT_ENROLLED if outcome.verdict is None else outcome.verdict.value
        for outcome in outcomes
        if outcome.same is same
    )
    return dict(counts.most_common())
