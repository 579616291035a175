"""Allowances taken together, in the subject's favour."""

from models.allowance import Allowance
from models.granted import Granted
from models.statuses import FaceCheck


def allowance(**fields):
    usual = {
        "extra_time_percent": 0,
        "extra_time_seconds": 0,
        "frame_interval_factor": 1.0,
        "face_check": FaceCheck.MATCH.value,
        "second_person_allowed": False,
    }
    return Allowance(**usual | fields)


def test_nothing_granted_changes_nothing():
    granted = Granted.of([])
    assert granted.as_dict() == {}
    assert Granted.from_dict({}) == granted
    assert granted.duration_seconds(3600) == 3600
    assert granted.frame_interval_seconds(5) == 5


def test_no_grant_takes_away_what_another_gives():
    granted = Granted.of(
        [
            allowance(id="alw_2", extra_time_percent=50, face_check="presence"),
            allowance(id="alw_1", extra_time_percent=10, extra_time_seconds=60),
            allowance(id="alw_3", frame_interval_factor=3.0, second_person_allowed=True),
        ]
    )
    assert granted.duration_seconds(600) == 960
    assert granted.frame_interval_seconds(2) == 6
    assert granted.face_check is FaceCheck.PRESENCE
    assert granted.second_person_allowed
    assert granted.allowance_ids == ("alw_1", "alw_2", "alw_3")


def test_what_is_stored_comes_back():
    granted = Granted.of([allowance(id="alw_1", face_check="person", extra_time_percent=25)])
    assert Granted.from_dict(granted.as_dict()) == granted
