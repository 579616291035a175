from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from face_monitor_client import (
    Attempt,
    AttemptClosed,
    AttemptRecorder,
    Claim,
    ClientEvent,
    FaceMonitorClient,
    Frame,
    FrameSender,
    FramesUnsent,
    Gap,
    ReportedEvent,
    RetryPolicy,
    UnexpectedAnswer,
)
from face_monitor_client.mock import MockFaceMonitor

from tests.clients.python.conftest import JPEG, OTHER_JPEG, Waiting


@pytest.fixture
def hasty(service: MockFaceMonitor, client: FaceMonitorClient) -> FaceMonitorClient:
    """A client that gives up at once."""
    return FaceMonitorClient(
        service.url,
        service.api_key,
        transport=service.transport,
        retries=RetryPolicy(max_tries=1),
    )


def ticking() -> Iterator[datetime]:
    moment = datetime(2026, 11, 3, tzinfo=UTC)
    while True:
        yield moment
        moment += timedelta(seconds=5)


def frames_of(client: FaceMonitorClient, attempt: Attempt) -> list[Frame]:
    return [item for item in client.timeline(attempt.id) if isinstance(item, Frame)]


def test_frames_are_numbered_and_each_carries_the_newest_ticket(
    client: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    sender = FrameSender(client, attempt)

    receipts = [*sender.send(JPEG), *sender.send(OTHER_JPEG)]

    assert [receipt.seq for receipt in receipts] == [1, 2]
    tickets = [request.headers["X-Capture-Ticket"] for request in service.requests[-2:]]
    assert tickets == [attempt.ticket, "ticket-2"]


def test_frame_waits_out_an_outage_and_keeps_number_time_and_claim(
    hasty: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    moments = ticking()
    sender = FrameSender(hasty, attempt, now=lambda: next(moments))
    service.break_next_connection()

    assert sender.send(JPEG, claim=Claim(status="no_face")) == ()
    assert [frame.seq for frame in sender.unsent] == [1]
    sender.send(OTHER_JPEG)

    frames = frames_of(hasty, attempt)
    assert [frame.seq for frame in frames] == [1, 2]
    assert frames[0].captured_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert frames[0].claim is not None
    assert frames[0].claim.status == "no_face"
    assert sender.unsent == ()


@pytest.mark.parametrize("status", [401, 429, 503, 507])
def test_frame_is_kept_when_the_service_says_not_now(
    hasty: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt, status: int
) -> None:
    sender = FrameSender(hasty, attempt)
    service.fail_next(status=status, code="any")

    assert sender.send(JPEG) == ()
    assert [receipt.seq for receipt in sender.send_unsent()] == [1]


def test_frame_is_kept_when_something_else_answers(attempt: Attempt) -> None:
    portal = httpx.MockTransport(lambda _request: httpx.Response(200, html="<p>Sign in</p>"))
    sender = FrameSender(FaceMonitorClient("https://faces.test", "k", transport=portal), attempt)

    with pytest.raises(UnexpectedAnswer):
        sender.send(JPEG)

    assert [frame.seq for frame in sender.unsent] == [1]


def test_time_without_zone_takes_no_number(client: FaceMonitorClient, attempt: Attempt) -> None:
    sender = FrameSender(client, attempt)

    with pytest.raises(ValueError, match="time zone"):
        sender.send(JPEG, captured_at=datetime(2026, 11, 3))  # noqa: DTZ001

    assert [receipt.seq for receipt in sender.send(JPEG)] == [1]


def test_frame_that_is_refused_for_good_is_not_kept(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    sender = FrameSender(client, attempt)
    client.submit(attempt.id)

    with pytest.raises(AttemptClosed):
        sender.send(JPEG)

    assert sender.unsent == ()


def test_frames_beyond_the_limit_leave_a_visible_gap(
    hasty: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    sender = FrameSender(hasty, attempt, unsent_limit=2)
    service.break_next_connection(times=2)
    sender.send(JPEG)
    sender.send(JPEG)

    sender.send(JPEG)

    gaps = [item for item in hasty.timeline(attempt.id) if isinstance(item, Gap)]
    assert [(gap.from_seq, gap.to_seq) for gap in gaps] == [(1, 1)]
    assert [frame.seq for frame in frames_of(hasty, attempt)] == [2, 3]


def test_sender_of_a_resumed_attempt_goes_on_counting(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    FrameSender(client, attempt).send(JPEG)

    resumed = FrameSender(client, client.get_attempt(attempt.id))

    assert [receipt.seq for receipt in resumed.send(OTHER_JPEG)] == [2]


def test_recorder_starts_keeps_the_pace_and_submits(
    client: FaceMonitorClient, attempt: Attempt, waiting: Waiting
) -> None:
    fresh = client.open_attempt(attempt.subject_id, frame_interval_seconds=2)

    with AttemptRecorder(client, fresh.id, sleep=waiting.sleep, clock=waiting.clock) as recorder:
        for image in (JPEG, OTHER_JPEG, JPEG):
            recorder.wait_for_next_frame()
            recorder.record(image)
        recorder.report(ClientEvent(kind="tab", reason="tab_switch"))

    assert waiting.slept_seconds == [2, 2]
    assert client.get_attempt(fresh.id).state == "submitted"
    assert any(isinstance(item, ReportedEvent) for item in client.timeline(fresh.id))


def test_recorder_leaves_the_attempt_open_after_an_exception(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    with pytest.raises(KeyError), AttemptRecorder(client, attempt.id):
        raise KeyError

    assert client.get_attempt(attempt.id).state == "started"


def test_recorder_does_not_submit_while_frames_wait(
    hasty: FaceMonitorClient, service: MockFaceMonitor, attempt: Attempt
) -> None:
    recorder = AttemptRecorder(hasty, attempt.id)

    def sit_while_the_service_is_away() -> None:
        with recorder:
            service.break_next_connection(times=2)
            recorder.record(JPEG)

    with pytest.raises(FramesUnsent):
        sit_while_the_service_is_away()

    assert hasty.get_attempt(attempt.id).state == "started"
    assert len(recorder.sender.unsent) == 1


def test_recorder_outside_a_with_statement_says_how_it_is_used(
    client: FaceMonitorClient, attempt: Attempt
) -> None:
    with pytest.raises(RuntimeError, match="with AttemptRecorder"):
        AttemptRecorder(client, attempt.id).record(JPEG)
