import base64
import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from face_monitor_client import (
    Attempt,
    AttemptClosed,
    AttemptNotReady,
    Claim,
    ClientEvent,
    FaceMonitorClient,
    Frame,
    FrameConflict,
    Gap,
    InvalidRequest,
    NoVerifiedFrame,
    Outcome,
    ReportedEvent,
    Transition,
)
from face_monitor_client.mock import MockFaceMonitor

from api.attempts.schemas import AttemptAnswer
from api.reviews.schemas import Outcome as OutcomeAnswer
from tests.clients.python.conftest import JPEG, OTHER_JPEG

ONE_FACE = Claim(status="one_face", face_count=1, detector_score=0.91, detector="Gesicht ✓")


def test_attempt_says_what_it_needs_before_it_can_start(client: FaceMonitorClient) -> None:
    subject = client.create_subject("student-17")
    attempt = client.open_attempt(subject.id, label="mathematics")

    assert attempt.state == "created"
    assert attempt.missing == ("consent", "enrollment")
    with pytest.raises(AttemptNotReady):
        client.start(attempt.id)


def test_starting_and_submitting_twice_is_no_error(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    assert client.start(attempt.id).state == "started"
    assert client.submit(attempt.id).state == "submitted"
    assert client.submit(attempt.id).submitted_at == client.get_attempt(attempt.id).submitted_at


@pytest.mark.parametrize(
    ("answer_type", "answered"), [(Attempt, AttemptAnswer), (Outcome, OutcomeAnswer)]
)
def test_client_reads_every_field_the_service_answers(answer_type: type, answered: type) -> None:
    named = {field.name for field in dataclasses.fields(answer_type)}
    assert named == answered.model_fields.keys()  # type: ignore[attr-defined]


def test_start_can_wait_for_a_recognised_face(client: FaceMonitorClient, attempt: Attempt) -> None:
    strict = client.open_attempt(attempt.subject_id, needs_verified_frame=True)
    assert (strict.needs_verified_frame, strict.verified_frame_at) == (True, None)
    with pytest.raises(NoVerifiedFrame):
        client.start(strict.id)

    client.send_frame(strict.id, 1, JPEG)

    assert client.get_attempt(strict.id).verified_frame_at is not None
    assert client.start(strict.id).state == "started"


def test_frame_carries_digest_time_claim_and_ticket(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    captured_at = datetime(2026, 11, 3, 10, 0, tzinfo=timezone(timedelta(hours=1)))

    client.send_frame(
        attempt.id, 1, JPEG, captured_at=captured_at, claim=ONE_FACE, ticket=attempt.ticket
    )

    headers = service.requests[-1].headers
    digest = base64.b64encode(hashlib.sha256(JPEG).digest()).decode()
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert headers["X-Captured-At"] == "2026-11-03T09:00:00.000000Z"
    assert headers["X-Client-Claim"].isascii()
    assert json.loads(headers["X-Client-Claim"])["detector"] == "Gesicht ✓"
    assert headers["X-Capture-Ticket"] == attempt.ticket


def test_time_without_zone_is_refused_before_it_is_sent(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    sent_before = len(service.requests)

    with pytest.raises(ValueError, match="time zone"):
        client.send_frame(attempt.id, 1, JPEG, captured_at=datetime(2026, 11, 3))  # noqa: DTZ001

    assert len(service.requests) == sent_before


def test_same_frame_again_gets_the_same_receipt(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    first = client.send_frame(attempt.id, 1, JPEG)

    assert client.send_frame(attempt.id, 1, JPEG) == first
    assert client.get_attempt(attempt.id).counts.frames == 1


def test_other_bytes_under_a_used_number_are_a_conflict(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    client.send_frame(attempt.id, 1, JPEG)

    with pytest.raises(FrameConflict):
        client.send_frame(attempt.id, 1, OTHER_JPEG)


def test_closed_attempt_refuses_frame(client: FaceMonitorClient, attempt: Attempt) -> None:
    client.submit(attempt.id)

    with pytest.raises(AttemptClosed):
        client.send_frame(attempt.id, 1, JPEG)


def test_absurd_number_is_an_invalid_request(client: FaceMonitorClient, attempt: Attempt) -> None:
    with pytest.raises(InvalidRequest) as refused:
        client.send_frame(attempt.id, 10**12, JPEG)

    assert refused.value.code == "invalid_seq"


def test_frame_shows_claim_beside_verdict(client: FaceMonitorClient, attempt: Attempt) -> None:
    client.send_frame(attempt.id, 1, JPEG, claim=ONE_FACE)

    frame = client.get_frame(attempt.id, 1)

    assert frame.claim == ONE_FACE
    assert frame.verification is not None
    assert frame.verification.verdict == "match"
    assert client.get_frame_image(attempt.id, 1) == JPEG


def test_event_that_is_reported_twice_is_counted_once(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    event = ClientEvent(kind="tab", reason="tab_switch", detail={"title": "other"})

    assert client.send_events(attempt.id, [event]).accepted == 1
    again = client.send_events(attempt.id, [event])

    assert (again.accepted, again.duplicates) == (0, 1)


def test_timeline_holds_frames_gaps_events_and_transitions_in_order(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    client.send_frame(attempt.id, 1, JPEG)
    client.send_events(attempt.id, [ClientEvent(kind="heartbeat", reason="heartbeat")])
    client.send_frame(attempt.id, 4, JPEG)

    items = list(client.timeline(attempt.id, page_size=2))

    assert [type(item) for item in items] == [
        Transition,
        Transition,
        Transition,
        Frame,
        ReportedEvent,
        Gap,
        Frame,
    ]
    moves = [(item.from_state, item.to_state) for item in items if isinstance(item, Transition)]
    assert moves == [(None, "created"), ("created", "ready"), ("ready", "started")]
    assert [(item.from_seq, item.to_seq) for item in items if isinstance(item, Gap)] == [(2, 3)]


def test_attempts_are_listed_newest_first_and_by_state(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    waiting = client.open_attempt(attempt.subject_id)

    assert [each.id for each in client.attempts()] == [waiting.id, attempt.id]
    assert [each.id for each in client.attempts(state="started")] == [attempt.id]


def test_event_time_is_sent_in_utc() -> None:
    event = ClientEvent(kind="tab", reason="tab_switch", client_at=datetime(2026, 1, 2, tzinfo=UTC))

    assert event.as_json()["client_at"] == "2026-01-02T00:00:00.000000Z"
