"""A swap shows against the attempt's own first frames, however poor the enrolment is."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.verifier.exams import FRAMES_OF_THREE_HOURS, judged
from verifier import PolicyInvalid, Verdict
from verifier.episode_rule import DepthRule
from verifier.episodes import Ending, find_episodes
from verifier.own_frames import (
    SWAPPED_RULE,
    OwnFramesRule,
    find_swaps,
    own_distances,
    own_reference,
)
from verifier.sightings import Sighting

Face = NDArray[np.float32]

BETWEEN_PEOPLE = 0.74
"""With a length of 0.25 for what changes from frame to frame, two faces of one person are 0.35
apart, as in one sitting, and two people's 0.82, as measured on LFW."""


class People:
    """Encodings of made-up people, called by letters: a, b and c, far from each other."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        axes, _ = np.linalg.qr(self._rng.normal(size=(128, 3)))
        self._centres = dict(zip("abc", axes.T * BETWEEN_PEOPLE / np.sqrt(2), strict=True))

    def face(self, person: str, change: float = 0.25) -> Face:
        """Return an encoding; `change` is how far the frame strays from the usual look."""
        direction = self._rng.normal(size=128)
        strayed = change * direction / np.linalg.norm(direction)
        return (self._centres[person] + strayed).astype(np.float32)


def _sitting(letters: str, seed: int = 1, distance: float = 0.40) -> list[Sighting]:
    """Return one judged frame per letter, all as near to the enrolment; a dash never came."""
    people = People(seed)
    return [
        replace(judged(seq, distance), encoding=people.face(letter))
        for seq, letter in enumerate(letters)
        if letter != "-"
    ]


def _swaps(letters: str) -> list[tuple[int, int | None]]:
    return [(e.opened_at, e.closed_at) for e in find_swaps(_sitting(letters))]


def test_reference_is_made_of_the_first_matches_by_seq() -> None:
    sightings = _sitting("aaaaaaaaa")
    sightings[1] = replace(sightings[1], verdict=Verdict.INCONCLUSIVE)
    sightings[3] = replace(sightings[3], encoding=None)
    sightings[4] = replace(sightings[4], verdict=Verdict.MULTIPLE_FACES)
    reference = own_reference(reversed(sightings))
    assert (reference.seqs, reference.left_out_seqs) == ((0, 2, 5, 6, 7), ())
    assert np.array_equal(reference.encodings[1], sightings[2].encoding)


def test_own_distance_is_the_mean_over_the_reference() -> None:
    sightings = _sitting("aaaaaab")
    reference = own_reference(sightings)
    face = sightings[6].encoding
    expected = np.mean([np.linalg.norm(face - item.encoding) for item in sightings[:5]])
    assert own_distances(sightings, reference)[6] == pytest.approx(expected)
    assert 0.75 < reference.distance_to(face) < 0.90


@pytest.mark.parametrize("letters", ["baaaa", "aabaa", "aaaab", "babaa", "bacaa"])
def test_wrong_early_frames_are_left_out_and_told(letters: str) -> None:
    reference = own_reference(_sitting(letters))
    wrong = tuple(seq for seq, letter in enumerate(letters) if letter != "a")
    assert reference.left_out_seqs == wrong
    assert set(reference.seqs) | set(wrong) == set(range(5))
    assert _swaps(letters + "aaaabbb") == [(11, None)]


@pytest.mark.parametrize("letters", ["", "aaaa", "aabbc"])
def test_without_enough_agreeing_matches_there_is_no_reference(letters: str) -> None:
    assert own_reference(_sitting(letters)) is None
    assert find_swaps(_sitting(letters)) == ()


@given(st.text(alphabet="aaabb-", max_size=30), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(letters: str, chance: random.Random) -> None:
    sightings = _sitting("aaa" + letters)
    arrived = chance.sample(sightings, len(sightings))
    assert find_swaps(arrived) == find_swaps(sightings)


def test_first_frame_that_comes_late_takes_its_place() -> None:
    sightings = _sitting("aaaaaaa")
    assert own_reference(sightings[1:]).seqs == (1, 2, 3, 4, 5)
    assert own_reference([*sightings[1:], sightings[0]]).seqs == (0, 1, 2, 3, 4)


def test_swap_is_found_though_every_frame_matches_the_enrolment() -> None:
    sightings = _sitting("aaaaaaabbb", distance=0.48)
    assert find_episodes(sightings) == ()
    (swap,) = find_swaps(sightings)
    assert (swap.finding, swap.first_seq, swap.opened_at) == ("swapped", 7, 9)


def test_swap_back_closes_after_several_frames() -> None:
    assert _swaps("aaaaaaabbbbaa") == [(9, None)]
    assert _swaps("aaaaaaabbbbaabaaab") == [(9, 16)]
    assert find_swaps(_sitting("aaaaaaabbbbaaa"))[0].ending is Ending.REFUTED


@given(st.lists(st.sampled_from("abc-"), max_size=30))
def test_isolated_strange_frames_are_no_swap(strange: list[str]) -> None:
    assert _swaps("aaaaaa" + "a".join(strange)) == []


def test_first_frames_are_not_judged_by_what_they_made() -> None:
    sightings = _sitting("abbbaaaabbb")
    reference = own_reference(sightings, OwnFramesRule(first_frames=7, agreeing_frames=4))
    assert reference.seqs == (0, 4, 5, 6)
    assert sorted(own_distances(sightings, reference)) == [7, 8, 9, 10]


@pytest.mark.parametrize(
    "verdict", [Verdict.LOW_QUALITY, Verdict.MULTIPLE_FACES, Verdict.ERROR, Verdict.NO_FACE]
)
def test_frames_that_cannot_tell_neither_open_nor_close_a_swap(verdict: Verdict) -> None:
    def silenced(letters: str, silent: slice) -> list[Sighting]:
        sittings = _sitting(letters)
        sittings[silent] = [replace(item, verdict=verdict) for item in sittings[silent]]
        return sittings

    assert find_swaps(silenced("aaaaaabbbbbb", slice(6, None))) == ()
    (swap,) = find_swaps(silenced("aaaaaabbbaaaa", slice(9, None)))
    assert swap.is_open


def test_swap_shows_within_three_frames_of_a_poor_enrolment() -> None:
    """Both people hover about the thresholds; only the own frames tell them apart."""
    rng = np.random.default_rng(30)
    exams, own, found, wrong_person = 1000, 60, 0, 0
    for seed in range(exams):
        people = People(seed)
        distances = [*rng.uniform(0.44, 0.62, own), *rng.uniform(0.46, 0.64, 3)]
        changes = rng.normal(0.25, 0.05, own + 3)
        sightings = [
            replace(judged(seq, distance), encoding=people.face("a" if seq < own else "b", change))
            for seq, (distance, change) in enumerate(zip(distances, changes, strict=True))
        ]
        found += any(swap.opened_at in range(own, own + 3) for swap in find_swaps(sightings))
        wrong_person += bool(find_episodes(sightings))
    assert found >= 0.99 * exams
    assert wrong_person <= 0.01 * exams


def test_three_hours_with_noise_are_no_swap() -> None:
    """3 % of the frames stray so far that each by itself supports a swap."""
    rng = np.random.default_rng(31)
    for seed in range(10):
        people = People(seed)
        strays = rng.random(FRAMES_OF_THREE_HOURS) < 0.03
        sightings = [
            replace(judged(seq, 0.45), encoding=people.face("a", 0.55 if is_stray else 0.25))
            for seq, is_stray in enumerate(strays)
        ]
        distances = own_distances(sightings, own_reference(sightings))
        assert sum(distance >= 0.55 for distance in distances.values()) > 30
        assert find_swaps(sightings) == ()


@pytest.mark.parametrize(
    "numbers",
    [
        {"agreeing_frames": 2},
        {"agreeing_frames": 6},
        {"first_frames": 4.5},
        {"agreeing_distance": float("nan")},
        {"near_distance": 0.55},
        {"near_distance": 0.0},
        {"far_distance": 2.5},
        {"episode": replace(SWAPPED_RULE, depth=DepthRule(far_distance=0.6))},
    ],
)
def test_impossible_numbers_are_refused(numbers: dict[str, object]) -> None:
    with pytest.raises(PolicyInvalid):
        OwnFramesRule(**numbers)
