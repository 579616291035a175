"""The fitted curve is the probability that the distances were drawn with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.calibration.error_rates import PairDistances
from verifier.calibration.match_score_fit import fit_match_score


def _drawn(same_count: int, different_count: int) -> PairDistances:
    """Two normal distributions of one width: their logit is a straight line."""
    rng = np.random.default_rng(7)
    return PairDistances(
        rng.normal(0.45, 0.08, same_count), rng.normal(0.75, 0.08, different_count)
    )


@pytest.mark.parametrize("counts", [(20_000, 20_000), (4_000, 40_000), (40_000, 4_000)])
def test_known_distributions_give_their_own_curve(counts: tuple[int, int]) -> None:
    # middle = mean of both means, slope = their difference / variance.
    fit = fit_match_score(_drawn(*counts))
    assert fit.middle == pytest.approx(0.6, abs=0.006)
    assert fit.slope == pytest.approx(0.3 / 0.08**2, rel=0.06)


def test_kinds_without_overlap_have_a_finite_slope_between_them() -> None:
    fit = fit_match_score(PairDistances(np.full(500, 0.500), np.full(500, 0.501)))
    assert fit.middle == pytest.approx(0.5005, abs=1e-4)
    assert 1000 < fit.slope < 100_000


@pytest.mark.parametrize(
    ("same", "different"),
    [([], [0.9]), ([0.4], []), ([0.5, 0.5], [0.5]), ([0.9, 0.8], [0.2, 0.3])],
)
def test_without_a_falling_slope_there_is_no_fit(same: list[float], different: list[float]) -> None:
    assert fit_match_score(PairDistances(np.array(same), np.array(different))) is None


@given(
    st.lists(st.floats(0, 1.3), min_size=1, max_size=30),
    st.lists(st.floats(0, 1.3), min_size=1, max_size=30),
)
def test_any_distances_give_a_falling_curve_or_none(
    same: list[float], different: list[float]
) -> None:
    fit = fit_match_score(PairDistances(np.array(same), np.array(different)))
    assert fit is None or (np.isfinite([fit.middle, fit.slope]).all() and fit.slope > 0)
