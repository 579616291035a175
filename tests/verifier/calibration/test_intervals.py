"""The interval holds the rate, covers what it promises, and is the published one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.calibration.intervals import exact_interval


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [
        # By the beta distribution's quantiles (scipy.stats.beta.ppf).
        (4, 20, 0.0573, 0.4366),
        (10, 100, 0.0490, 0.1762),
        (1, 900, 0.0000, 0.0062),
        (50, 100, 0.3983, 0.6017),
        (90, 100, 0.8238, 0.9510),
    ],
)
def test_known_intervals(errors: int, trials: int, low: float, high: float) -> None:
    assert exact_interval(errors, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("trials", [1, 30, 900, 30_000])
def test_no_error_seen_has_the_closed_form(trials: int) -> None:
    expected = 1 - 0.025 ** (1 / trials)
    assert exact_interval(0, trials) == pytest.approx((0.0, expected), abs=1e-12)
    assert exact_interval(trials, trials) == pytest.approx((1 - expected, 1.0), abs=1e-12)


def test_without_trials_there_is_no_interval() -> None:
    assert exact_interval(0, 0) is None


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_measured_rate(counts: tuple[int, int]) -> None:
    low, high = exact_interval(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@given(st.integers(1, 60), st.floats(0.001, 0.999))
def test_interval_covers_at_least_95_percent(trials: int, rate: float) -> None:
    covered = 0.0
    for errors in range(trials + 1):
        low, high = exact_interval(errors, trials)
        if low <= rate <= high:
            covered += math.comb(trials, errors) * rate**errors * (1 - rate) ** (trials - errors)
    assert covered >= 0.95 - 1e-9
