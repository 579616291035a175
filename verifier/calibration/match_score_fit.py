"""Which curve from distance to `match_score` makes it the probability of the same person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.calibration.error_rates import PairDistances

_MAX_ROUNDS = 100
_MIN_STEP = 1e-10
_RIDGE = 1e-12


@dataclass(frozen=True)
class MatchScoreFit:
    """The curve ``P(same | distance) = 1 / (1 + exp(slope * (distance - middle)))``."""

    middle: float
    """The distance that speaks for neither."""

    slope: float
    """Positive: how quickly the probability falls there, per unit of distance."""

    def as_dict(self) -> dict[str, float]:
        """Return both figures by name."""
        return {"middle": round(self.middle, 4), "slope": round(self.slope, 3)}


def fit_match_score(distances: PairDistances) -> MatchScoreFit | None:
    """Return Platt's logistic fit to the compared pairs; None if it has no falling slope.

    Both kinds of pairs weigh alike however many there are: the answer is the probability after a
    question with even odds, and does not move with the list's share of pairs of one person. As
    Platt has it, the aim for n pairs is (n + 1) / (n + 2) and not 1, so that kinds without any
    overlap do not make the slope infinite.

    Source: Platt (1999), with the line search of Lin, Lin and Weng, Machine Learning 68 (2007).
    """
    counts = (len(distances.same), len(distances.different))
    if min(counts) == 0:
        return None
    measured = np.concatenate([distances.same, distances.different])
    aims = np.repeat([(counts[0] + 1) / (counts[0] + 2), 1 / (counts[1] + 2)], counts)
    weights = np.repeat([0.5 / counts[0], 0.5 / counts[1]], counts)
    slope, offset = _minimised(measured, aims, weights)
    if slope < _RIDGE:
        return None
    return MatchScoreFit(middle=offset / slope, slope=slope)


def _minimised(
    measured: NDArray[np.float64], aims: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Return (slope, offset) of the logit ``offset - slope * distance`` with the least loss."""
    terms = np.stack([-measured, np.ones_like(measured)])
    found = np.zeros(2)
    loss = _loss(found @ terms, aims, weights)
    for _ in range(_MAX_ROUNDS):
        # As 1 / (1 + exp(-logit)), but without overflow.
        probability = 0.5 + 0.5 * np.tanh(found @ terms / 2)
        gradient = terms @ (weights * (probability - aims))
        curvature = (terms * (weights * probability * (1 - probability))) @ terms.T
        direction = np.linalg.solve(curvature + _RIDGE * np.eye(2), -gradient)
        step = 1.0
        while step > _MIN_STEP:
            # Newton's full step may overshoot where the curve is flat.
            tried = _loss((found + step * direction) @ terms, aims, weights)
            if tried < loss + 1e-4 * step * (gradient @ direction):
                break
            step /= 2
        else:
            break
        found, loss = found + step * direction, tried
    return float(found[0]), float(found[1])


def _loss(
    logits: NDArray[np.float64], aims: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    """Return the cross entropy, written so that large logits do not overflow."""
    return float(weights @ (np.logaddexp(0, logits) - aims * logits))
