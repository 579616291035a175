from datetime import UTC, datetime

import pytest
from face_monitor_client import Frame, Gap, UnexpectedAnswer, UnknownItem, Verification
from face_monitor_client._reading import read
from face_monitor_client._timeline import read_timeline_item


def test_field_of_a_newer_service_is_ignored() -> None:
    verification = read(Verification, {"id": "ver_1", "status": "done", "aura": "violet"})

    assert verification.id == "ver_1"


def test_null_takes_the_default() -> None:
    verification = read(Verification, {"id": "ver_1", "status": "pending", "faces": None})

    assert verification.faces == ()


def test_verdict_of_a_newer_service_is_kept_as_it_came() -> None:
    verification = read(Verification, {"id": "ver_1", "status": "done", "verdict": "twin"})

    assert verification.verdict == "twin"


def test_answer_of_a_service_before_looks_and_policies_is_read() -> None:
    verification = read(Verification, {"id": "ver_1", "status": "done", "policy": None})

    assert (verification.look, verification.policy) == (None, {})


def test_look_of_a_newer_service_is_kept_as_it_came() -> None:
    body = {"id": "ver_1", "status": "done", "look": "microscopic", "policy": {"new_floor": 1}}
    verification = read(Verification, body)

    assert (verification.look, verification.policy) == ("microscopic", {"new_floor": 1.0})


def test_missing_field_is_named() -> None:
    with pytest.raises(UnexpectedAnswer, match=r"Verification\.status"):
        read(Verification, {"id": "ver_1"})


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"id": "ver_1", "status": "done", "faces": 3},
        {"id": "ver_1", "status": "done", "faces": [3]},
        {"id": "ver_1", "status": "done", "distance": "near"},
        {"id": "ver_1", "status": "done", "received_at": "yesterday"},
        {"id": "ver_1", "status": "done", "timings_ms": []},
    ],
)
def test_answer_of_another_kind_is_unexpected(body: object) -> None:
    with pytest.raises(UnexpectedAnswer):
        read(Verification, body)


def test_times_are_read_with_their_zone() -> None:
    frame = read_timeline_item(
        {
            "type": "frame",
            "seq": 3,
            "sha256": "00",
            "received_at": "2026-11-03T09:00:00.123456Z",
        }
    )

    assert isinstance(frame, Frame)
    assert frame.received_at == datetime(2026, 11, 3, 9, 0, 0, 123456, tzinfo=UTC)


def test_item_of_unknown_type_is_kept_as_it_came() -> None:
    body = {"type": "incident", "at": "2026-11-03T09:00:00Z"}

    assert read_timeline_item(body) == UnknownItem(type="incident", body=body)
    assert isinstance(read_timeline_item({"type": "gap", "from_seq": 1, "to_seq": 2}), Gap)
