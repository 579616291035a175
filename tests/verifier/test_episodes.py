"""What lasts becomes an episode, what does not never does."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.exams import LETTERS, series
from verifier import Verdict
from verifier.episode_rule import RULES
from verifier.episodes import Ending, Episode, find_episodes
from verifier.sightings import SeqRepeated

ANY_EXAM = st.text(alphabet=[*LETTERS, "-"], max_size=60)
ROUGH_EXAM = st.text(alphabet="mmXXxi00022qf-", min_size=10, max_size=80)
"""Bad frames so often that most series have episodes."""


def _found(letters: str) -> list[tuple[str, int, int | None]]:
    """Return finding, opened_at and closed_at of each episode."""
    return [(e.finding.value, e.opened_at, e.closed_at) for e in find_episodes(series(letters))]


def _only(letters: str) -> Episode:
    (episode,) = find_episodes(series(letters))
    return episode


@given(ROUGH_EXAM, st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(letters: str, chance: random.Random) -> None:
    sightings = series(letters)
    arrived = chance.sample(sightings, len(sightings))
    assert find_episodes(arrived) == find_episodes(sightings)


def test_repeated_seq_is_refused() -> None:
    with pytest.raises(SeqRepeated):
        find_episodes([*series("m"), *series("0")])


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("mmXXX", ("wrong_person", 4, None)),
        ("mm0000", ("nobody", 5, None)),
        ("mm22222", ("somebody_else_too", 6, None)),
    ],
)
def test_what_lasts_opens_an_episode(letters: str, found: tuple[str, int, int | None]) -> None:
    assert _found(letters[:-1]) == []
    assert _found(letters) == [found]


@given(st.lists(st.sampled_from("Xx02qfe-m"), max_size=40))
def test_isolated_bad_frames_open_nothing(bad: list[str]) -> None:
    assert _found("m".join(bad)) == []


@given(st.text(alphabet="qe-", max_size=60))
def test_bad_light_and_errors_are_never_an_incident(letters: str) -> None:
    assert _found(letters) == []


@given(st.text(alphabet="mif", max_size=60))
def test_poor_enrolment_alone_accuses_nobody(letters: str) -> None:
    assert _found(letters) == []


def test_single_far_frame_between_undecided_ones_opens_nothing() -> None:
    assert _found("iiXiiXiiiXi") == []


def test_undecided_frame_does_not_save_another_person() -> None:
    for letters in ("iXX", "XiX", "XXi"):
        assert _found("mm" + letters) == [("wrong_person", 4, None)]


def test_one_match_among_three_far_frames_opens_nothing() -> None:
    assert _found("mmXXmXmXX") == []


def test_mismatches_just_above_the_threshold_take_longer() -> None:
    assert _found("mmxxxxx") == []
    assert _found("mmxxxxxx") == [("wrong_person", 7, None)]
    assert _found("mmxxixixixx") == [("wrong_person", 10, None)]


def test_second_face_that_comes_and_goes_is_found() -> None:
    assert _found("mm22m2m22") == [("somebody_else_too", 8, None)]


def test_glance_of_a_second_face_is_not() -> None:
    assert _found("mm2222mmmm2222mmmm") == []


def test_one_good_frame_closes_nothing() -> None:
    assert _found("XXXmmXXmmX") == [("wrong_person", 2, None)]
    assert _found("0000mm00mm0") == [("nobody", 3, None)]


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("XXXXmmmm", ("wrong_person", 2, 6)),
        ("XXXmqm-im", ("wrong_person", 2, 8)),
        ("0000mfi", ("nobody", 3, 6)),
        ("22222mmm0mm", ("somebody_else_too", 4, 10)),
    ],
)
def test_enough_good_frames_close(letters: str, found: tuple[str, int, int]) -> None:
    assert _found(letters) == [found]
    assert find_episodes(series(letters))[0].ending is Ending.REFUTED


@pytest.mark.parametrize("opened", ["XXX", "0000", "22222"])
def test_neutral_frames_close_nothing(opened: str) -> None:
    episode = _only(opened + "qe" * 50)
    assert episode.is_open
    assert episode.frames_neutral == 100
    assert episode.last_seq == len(opened) - 1


def test_evidence_is_not_carried_across_missing_or_poor_frames() -> None:
    assert _found("00--00") == [("nobody", 5, None)]
    assert _found("00---00") == []
    assert _found("00qqq00") == []
    assert _found("X----X----X") == []


def test_short_gap_is_told_and_long_gap_ends_the_episode() -> None:
    gap = RULES[_only("0000").finding].gap_seqs
    short = _only("0000" + "-" * (gap - 1) + "0")
    assert (short.frames_missing, short.closed_at) == (gap - 1, None)
    long = find_episodes(series("m0000" + "-" * gap + "0000m"))
    assert [(e.first_seq, e.closed_at, e.ending) for e in long] == [
        (1, 4, Ending.LOST),
        (gap + 5, None, None),
    ]


def test_frames_after_a_gap_need_their_own_opening() -> None:
    assert _found("XXX" + "-" * 12 + "XX") == [("wrong_person", 2, 2)]


def test_silence_at_the_end_leaves_an_episode_open() -> None:
    assert _only("mmXXX").is_open


def test_late_frames_take_back_what_their_absence_suggested() -> None:
    gap = "-" * 12
    assert len(_found("0000" + gap + "0000")) == 2
    assert _found("0000" + "0" * 12 + "0000") == [("nobody", 3, None)]


def test_episode_names_the_frames_to_look_at() -> None:
    sightings = series("mmxXxXq-imxmmmm")
    (episode,) = find_episodes(sightings)
    assert (episode.first_seq, episode.opened_at, episode.worst_seq) == (2, 4, 3)
    assert (episode.last_seq, episode.closed_at) == (10, 13)
    assert (episode.frames_supporting, episode.frames_refuting) == (5, 4)
    assert (episode.frames_neutral, episode.frames_missing) == (2, 1)


def test_two_findings_at_once_stand_side_by_side() -> None:
    assert _found("XXX00002222222") == [
        ("wrong_person", 2, None),
        ("nobody", 6, 9),
        ("somebody_else_too", 11, None),
    ]


@given(ROUGH_EXAM)
def test_figures_of_every_episode_fit_its_frames(letters: str) -> None:
    sightings = series(letters)
    newest = sightings[-1].seq if sightings else 0
    for episode in find_episodes(sightings):
        end = newest if episode.closed_at is None else episode.closed_at
        assert episode.first_seq <= episode.opened_at <= end
        assert episode.first_seq <= episode.worst_seq <= episode.last_seq <= end
        frames = episode.frames_supporting + episode.frames_refuting + episode.frames_neutral
        assert frames + episode.frames_missing == end - episode.first_seq + 1
        assert episode.is_open == (episode.ending is None)


@given(ROUGH_EXAM)
def test_only_a_frame_that_says_something_opens_or_closes(letters: str) -> None:
    verdicts = {sighting.seq: sighting.verdict for sighting in series(letters)}
    silent = {Verdict.LOW_QUALITY, Verdict.ERROR}
    for episode in find_episodes(series(letters.replace("f", "q"))):
        assert verdicts[episode.opened_at] not in silent
        if episode.ending is Ending.REFUTED:
            assert verdicts[episode.closed_at] not in silent


@given(ROUGH_EXAM, st.integers(0, 80))
def test_later_frames_never_take_back_an_opening(letters: str, length: int) -> None:
    def openings(seen: str) -> set[tuple[str, int, int]]:
        return {(e.finding, e.first_seq, e.opened_at) for e in find_episodes(series(seen))}

    whole = {opening for opening in openings(letters) if opening[2] < length}
    assert openings(letters[:length]) == whole


@given(ANY_EXAM)
def test_episodes_of_one_finding_never_overlap(letters: str) -> None:
    for finding in RULES:
        found = [e for e in find_episodes(series(letters)) if e.finding is finding]
        for earlier, later in pairwise(found):
            assert earlier.closed_at is not None
            assert earlier.closed_at < later.first_seq
