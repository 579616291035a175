"""The rules' numbers are possible ones, and keep the rates they were reckoned for."""

import math

import numpy as np
import pytest

from tests.verifier.exams import (
    FRAMES_OF_THREE_HOURS,
    OTHERS_DISTANCES,
    OWN_DISTANCES,
    drawn,
    judged,
)
from verifier import PolicyInvalid, Verdict
from verifier.episode_rule import DEEP_FRAMES, RULES, DepthRule, EpisodeRule
from verifier.episodes import episodes_of, find_episodes
from verifier.sightings import Finding, Sighting, evidence_on

EXAMS = 1000
NOISE = 0.03
"""Part of the frames that are wrong, each independently of the others."""

POSSIBLE = {
    "opening_frames": 4,
    "opening_window": 6,
    "refuting_allowed": 1,
    "closing_frames": 3,
}


def _noise(rng: np.random.Generator, finding: Finding, seqs: list[int]) -> list[Sighting]:
    """Return wrong frames of the enrolled person that all pretend the same finding."""
    if finding is Finding.WRONG_PERSON:
        distances = drawn(rng, OWN_DISTANCES, len(seqs), least=0.60)
        return [judged(seq, distance) for seq, distance in zip(seqs, distances, strict=True)]
    verdict = Verdict.NO_FACE if finding is Finding.NOBODY else Verdict.MULTIPLE_FACES
    return [Sighting(seq, 5.0 * seq, verdict) for seq in seqs]


@pytest.mark.parametrize("finding", RULES)
def test_at_most_one_exam_in_a_hundred_has_a_false_episode(finding: Finding) -> None:
    rng = np.random.default_rng(20)
    good = evidence_on(finding, (judged(seq, 0.40) for seq in range(FRAMES_OF_THREE_HOURS)))
    false = 0
    for _ in range(EXAMS):
        exam = good.copy()
        wrong = np.flatnonzero(rng.random(len(exam)) < NOISE).tolist()
        for item in evidence_on(finding, _noise(rng, finding, wrong)):
            exam[item.seq] = item
        false += bool(episodes_of(finding, exam, RULES[finding]))
    assert false <= EXAMS / 100


def test_poor_picture_enrolled_rarely_makes_a_wrong_person() -> None:
    """Every frame is drawn from a person's own distances: a third undecided, 6 % mismatches."""
    rng = np.random.default_rng(21)
    rule = {Finding.WRONG_PERSON: RULES[Finding.WRONG_PERSON]}
    false = 0
    for _ in range(100):
        distances = drawn(rng, OWN_DISTANCES, FRAMES_OF_THREE_HOURS)
        exam = [judged(seq, distance) for seq, distance in enumerate(distances)]
        false += bool(find_episodes(exam, rule))
    assert false <= 2


@pytest.mark.parametrize("undecided", [0.0, 0.02])
def test_another_person_is_found_within_three_frames(undecided: float) -> None:
    """`undecided` is the part of the other person's frames that lie between the thresholds."""
    rng = np.random.default_rng(22)
    found = 0
    for _ in range(EXAMS):
        own = drawn(rng, OWN_DISTANCES, 30)
        others = drawn(rng, OTHERS_DISTANCES, 3)
        between = rng.uniform(0.50, 0.60, 3)
        others = np.where(rng.random(3) < undecided, between, others)
        distances = np.concatenate([own, others])
        exam = [judged(seq, distance) for seq, distance in enumerate(distances)]
        found += any(episode.opened_at >= len(own) for episode in find_episodes(exam))
    assert found >= 0.99 * EXAMS


def test_reckoned_rates_are_below_one_in_a_hundred() -> None:
    nobody = RULES[Finding.NOBODY]
    else_too = RULES[Finding.SOMEBODY_ELSE_TOO]
    patterns = math.comb(else_too.opening_window - 1, else_too.opening_frames - 1)
    in_a_row = FRAMES_OF_THREE_HOURS * NOISE**nobody.opening_frames
    scattered = FRAMES_OF_THREE_HOURS * patterns * NOISE**else_too.opening_frames
    assert (round(in_a_row, 4), round(scattered, 4)) == (0.0017, 0.0018)


def test_one_frame_however_far_needs_two_that_support() -> None:
    depth = DepthRule()
    two_below = (DEEP_FRAMES - 1) * math.nextafter(depth.far_distance, 0)
    assert (depth.counted_distance + two_below) / DEEP_FRAMES < depth.deep_distance


@pytest.mark.parametrize(
    "numbers",
    [
        {"opening_frames": 1},
        {"opening_frames": 4.0},
        {"opening_frames": True},
        {"opening_frames": 6},
        {"refuting_allowed": -1},
        {"refuting_allowed": 3},
        {"closing_frames": 1},
        {"gap_seqs": 0},
        {
            "opening_frames": 2,
            "opening_window": 2,
            "refuting_allowed": 0,
            "depth": DepthRule(),
        },
    ],
)
def test_impossible_numbers_are_refused(numbers: dict[str, object]) -> None:
    with pytest.raises(PolicyInvalid):
        EpisodeRule(**{**POSSIBLE, **numbers})


@pytest.mark.parametrize(
    "numbers",
    [{"far_distance": 0.0}, {"far_distance": math.nan}, {"margin": -0.1}, {"margin": "0.05"}],
)
def test_impossible_depths_are_refused(numbers: dict[str, object]) -> None:
    with pytest.raises(PolicyInvalid):
        DepthRule(**numbers)
