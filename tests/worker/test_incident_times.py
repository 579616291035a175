"""What did not come, and a page that was not in front."""

from dataclasses import replace

import pytest

from models.incident_policy import IncidentPolicy
from models.statuses import IncidentEnding, IncidentKind, Severity
from tests.worker.incident_series import at, course, frame
from worker.incident_course import Course, Span
from worker.incident_rules import FoundIncident, find_incidents, next_look_at

POLICY = IncidentPolicy()


def only(sitting: Course) -> FoundIncident:
    [incident] = find_incidents(sitting, POLICY)
    return incident


def test_no_frames_for_half_a_minute_are_an_incident_that_goes_on() -> None:
    assert find_incidents(course("mm", now=39), POLICY) == ()
    silent = only(course("mm", now=50))
    assert (silent.kind, silent.first_at, silent.opened_at) == ("no_frames", at(10), at(40))
    assert silent.closed_at is None


def test_an_attempt_that_never_sent_a_frame_is_silent_from_its_start() -> None:
    assert only(course(now=31)).first_at == at(0)


def test_the_next_frame_ends_the_silence() -> None:
    silent = only(course("mm--------mm"))
    assert (silent.closed_at, silent.ending) == (at(55), IncidentEnding.REFUTED)
    assert silent.figures["lasted_seconds"] == 45.0


def test_a_frame_between_two_silences_does_not_part_them() -> None:
    silent = only(course("mm" + "-" * 8 + "m" + "-" * 8 + "mmmm"))
    assert silent.figures["lasted_seconds"] == 90.0


def test_the_end_of_the_attempt_ends_the_silence() -> None:
    silent = only(course("mm", ended=60))
    assert (silent.closed_at, silent.ending) == (at(60), IncidentEnding.ATTEMPT_ENDED)


def test_frames_kept_while_offline_are_counted_and_do_not_undo_the_silence() -> None:
    base = course("mm--------mm", now=60)
    late = [
        replace(frame(seq, "m"), received_at=at(55 + seq / 100), is_late=True)
        for seq in range(3, 11)
    ]
    frames = tuple(sorted([*base.frames, *late], key=lambda one: one.seq))
    silent = only(replace(base, frames=frames))
    assert (silent.kind, silent.figures["frames_late"]) == ("no_frames", 8)


def test_slow_cameras_may_take_their_time() -> None:
    assert find_incidents(course("m", now=200, frame_interval_seconds=60.0), POLICY) == ()


def test_long_silence_matters_more() -> None:
    assert only(course("mm", now=100)).severity is Severity.MEDIUM
    assert only(course("mm", now=311)).severity is Severity.HIGH


FRAMES = "m" * 60


def test_ten_seconds_away_are_an_incident() -> None:
    short = course(FRAMES, reports=[("tab_switch", 20), ("tab_return", 29)])
    long = course(FRAMES, reports=[("tab_switch", 20), ("tab_return", 32)])
    assert find_incidents(short, POLICY) == ()
    away = only(long)
    assert (away.kind, away.first_at, away.opened_at, away.closed_at) == (
        "away",
        at(20),
        at(30),
        at(32),
    )
    assert away.severity is Severity.LOW


def test_leaving_several_times_is_one_incident() -> None:
    reports = [
        (reason, 20 * turn + pause)
        for turn in range(3)
        for reason, pause in (("window_blur", 0), ("window_focus", 3))
    ]
    away = only(course(FRAMES, reports=reports))
    assert away.figures == {"lasted_seconds": 9.0, "times": 3}


def test_hidden_and_blurred_at_once_is_one_absence() -> None:
    reports = [
        ("window_blur", 20.0),
        ("tab_switch", 20.1),
        ("tab_return", 60),
        ("window_focus", 61),
    ]
    away = only(course(FRAMES, reports=reports))
    assert away.figures == {"lasted_seconds": 40.0, "times": 1}


def test_an_absence_without_a_return_goes_on_and_is_looked_at_in_time() -> None:
    gone = course(FRAMES, reports=[("tab_switch", 295)], now=300)
    assert find_incidents(gone, POLICY) == ()
    assert next_look_at(gone, POLICY, ()) == at(305)
    later = course(FRAMES, reports=[("tab_switch", 295)], now=305)
    away = only(later)
    assert away.closed_at is None
    assert next_look_at(later, POLICY, [away]) == at(355)


def test_a_page_that_was_closed_is_not_away_for_ever() -> None:
    reports = [("tab_switch", 20), ("page_left", 21)]
    assert find_incidents(course(FRAMES, reports=reports), POLICY) == ()


@pytest.mark.parametrize("order", [1, -1])
def test_reports_that_come_in_another_order_say_the_same(order: int) -> None:
    reports = [("tab_switch", 20), ("tab_return", 50), ("tab_switch", 70), ("tab_return", 71)]
    base = course(FRAMES, reports=reports)
    away = only(replace(base, reports=base.reports[::order]))
    assert away.kind is IncidentKind.AWAY
    assert away.figures["lasted_seconds"] == 31.0


PAUSE = (Span(at(0), at(200)), Span(at(3795), None))


def sat_again(*reports: tuple[str, float], now: float = 7200) -> Course:
    """Return an attempt that was broken off for an hour and then sat for another one."""
    frames = tuple(frame(seq, "m") for seq in [*range(1, 41), *range(760, 1441)])
    return replace(course(reports=reports, running=PAUSE, now=now), frames=frames)


@pytest.mark.parametrize(
    "reports",
    [
        [("window_blur", 190)],
        [("window_blur", 190), ("page_left", 230)],
        [("window_blur", 190), ("window_focus", 3000)],
        [("window_blur", 190), ("window_focus", 5000)],
    ],
)
def test_an_absence_ends_when_the_attempt_is_broken_off(reports: list[tuple[str, float]]) -> None:
    away = only(sat_again(*reports))
    assert (away.kind, away.severity, away.closed_at) == ("away", Severity.LOW, at(200))
    assert away.figures == {"lasted_seconds": 10.0, "times": 1}
    assert away.ending is IncidentEnding.ATTEMPT_ENDED


def test_who_left_before_it_was_broken_off_may_leave_again_after_it() -> None:
    sitting = sat_again(("window_blur", 190), ("window_blur", 4000), ("window_focus", 4020))
    away = find_incidents(sitting, POLICY)
    assert [(one.first_at, one.figures["lasted_seconds"]) for one in away] == [
        (at(190), 10.0),
        (at(4000), 20.0),
    ]


def test_nothing_is_awaited_of_an_absence_that_was_broken_off() -> None:
    sitting = sat_again(("window_blur", 195), now=3800)
    assert next_look_at(sitting, POLICY, find_incidents(sitting, POLICY)) is None


def test_a_page_that_vanished_while_it_was_away_is_back_when_it_is_opened_again() -> None:
    reports = [("tab_switch", 100), ("page_opened", 140)]
    away = only(course(FRAMES, reports=reports, ended=300))
    assert (away.closed_at, away.figures["lasted_seconds"]) == (at(140), 40.0)


def test_a_return_reported_after_the_end_counts_to_the_end() -> None:
    away = only(course(FRAMES, reports=[("tab_switch", 280), ("tab_return", 320)], ended=300))
    assert (away.closed_at, away.figures["lasted_seconds"]) == (at(300), 20.0)
