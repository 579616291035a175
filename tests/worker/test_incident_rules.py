"""Incidents follow from what lasted, in whatever order it came in."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.incident_policy import IncidentPolicy
from models.statuses import IncidentEnding, IncidentKind, Severity
from tests.verifier.exams import (
    FRAMES_OF_THREE_HOURS,
    OTHERS_DISTANCES,
    OWN_DISTANCES,
    drawn,
)
from tests.worker.incident_series import (
    NOISE_KINDS,
    at,
    course,
    frame,
    judged_frame,
    noise_frame,
)
from worker.incident_course import Course, FrameRecord, Span
from worker.incident_rules import FoundIncident, evidence_of, find_incidents

POLICY = IncidentPolicy()
SERIES = 1000
NOISE = 0.03


def kinds(found: Sequence[FoundIncident]) -> list[str]:
    return [incident.kind.value for incident in found]


def with_frames(frames: Sequence[FrameRecord]) -> Course:
    return replace(course(), frames=tuple(frames), now=frames[-1].received_at)


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("mmmmXXXmm", "wrong_person"),
        ("mmmm0000mm", "nobody"),
        ("mmmm22222mm", "somebody_else_too"),
        ("mmmmppppmm", "camera_covered"),
        ("mmmmrrrrrmm", "repeated_picture"),
        ("mmmmdddddmm", "client_disagrees"),
    ],
)
def test_what_lasts_is_an_incident_of_its_kind(letters: str, expected: str) -> None:
    [incident] = find_incidents(course(letters), POLICY)
    assert incident.kind == expected
    assert incident.first_seq == 5


@pytest.mark.parametrize(
    "letters", ["mmmXmmmm0mmmm2mmm", "m" * 40, "mmqqqqqqqqqqqqmm", "meeeeeeeem"]
)
def test_single_bad_frames_bad_light_and_errors_are_none(letters: str) -> None:
    assert find_incidents(course(letters), POLICY) == ()


def test_first_worst_and_last_evidence_are_named() -> None:
    frames = [judged_frame(seq, distance) for seq, distance in enumerate([0.4, 0.4, 0.7, 0.9, 0.8])]
    [incident] = find_incidents(with_frames(frames), POLICY)
    assert (incident.first_seq, incident.worst_seq, incident.last_seq) == (2, 3, 4)
    assert incident.figures["worst_distance"] == 0.9
    assert incident.closed_at is None


def test_an_incident_closes_after_frames_to_the_contrary() -> None:
    [still_open] = find_incidents(course("mmmXXXmm"), POLICY)
    [closed] = find_incidents(course("mmmXXXmmm"), POLICY)
    assert still_open.closed_at is None
    assert (closed.closed_at, closed.ending) == (at(45), IncidentEnding.REFUTED)


def test_an_incident_ends_with_the_attempt() -> None:
    [incident] = find_incidents(course("mmmXXXX", ended=40), POLICY)
    assert (incident.closed_at, incident.ending) == (at(40), IncidentEnding.ATTEMPT_ENDED)


def test_frames_before_the_start_and_while_it_was_broken_off_do_not_count() -> None:
    before = replace(course("XXXXXXX", now=60), running=(Span(at(50), None),))
    assert find_incidents(before, POLICY) == ()
    broken_off = replace(course("mmXXXXXXXmm"), running=(Span(at(0), at(12)), Span(at(48), None)))
    assert kinds(find_incidents(broken_off, POLICY)) == []


def test_a_mismatch_threshold_of_the_attempt_moves_what_is_deep() -> None:
    frames = [judged_frame(seq, distance) for seq, distance in enumerate([0.4] * 4 + [0.66] * 3)]
    gentle = replace(with_frames(frames), mismatch_threshold=0.64)
    assert kinds(find_incidents(with_frames(frames), POLICY)) == ["wrong_person"]
    assert find_incidents(gentle, POLICY) == ()


def test_a_kind_can_be_turned_off() -> None:
    policy = IncidentPolicy.from_dict({"wrong_person": {"is_on": False}})
    assert find_incidents(course("mmmXXXX"), policy) == ()


def test_the_policy_says_how_many_frames_open_and_close() -> None:
    policy = IncidentPolicy.from_dict({"wrong_person": {"opening_frames": 8, "closing_frames": 2}})
    assert find_incidents(course("mm" + "X" * 7), policy) == ()
    [incident] = find_incidents(course("mm" + "X" * 8 + "mm"), policy)
    assert incident.ending is IncidentEnding.REFUTED


def test_what_lasts_long_matters_more() -> None:
    short, long = course("0" * 6), course("0" * 26)
    assert [one.severity for one in find_incidents(short, POLICY)] == [Severity.MEDIUM]
    assert [one.severity for one in find_incidents(long, POLICY)] == [Severity.HIGH]


def test_evidence_puts_severity_first_then_length_and_distance() -> None:
    ordered = [
        evidence_of(Severity.LOW, 9e9, 9.0),
        evidence_of(Severity.MEDIUM, 0.0, 0.0),
        evidence_of(Severity.HIGH, 10.0, 0.0),
        evidence_of(Severity.HIGH, 60.0, 0.0),
        evidence_of(Severity.HIGH, 60.0, 0.2),
    ]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)


def test_without_a_camera_no_frame_is_missed() -> None:
    assert find_incidents(course(now=3600, uses_camera=False), POLICY) == ()


@pytest.mark.parametrize("kind", [None, *NOISE_KINDS])
def test_at_most_one_series_in_a_hundred_with_noise_has_an_incident(kind: str | None) -> None:
    """Of one sort of noise throughout, or (None) of all sorts mixed; of any kind of incident."""
    rng = np.random.default_rng(31)
    series = SERIES if kind is None else SERIES // 10
    good = [judged_frame(seq, 0.40) for seq in range(FRAMES_OF_THREE_HOURS)]
    false = 0
    for _ in range(series):
        frames = good.copy()
        for seq in np.flatnonzero(rng.random(len(frames)) < NOISE).tolist():
            frames[seq] = noise_frame(rng, seq, kind or str(rng.choice(NOISE_KINDS)))
        false += bool(find_incidents(with_frames(frames), POLICY))
    assert false <= series / 100


def test_a_swap_is_found_within_three_frames() -> None:
    rng = np.random.default_rng(32)
    found = 0
    for _ in range(SERIES):
        own = drawn(rng, OWN_DISTANCES, 30)
        others = drawn(rng, OTHERS_DISTANCES, 3)
        frames = [judged_frame(seq, float(one)) for seq, one in enumerate([*own, *others])]
        found += any(
            incident.kind is IncidentKind.WRONG_PERSON
            and incident.opened_at >= frames[len(own)].received_at
            for incident in find_incidents(with_frames(frames), POLICY)
        )
    assert found >= 0.99 * SERIES


def test_the_order_in_which_frames_came_in_says_nothing() -> None:
    letters = "mmmXXXXmmmm0000mmm2222222mmmmmmm"
    expected = find_incidents(course(letters), POLICY)
    assert kinds(expected) == ["wrong_person", "nobody", "somebody_else_too"]
    dice = random.Random(5)
    frames = [frame(seq, letter) for seq, letter in enumerate(letters, start=1)]
    seen: list[FrameRecord] = []
    for one in dice.sample(frames, len(frames)):
        seen = sorted([*seen, one], key=lambda record: record.seq)
        newest = max(record.received_at for record in seen)
        latest = find_incidents(replace(with_frames(seen), now=newest), POLICY)
    assert latest == expected


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("m" * 20 + "d" * 700, ["client_disagrees"]),
        ("m" * 20 + "d" * 300 + "0000" + "d" * 396, ["client_disagrees", "nobody"]),
        ("m" * 20 + "d" * 7 + "N" * 6 + "mmmmmm", ["client_disagrees", "nobody"]),
        ("m" * 20 + "d" * 6 + "N" * 6 + "mmmmmm", ["nobody"]),
        ("m" * 20 + "N" * 40, ["nobody"]),
        ("m" * 20 + "N" * 20 + "mmm" + "N" * 20, ["nobody", "nobody"]),
    ],
)
def test_a_page_that_disagrees_is_left_out_where_half_of_it_is_told_already(
    letters: str, expected: list[str]
) -> None:
    """`N` is nobody of whom the page says that somebody is there."""
    frames = [
        replace(frame(seq, "0"), disagrees=True) if letter == "N" else frame(seq, letter)
        for seq, letter in enumerate(letters, start=1)
    ]
    assert kinds(find_incidents(with_frames(frames), POLICY)) == expected
