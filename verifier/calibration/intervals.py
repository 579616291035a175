"""How far a measured rate may be from the true one."""

import math

import numpy as np

CONFIDENCE = 0.95

_BISECTIONS = 50
"""Halvings of 0..1: the bounds are exact to 1e-15."""


def exact_interval(errors: int, trials: int) -> tuple[float, float] | None:
    """Return the 95 % Clopper-Pearson interval of a rate, 0..1; None without trials.

    It never covers less than it says, also where no error was seen (0 of 900 gives 0 to 0.41 %),
    and there a threshold is chosen. The price is some width: Wilson's is narrower, but covers
    less than 95 % at some rates near 0. Both take trials as independent. Pairs that share
    pictures or people are not quite, so the truth is somewhat wider.

    Source: Clopper and Pearson, Biometrika 26 (1934).
    """
    if trials == 0:
        return None
    if errors > trials - errors:
        # The sum below then has as few terms as the rarer outcome.
        low, high = _bounds(trials - errors, trials)
        return 1 - high, 1 - low
    return _bounds(errors, trials)


def _bounds(errors: int, trials: int) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if errors == 0 else _rate_where(errors - 1, trials, 1 - tail)
    return low, _rate_where(errors, trials, tail)


def _rate_where(errors: int, trials: int, probability: float) -> float:
    """Return the rate at which at most `errors` of `trials` have this probability."""
    low, high = 0.0, 1.0
    seen = np.arange(1, errors + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((trials - seen + 1) / seen))])
    counts = np.arange(errors + 1)
    for _ in range(_BISECTIONS):
        rate = (low + high) / 2
        terms = ways + counts * math.log(rate) + (trials - counts) * math.log1p(-rate)
        if np.exp(terms).sum() > probability:
            low = rate
        else:
            high = rate
    return (low + high) / 2
