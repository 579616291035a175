import pytest
from face_monitor_client import EnrollmentRequired, FaceMonitorClient, Subject, Verdict
from face_monitor_client.mock import MockFaceMonitor

from tests.clients.python.conftest import JPEG, OTHER_JPEG


def test_image_is_verified_against_a_subject(client: FaceMonitorClient, subject: Subject) -> None:
    verification = client.verify(JPEG, subject_id=subject.id)

    assert verification.is_done
    assert verification.verdict == Verdict.MATCH
    assert verification.distance is not None
    assert verification.thresholds is not None
    assert verification.distance <= verification.thresholds.match
    assert verification.faces[0].is_subject


def test_every_number_of_the_verdict_is_in_the_answer(
    client: FaceMonitorClient, subject: Subject
) -> None:
    verification = client.verify(JPEG, subject_id=subject.id)
    assert verification.look == "glance"
    assert verification.reference_agreement["count"] == len(verification.distances)
    assert verification.thresholds is not None
    assert verification.policy["match_threshold"] == verification.thresholds.match

    [listed] = client.verifications()
    assert (listed.policy_id, listed.policy) == (verification.policy_id, {})
    assert client.get_verification(listed.id) == verification


def test_image_is_verified_against_another_image(client: FaceMonitorClient) -> None:
    assert client.verify(JPEG, reference=OTHER_JPEG).verdict == Verdict.MATCH


@pytest.mark.parametrize("given", [{}, {"subject_id": "sub_1", "reference": JPEG}])
def test_verification_needs_exactly_one_thing_to_compare_with(
    client: FaceMonitorClient, service: MockFaceMonitor, given: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="either subject_id or reference"):
        client.verify(JPEG, **given)  # type: ignore[arg-type]  # What a caller gets wrong.

    assert service.requests == []


def test_subject_without_enrolment_cannot_be_verified(client: FaceMonitorClient) -> None:
    subject = client.create_subject("student-17")

    with pytest.raises(EnrollmentRequired):
        client.verify(JPEG, subject_id=subject.id)


def test_waiting_verification_is_asked_for_with_prefer(
    client: FaceMonitorClient, service: MockFaceMonitor
) -> None:
    client.verify(JPEG, reference=OTHER_JPEG, wait_seconds=2.5)

    assert service.requests[-1].headers["Prefer"] == "wait=2.5"


def test_read_timeout_grows_by_what_the_service_may_wait(
    client: FaceMonitorClient, service: MockFaceMonitor
) -> None:
    client.verify(JPEG, reference=OTHER_JPEG, wait_seconds=30)

    timeout = service.requests[-1].extensions["timeout"]
    assert timeout["read"] == timeout["connect"] + 30


def test_pending_verification_is_done_later() -> None:
    service = MockFaceMonitor(decide=lambda _image: "low_quality", holds_verdicts=True)
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)
    verification = client.verify(JPEG, reference=OTHER_JPEG)
    assert not verification.is_done
    assert verification.verdict is None

    service.release_verdicts()

    assert client.get_verification(verification.id).verdict == Verdict.LOW_QUALITY


def test_verifications_are_listed_newest_first_and_by_verdict() -> None:
    service = MockFaceMonitor(decide=lambda image: "no_face" if image == OTHER_JPEG else "match")
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)
    made = [client.verify(image, reference=JPEG).id for image in (JPEG, OTHER_JPEG, JPEG)]

    assert [each.id for each in client.verifications(page_size=2)] == made[::-1]
    assert [each.id for each in client.verifications(verdict="no_face")] == [made[1]]
