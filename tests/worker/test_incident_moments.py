"""Neither the time frames waited to be sent nor the rush they came in makes an incident longer."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from models.incident_policy import IncidentPolicy
from models.statuses import IncidentKind, Severity
from tests.worker.incident_series import INTERVAL_SECONDS, at, course
from worker.incident_course import Course, FrameRecord, Span
from worker.incident_moments import moments_of
from worker.incident_rules import FoundIncident, find_incidents

POLICY = IncidentPolicy.from_dict({"no_frames": {"is_on": False}})
NETWORK_BACK = 2_300.0
"""Seconds after the start; it went after frame 100."""


def kept(sitting: Course, seqs: Iterable[int], *, came: float = NETWORK_BACK) -> Course:
    """Return the attempt with these frames sent late, a fiftieth of a second apart."""
    offline = set(seqs)

    def sent(one: FrameRecord) -> FrameRecord:
        if one.seq not in offline:
            return one
        moment = at(came + (one.seq - min(offline)) / 50)
        return replace(one, received_at=moment, is_late=True)

    return replace(sitting, frames=tuple(map(sent, sitting.frames)))


def only(sitting: Course) -> FoundIncident:
    [incident] = find_incidents(sitting, POLICY)
    return incident


def test_waiting_to_be_sent_makes_nobody_no_longer() -> None:
    sitting = course("m" * 99 + "0" * 4 + "m" * 500)
    nobody = only(kept(sitting, range(101, 460)))
    assert nobody == only(sitting)
    assert (nobody.severity, nobody.figures["lasted_seconds"]) == (Severity.MEDIUM, 15.0)


def test_coming_all_at_once_makes_nobody_no_shorter() -> None:
    sitting = course("m" * 99 + "0" * 240 + "m" * 260)
    nobody = only(kept(sitting, range(100, 460)))
    assert nobody == only(sitting)
    assert (nobody.severity, nobody.figures["lasted_seconds"]) == (Severity.HIGH, 1195.0)


@pytest.mark.parametrize("offline", [range(90, 110), range(90, 461), range(105, 120)])
def test_what_begins_or_ends_live_lasts_as_if_all_had_come_live(offline: range) -> None:
    sitting = course("m" * 99 + "0" * 240 + "m" * 260)
    assert only(kept(sitting, offline)) == only(sitting)


def test_who_was_offline_from_the_start_is_timed_from_there() -> None:
    sitting = kept(course("m" * 9 + "0" * 40 + "m" * 9), range(1, 59))
    assert only(sitting).figures["lasted_seconds"] == 195.0
    assert only(sitting).first_at == at(45)


def test_numbers_left_out_make_no_kept_frame_later_than_it_can_be() -> None:
    sitting = course("m" * 99 + "0" + "-" * 400 + "000" + "m" * 20)
    frames = kept(sitting, range(501, 504), came=560).frames
    live_again = tuple(
        replace(one, received_at=at(565 + one.seq - 504)) if one.seq >= 504 else one
        for one in frames
    )
    moments = moments_of(replace(sitting, frames=live_again))
    assert [moments[seq] for seq in (501, 502, 503)] == [at(560), at(560.02), at(560.04)]


def test_a_slow_pace_counts_by_the_clock_while_frames_come_live() -> None:
    sitting = course("m" * 9 + "0" * 10 + "m" * 9)
    slow = tuple(
        replace(one, received_at=at(4 * INTERVAL_SECONDS * one.seq)) for one in sitting.frames
    )
    assert only(replace(sitting, frames=slow)).figures["lasted_seconds"] == 180.0


def test_a_pause_makes_no_incident_longer() -> None:
    sitting = course("m" * 20 + "0" * 8 + "m" * 20)
    paused = tuple(
        replace(one, received_at=at(3600 + INTERVAL_SECONDS * one.seq)) if one.seq > 24 else one
        for one in sitting.frames
    )
    running = (Span(at(0), at(121)), Span(at(3722), None))
    nobody = only(replace(sitting, frames=paused, running=running, now=at(3840)))
    assert (nobody.kind, nobody.severity) == (IncidentKind.NOBODY, Severity.MEDIUM)
    assert nobody.figures["lasted_seconds"] == 34.0
