from collections.abc import Callable
from functools import cache

import pytest
from face_monitor_client import FaceMonitorClient, FrameSender, ReportedEvent, RetryPolicy
from face_monitor_client.mock import MockFaceMonitor

from clients.simulator.script import FEWEST_FRAMES, scripted_frames
from clients.simulator.sitting import Outcome, Sitting, SittingFailed, prepare_sitting


@cache
def due_verdicts() -> dict[bytes, str]:
    return {frame.picture(): frame.due_verdict.value for frame in scripted_frames(FEWEST_FRAMES)}


def decide_rightly(image: bytes) -> str:
    return due_verdicts().get(image, "match")


def client_of(service: MockFaceMonitor) -> FaceMonitorClient:
    return FaceMonitorClient(
        service.url,
        service.api_key,
        transport=service.transport,
        retries=RetryPolicy(max_tries=1),
    )


def brisk(sitting: Sitting, **limits: float) -> Sitting:
    """Return the same sitting without its pauses."""
    frames = scripted_frames(FEWEST_FRAMES)
    return Sitting(sitting.client, sitting.attempt, frames, frames_per_second=1000, **limits)


def sit(decide: Callable[[bytes], str]) -> tuple[FaceMonitorClient, str, list[Outcome]]:
    client = client_of(MockFaceMonitor(decide=decide))
    sitting = brisk(prepare_sitting(client, FEWEST_FRAMES))
    return client, sitting.attempt.id, list(sitting.outcomes())


def test_honest_service_surprises_nowhere_and_every_lie_is_caught() -> None:
    client, attempt_id, outcomes = sit(decide_rightly)

    assert [outcome.frame.seq for outcome in outcomes] == list(range(1, FEWEST_FRAMES + 1))
    assert all(outcome.is_expected for outcome in outcomes)
    assert all(outcome.is_caught_lie for outcome in outcomes if outcome.frame.is_lie)
    assert client.get_attempt(attempt_id).state == "submitted"
    assert client.get_attempt(attempt_id).counts.frames == FEWEST_FRAMES


def test_claims_and_events_travel_with_the_frames() -> None:
    client, attempt_id, outcomes = sit(decide_rightly)

    claims = [client.get_frame(attempt_id, outcome.frame.seq).claim for outcome in outcomes]
    assert claims == [outcome.frame.claim for outcome in outcomes]
    reasons = {
        item.reason for item in client.timeline(attempt_id) if isinstance(item, ReportedEvent)
    }
    assert reasons == {"heartbeat", "tab_switch", "tab_return"}


def test_service_that_believes_the_client_is_a_surprise() -> None:
    _, _, outcomes = sit(lambda _image: "match")

    surprises = [outcome for outcome in outcomes if not outcome.is_expected]
    assert {outcome.frame.due_verdict.value for outcome in surprises} == {
        "mismatch",
        "no_face",
        "multiple_faces",
        "low_quality",
    }
    assert not any(outcome.is_caught_lie for outcome in surprises)


def test_verdict_that_never_comes_is_a_surprise() -> None:
    service = MockFaceMonitor(holds_verdicts=True)
    client = client_of(service)
    subject = client.create_subject("student-17")
    client.give_consent(subject.id, "2026-12")
    client.enrol(subject.id, [b"\xff\xd8\xff picture"])
    service.release_verdicts()
    attempt = client.start(client.open_attempt(subject.id).id)
    frames = scripted_frames(FEWEST_FRAMES)
    sitting = Sitting(client, attempt, frames, frames_per_second=1000, verdict_limit_seconds=0.2)

    outcomes = list(sitting.outcomes())

    assert all(outcome.verification is None for outcome in outcomes)
    assert not any(outcome.is_expected for outcome in outcomes)


def test_camera_stops_when_nobody_watches_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    send = FrameSender.send

    def counted(sender: FrameSender, jpeg: bytes, **more: object) -> object:
        sent.append(jpeg)
        return send(sender, jpeg, **more)  # type: ignore[arg-type]  # Passed through.

    monkeypatch.setattr(FrameSender, "send", counted)
    client = client_of(MockFaceMonitor())
    watching = prepare_sitting(client, FEWEST_FRAMES).outcomes()

    next(watching)
    watching.close()  # type: ignore[attr-defined]  # It is a generator.

    assert 1 <= len(sent) < FEWEST_FRAMES


@pytest.mark.parametrize("verdict", ["no_face", "multiple_faces"])
def test_refused_reference_image_ends_the_sitting_with_its_name(verdict: str) -> None:
    client = client_of(MockFaceMonitor(decide=lambda _image: verdict))

    with pytest.raises(SittingFailed, match=r"obama\.jpg"):
        prepare_sitting(client, FEWEST_FRAMES)
