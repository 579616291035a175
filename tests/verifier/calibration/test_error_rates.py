"""Every rate by hand, and what must hold for any distances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.calibration.error_rates import (
    DISTANCE_STEP,
    ErrorRate,
    PairDistances,
    best_accuracy,
    equal_error_rate,
    error_curve,
    operating_point,
    threshold_at_fmr,
)


def _pairs(same: list[float], different: list[float], *undetected: int) -> PairDistances:
    return PairDistances(np.array(same, float), np.array(different, float), *undetected)


OVERLAPPING = _pairs([0.2, 0.3, 0.4, 0.7], [0.35, 0.6, 0.8, 0.9, 1.0])
APART = _pairs([0.2, 0.3], [0.8, 0.9])

some_distances = st.lists(st.integers(0, 1_200_000).map(lambda n: round(n * 1e-6, 6)), max_size=40)
few_values = st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.9]), max_size=40)
any_distances = some_distances | few_values
any_pairs = st.builds(_pairs, any_distances, any_distances, st.integers(0, 5), st.integers(0, 5))


def test_rates_at_a_threshold_by_hand() -> None:
    point = operating_point("match", _pairs([0.2, 0.6], [0.4, 0.7, 0.9], 2, 5), 0.5)
    assert (point.fmr, point.fnmr, point.frr) == (
        ErrorRate(1, 3),
        ErrorRate(1, 2),
        ErrorRate(3, 4),
    )


def test_distance_at_the_threshold_is_accepted() -> None:
    point = operating_point("match", _pairs([0.5], [0.5]), 0.5)
    assert (point.fmr.value, point.fnmr.value) == (1.0, 0.0)


def test_undetected_faces_are_rejections_and_no_false_matches() -> None:
    point = operating_point("match", _pairs([], [], 3, 4), 0.5)
    assert (point.fmr.value, point.fnmr.value, point.frr.value) == (None, None, 1.0)


def test_operating_point_has_the_keys_of_the_contract() -> None:
    values = operating_point("fmr_1pct", OVERLAPPING, 0.5).as_dict()
    assert set(values) == {
        "name", "threshold", "fmr", "fmr_ci", "fnmr", "fnmr_ci", "frr", "frr_ci",
    }  # fmt: skip
    assert values["fmr"] == 0.2
    assert values["fmr_ci"] == pytest.approx([0.0051, 0.7164], abs=1e-4)


def test_curve_runs_from_nothing_accepted_to_all() -> None:
    curve = error_curve(OVERLAPPING)
    assert curve.thresholds.tolist() == [
        0.199999, 0.2, 0.3, 0.35, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0,
    ]  # fmt: skip
    assert curve.fmr.tolist() == [0, 0, 0, 0.2, 0.2, 0.4, 0.4, 0.6, 0.8, 1.0]
    assert curve.fnmr.tolist() == [1, 0.75, 0.5, 0.5, 0.25, 0.25, 0, 0, 0, 0]


def test_equal_error_rate_by_hand() -> None:
    # FMR passes FNMR between 0.4 (0.2 against 0.25) and 0.6 (0.4 against 0.25).
    assert equal_error_rate(OVERLAPPING) == pytest.approx(0.25)
    assert equal_error_rate(APART) == 0.0
    assert equal_error_rate(_pairs([0.9], [0.1])) == 1.0
    assert equal_error_rate(_pairs([0.5, 0.5], [0.5])) == 0.5
    assert equal_error_rate(_pairs([], [0.5])) is None


def test_best_accuracy_by_hand() -> None:
    # 0.3 accepts two of four and none of five; the next distance is 0.35. At 0.4 it is three of
    # four and one of five, which is as good but accepts a stranger.
    assert best_accuracy(OVERLAPPING) == (pytest.approx(7 / 9), 0.325)
    assert best_accuracy(APART) == (1.0, 0.55)


def test_undetected_pair_counts_as_rejected_in_the_best_accuracy() -> None:
    for undetected, right in (((1, 0), 4), ((0, 1), 5), ((2, 3), 7)):
        accuracy, _ = best_accuracy(_pairs([0.2, 0.3], [0.8, 0.9], *undetected))
        assert accuracy == right / (4 + sum(undetected))


def test_of_equally_good_thresholds_the_lowest_run_is_taken() -> None:
    assert best_accuracy(_pairs([0.2, 0.6], [0.4, 0.8])) == (0.75, 0.3)


def test_best_accuracy_without_any_compared_pair() -> None:
    assert best_accuracy(_pairs([], [], 1, 3)) == (0.75, None)


def test_threshold_at_fmr_stops_below_the_first_one_too_many() -> None:
    different = [round(0.5 + n / 1000, 6) for n in range(200)]
    assert threshold_at_fmr(_pairs([], different), one_in=100) == 0.501999
    assert threshold_at_fmr(_pairs([], different), one_in=1000) == 0.499999
    assert threshold_at_fmr(_pairs([0.5], []), one_in=100) is None


def test_equal_distances_are_accepted_together_or_not_at_all() -> None:
    different = [0.4] * 3 + [0.9] * 197
    threshold = threshold_at_fmr(_pairs([], different), one_in=100)
    assert threshold == 0.399999
    assert operating_point("fmr_1pct", _pairs([], different), threshold).fmr.errors == 0


@given(any_distances.filter(bool), st.sampled_from([2, 10, 100, 1000]))
def test_threshold_at_fmr_is_the_largest(different: list[float], one_in: int) -> None:
    pairs = _pairs([], different)
    threshold = threshold_at_fmr(pairs, one_in)
    above = round(threshold + DISTANCE_STEP, 6)
    assert operating_point("here", pairs, threshold).fmr.value <= 1 / one_in
    assert operating_point("above", pairs, above).fmr.value > 1 / one_in


@given(any_pairs, st.floats(-0.1, 1.3), st.floats(0, 0.5))
def test_higher_threshold_never_accepts_less(
    pairs: PairDistances, threshold: float, more: float
) -> None:
    low = operating_point("low", pairs, threshold)
    high = operating_point("high", pairs, threshold + more)
    assert low.fmr.errors <= high.fmr.errors
    assert low.fnmr.errors >= high.fnmr.errors
    assert low.frr.errors >= high.frr.errors


@given(any_pairs, st.floats(-0.1, 1.3))
def test_interval_holds_the_rate_and_frr_is_no_lower_than_fnmr(
    pairs: PairDistances, threshold: float
) -> None:
    point = operating_point("any", pairs, threshold)
    for rate in (point.fmr, point.fnmr, point.frr):
        if rate.value is not None:
            low, high = rate.interval
            assert low <= rate.value <= high
    if point.fnmr.value is not None:
        assert point.frr.value >= point.fnmr.value


@given(any_pairs)
def test_curve_is_what_the_operating_points_say(pairs: PairDistances) -> None:
    curve = error_curve(pairs)
    for threshold, fmr, fnmr in zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True):
        point = operating_point("any", pairs, float(threshold))
        for measured, rate in ((fmr, point.fmr.value), (fnmr, point.fnmr.value)):
            assert math.isnan(measured) if rate is None else measured == pytest.approx(rate)


@given(any_pairs)
def test_equal_error_rate_lies_between_both_errors_around_it(pairs: PairDistances) -> None:
    rate = equal_error_rate(pairs)
    if rate is None:
        assert not len(pairs.same) or not len(pairs.different)
        return
    curve = error_curve(pairs)
    worse = np.maximum(curve.fmr, curve.fnmr).min()
    better = np.minimum(curve.fmr, curve.fnmr).max()
    assert better - 1e-12 <= rate <= worse + 1e-12


@given(any_pairs.filter(lambda pairs: pairs.count > 0))
def test_no_threshold_does_better_than_the_best(pairs: PairDistances) -> None:
    accuracy, threshold = best_accuracy(pairs)
    candidates = [*error_curve(pairs).thresholds.tolist()]
    if threshold is not None:
        assert _accuracy(pairs, threshold) == pytest.approx(accuracy)
    assert all(_accuracy(pairs, each) <= accuracy + 1e-12 for each in candidates)


def _accuracy(pairs: PairDistances, threshold: float) -> float:
    right = sum(d <= threshold for d in pairs.same) + sum(d > threshold for d in pairs.different)
    return float(right + pairs.different_undetected) / pairs.count
