"""Consent is a free choice: what taking it back stops, and what it leaves alone."""

import pytest

from models.statuses import AttemptState, FaceCheck
from tests.support.builders import make_attempt
from tests.support.papers import be_seen, join, prepare, set_up_exam


def take_back(student):
    return student.post("/consent/withdraw").status_code


def grant(admin, student, face_check):
    wanted = {"subject_id": student.subject_id, "face_check": face_check}
    assert admin.post("/api/v1/allowances", json=wanted).status_code == 201


def state_of(student, attempt):
    shown = student.get(f"/api/v1/attempts/{attempt['id']}").json()
    return shown["state"], shown["missing"]


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


def test_nothing_starts_and_no_frame_is_taken_without_it(student, context, exam):
    prepare(student, context)
    attempt = join(student, exam)
    be_seen(context, attempt["id"])
    assert take_back(student) == 303
    assert state_of(student, attempt) == ("created", ["consent"])
    path = f"/api/v1/attempts/{attempt['id']}"
    frame = student.put(f"{path}/frames/2", content=b"x", headers={"Content-Type": "image/jpeg"})
    assert frame.json()["code"] == "attempt_not_ready"
    assert student.post(f"{path}/start").json()["code"] == "attempt_not_ready"
    picture = [("images", ("a.jpg", b"x"))]
    enrolled = student.post(f"/api/v1/subjects/{student.subject_id}/enrollments", files=picture)
    assert enrolled.json()["code"] == "consent_required"


def test_presence_waits_for_it_again_too(student, admin, context, exam):
    prepare(student, context)
    grant(admin, student, FaceCheck.PRESENCE)
    attempt = join(student, exam)
    assert state_of(student, attempt) == ("ready", [])
    take_back(student)
    assert state_of(student, attempt) == ("created", ["consent"])


def test_a_persons_check_never_needed_it(student, admin, context, exam):
    prepare(student, context)
    grant(admin, student, FaceCheck.PERSON)
    attempt = join(student, exam)
    admin.post(f"/api/v1/attempts/{attempt['id']}/identity-check")
    assert student.post(f"/api/v1/attempts/{attempt['id']}/start").status_code == 200
    assert take_back(student) == 303
    assert state_of(student, attempt) == ("started", [])


@pytest.mark.parametrize("state", [AttemptState.STARTED, AttemptState.ERROR])
def test_it_stands_while_an_exam_with_the_camera_is_not_over(student, context, state):
    prepare(student, context)
    with context.database.write() as session:
        make_attempt(session, student.subject_id, state, now=context.clock())
    assert take_back(student) == 403
    assert student.get(f"/api/v1/subjects/{student.subject_id}").json()["consent"] is not None
