"""A policy is one value: validated, named by its numbers, readable again."""

import json
import math
from dataclasses import FrozenInstanceError

import pytest

from verifier import MatchPolicy, PolicyInvalid


def test_shipped_thresholds_are_the_agreed_ones() -> None:
    policy = MatchPolicy()
    assert (policy.match_threshold, policy.mismatch_threshold) == (0.50, 0.60)


def test_policy_id_follows_every_number() -> None:
    numbers = MatchPolicy().as_dict()
    ids = {
        MatchPolicy.from_dict({**numbers, name: value * 1.01}).policy_id
        for name, value in numbers.items()
    }
    assert len(ids) == len(numbers)
    assert MatchPolicy().policy_id not in ids


def test_policy_id_does_not_depend_on_how_a_number_is_written() -> None:
    assert (
        MatchPolicy(min_face_size_px=60).policy_id == MatchPolicy(min_face_size_px=60.0).policy_id
    )


def test_policy_survives_json() -> None:
    policy = MatchPolicy(match_threshold=0.45, min_face_sharpness=70)
    again = MatchPolicy.from_dict(json.loads(json.dumps(policy.as_dict())))
    assert again == policy
    assert again.policy_id == policy.policy_id


def test_policy_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        MatchPolicy().match_threshold = 0.9  # type: ignore[misc]


@pytest.mark.parametrize(
    "numbers",
    [
        {"match_threshold": 0.7},
        {"match_threshold": 0.0},
        {"mismatch_threshold": 2.5},
        {"min_face_brightness": -1.0},
        {"min_face_contrast": math.nan},
        {"max_face_brightness": math.inf},
        {"min_face_sharpness": "50"},
        {"min_face_size_px": True},
        {"near_copy_distance": 0.5},
        {"tolerance": 0.6},
    ],
)
def test_impossible_numbers_are_refused(numbers: dict[str, object]) -> None:
    with pytest.raises(PolicyInvalid):
        MatchPolicy.from_dict(numbers)


def test_equal_thresholds_leave_nothing_inconclusive_and_are_allowed() -> None:
    assert MatchPolicy(match_threshold=0.6, mismatch_threshold=0.6).mismatch_threshold == 0.6
