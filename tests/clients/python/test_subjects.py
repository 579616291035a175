from pathlib import Path

import pytest
from face_monitor_client import (
    ConsentRequired,
    FaceMonitorClient,
    InvalidImage,
    NotFound,
    Subject,
    SubjectExists,
)
from face_monitor_client.mock import MockFaceMonitor

from tests.clients.python.conftest import JPEG, OTHER_JPEG


def test_enrolment_without_consent_is_refused(client: FaceMonitorClient) -> None:
    subject = client.create_subject("student-17")

    with pytest.raises(ConsentRequired) as refused:
        client.enrol(subject.id, [JPEG])

    assert refused.value.status == 409
    assert refused.value.code == "consent_required"


def test_enrolled_subject_shows_consent_and_enrollment(subject: Subject) -> None:
    assert subject.consent is not None
    assert subject.consent.text_version == "2026-12"
    assert subject.enrollment is not None
    assert subject.enrollment.is_accepted


def test_same_external_ref_is_refused(client: FaceMonitorClient, subject: Subject) -> None:
    with pytest.raises(SubjectExists):
        client.create_subject(subject.external_ref)


def test_enrolment_says_which_image_was_refused_and_why() -> None:
    service = MockFaceMonitor(decide=lambda image: "no_face" if image == OTHER_JPEG else "match")
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)
    subject = client.create_subject("student-17")
    client.give_consent(subject.id, "2026-12")

    enrollment = client.enrol(subject.id, [JPEG, OTHER_JPEG])

    assert [image.state for image in enrollment.images] == ["accepted", "refused"]
    assert [reason.code for reason in enrollment.images[1].reasons] == ["no_face"]
    assert enrollment.is_accepted


def test_enrolment_without_a_picture_that_serves_is_an_invalid_image() -> None:
    service = MockFaceMonitor(decide=lambda _image: "no_face")
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)
    subject = client.create_subject("student-17")
    client.give_consent(subject.id, "2026-12")

    with pytest.raises(InvalidImage) as refused:
        client.enrol(subject.id, [JPEG])

    assert (refused.value.status, refused.value.code) == (422, "no_face")


def test_enrolment_that_is_not_decided_in_time_comes_back_pending() -> None:
    service = MockFaceMonitor(holds_verdicts=True)
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)
    subject = client.create_subject("student-17")
    client.give_consent(subject.id, "2026-12")

    enrollment = client.enrol(subject.id, [JPEG], wait_seconds=1)
    assert not enrollment.is_decided

    service.release_verdicts()
    assert client.get_enrollment(subject.id, enrollment.version).is_accepted
    assert [each.version for each in client.enrollments(subject.id)] == [1]


def test_images_are_read_from_disk_and_their_file_names_stay_there(
    client: FaceMonitorClient, service: MockFaceMonitor, subject: Subject, tmp_path: Path
) -> None:
    photograph = tmp_path / "Jane Doe passport.jpg"
    photograph.write_bytes(JPEG)

    client.enrol(subject.id, [photograph])

    assert JPEG in service.requests[-1].content
    assert b"Jane" not in service.requests[-1].content


def test_text_as_image_is_an_invalid_image(client: FaceMonitorClient, subject: Subject) -> None:
    with pytest.raises(InvalidImage) as refused:
        client.enrol(subject.id, [b"not a picture"])

    assert refused.value.code == "unsupported_image_type"


def test_erased_subject_is_gone_and_leaves_a_receipt(
    client: FaceMonitorClient, subject: Subject
) -> None:
    receipt = client.delete_subject(subject.id)

    assert receipt.subject_id == subject.id
    assert receipt.deleted["templates"] == 1
    with pytest.raises(NotFound):
        client.get_subject(subject.id)


def test_subjects_are_listed_newest_first_across_pages(client: FaceMonitorClient) -> None:
    for number in range(5):
        client.create_subject(f"student-{number}")

    listed = [subject.external_ref for subject in client.subjects(page_size=2)]

    assert listed == [f"student-{number}" for number in range(4, -1, -1)]
