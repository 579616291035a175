from collections.abc import Iterable

import face_monitor_client
import httpx
import pytest
from face_monitor_client import FaceMonitorClient, FaceMonitorError, Subject, _errors
from face_monitor_client.mock import MockFaceMonitor


def test_unready_service_is_an_answer_and_is_not_asked_again(
    client: FaceMonitorClient, service: MockFaceMonitor
) -> None:
    service.is_ready = False

    readiness = client.readiness()

    assert not readiness.is_ready
    assert not readiness.checks["weights"].ok
    assert len(service.requests) == 1


def test_ready_service_says_so(client: FaceMonitorClient) -> None:
    assert client.readiness().is_ready


def test_replayed_answer_is_marked_and_another_request_under_the_key_refused(
    service: MockFaceMonitor,
) -> None:
    http = httpx.Client(
        base_url=f"{service.url}/api/v1",
        headers={"Authorization": f"Bearer {service.api_key}", "Idempotency-Key": "k"},
        transport=service.transport,
    )
    first = http.post("/subjects", json={"external_ref": "a"})
    again = http.post("/subjects", json={"external_ref": "a"})
    other = http.post("/subjects", json={"external_ref": "b"})

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("state_change", ["created", "consented"])
def test_attempt_becomes_ready_by_itself_once_nothing_is_missing(
    client: FaceMonitorClient, state_change: str
) -> None:
    subject = client.create_subject("student-17")
    attempt = client.open_attempt(subject.id)
    if state_change == "consented":
        client.give_consent(subject.id, "2026-12")
        client.enrol(subject.id, [b"\xff\xd8\xff picture"])

    assert client.get_attempt(attempt.id).state == (
        "ready" if state_change == "consented" else "created"
    )


def test_request_the_fake_does_not_know_is_not_found(
    client: FaceMonitorClient, subject: Subject
) -> None:
    with pytest.raises(FaceMonitorError, match="404"):
        client.get_enrollment(subject.id, 99)


def public_names() -> Iterable[str]:
    return (name for name in vars(face_monitor_client) if not name.startswith("_"))


def test_exported_members_are_the_public_names() -> None:
    modules = {"mock"}

    assert sorted(set(public_names()) - modules) == sorted(face_monitor_client.__all__)


def test_tree_in_the_docstring_names_every_error() -> None:
    drawn = _errors.__doc__ or ""
    errors = {
        name
        for name, member in vars(_errors).items()
        if isinstance(member, type) and issubclass(member, FaceMonitorError)
    }

    assert {name for name in errors if name not in drawn} == set()
