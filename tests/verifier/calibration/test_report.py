"""The report holds the contract's names and counts every pair and picture once."""

import json
from dataclasses import replace

import pytest

from verifier import MatchPolicy, Verdict
from verifier.calibration.outcomes import PairOutcome
from verifier.calibration.report import report_on

POLICY = MatchPolicy()


def _outcome(
    names: str, same: bool, distance: float | None, group: str | None = None
) -> PairOutcome:
    path_a, path_b = names.split()
    return PairOutcome(
        path_a, path_b, same, group, distance, False, distance is None,
        Verdict.NO_FACE if distance is None else Verdict.MATCH,
    )  # fmt: skip


OUTCOMES = [
    _outcome("a b", True, 0.3, "day"),
    _outcome("a c", True, 0.55, "night"),
    _outcome("b d", True, None, "night"),
    _outcome("a e", False, 0.45, "day"),
    _outcome("b e", False, 0.9),
    replace(_outcome("f e", False, None), undetected_a=True, undetected_b=False, verdict=None),
]
VALUES = report_on(OUTCOMES, POLICY, "engine-1", 1.23456).as_dict()


def test_report_has_the_keys_measurements_read() -> None:
    assert {
        "pairs", "images", "undetected_images", "accuracy_best", "threshold_best", "eer",
        "operating_points", "groups", "engine_id", "policy_id", "seconds", "verdicts",
        "undetected_paths", "match_score_fit",
    } <= set(VALUES)  # fmt: skip
    json.dumps(VALUES, allow_nan=False)


def test_pairs_and_pictures_are_counted_once() -> None:
    assert (VALUES["pairs"], VALUES["images"]) == (6, 6)
    assert (VALUES["undetected_images"], VALUES["undetected_paths"]) == (2, ["d", "f"])
    assert (VALUES["same_pairs"], VALUES["different_pairs"]) == (3, 3)
    assert (VALUES["same_pairs_undetected"], VALUES["different_pairs_undetected"]) == (1, 1)


def test_picture_undetected_in_one_of_its_pairs_is_counted() -> None:
    both = [*OUTCOMES, _outcome("a d", True, 0.4)]
    assert report_on(both, POLICY, "engine-1", 1.0).as_dict()["undetected_paths"] == ["d", "f"]


def test_operating_points_are_the_shipped_thresholds_and_the_chosen_ones() -> None:
    points = {point["name"]: point for point in VALUES["operating_points"]}
    assert list(points) == ["match", "mismatch", "fmr_1pct", "fmr_0.1pct"]
    assert points["match"]["threshold"] == POLICY.match_threshold
    assert points["mismatch"]["threshold"] == POLICY.mismatch_threshold
    assert points["fmr_1pct"]["threshold"] == 0.449999
    assert (points["match"]["fmr"], points["match"]["fnmr"]) == (0.5, 0.5)
    assert points["match"]["frr"] == pytest.approx(2 / 3, abs=1e-6)


def test_verdicts_are_counted_by_kind() -> None:
    assert VALUES["verdicts"] == {
        "same": {"match": 2, "no_face": 1},
        "different": {"match": 2, "not_enrolled": 1},
    }


def test_groups_hold_the_same_figures_of_their_own_pairs() -> None:
    assert list(VALUES["groups"]) == ["day", "night"]
    day, night = VALUES["groups"]["day"], VALUES["groups"]["night"]
    assert set(day) <= set(VALUES)
    assert (day["pairs"], night["pairs"], night["undetected_images"]) == (2, 2, 1)
    assert day["operating_points"][0]["fmr"] == 1.0


def test_group_of_one_kind_leaves_out_what_it_cannot_tell() -> None:
    night = VALUES["groups"]["night"]
    assert night["eer"] is None
    chosen = night["operating_points"][2]
    assert (chosen["threshold"], chosen["fmr"], chosen["fmr_ci"]) == (None, None, None)


def test_list_without_any_detected_face_is_reported() -> None:
    unseen = [_outcome("a b", True, None), _outcome("a c", False, None)]
    values = report_on(unseen, POLICY, "engine-1", 1.0).as_dict()
    assert (values["accuracy_best"], values["threshold_best"], values["eer"]) == (0.5, None, None)
    assert values["match_score_fit"] is None
    assert values["operating_points"][0]["frr"] == 1.0
