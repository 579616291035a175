"""A person asks for new pictures: what serves no more, what stays, and what nobody else may do."""

import pytest
from sqlalchemy import func, select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.enrollment import FaceEnrollment, ReferenceImage
from models.statuses import AttemptState, EnrollmentState
from tests.api.conftest import new_student
from tests.support.builders import give_consent, make_attempt, make_enrollment

REASON = {"reason": "The pictures show two people."}


@pytest.fixture
def enrolled(student, context):
    with context.database.write() as session:
        give_consent(session, student.subject_id)
        make_enrollment(session, student.subject_id, version=1)
        make_enrollment(session, student.subject_id, version=2)
    return student


def withdraw(caller, subject_id, version=2, body=REASON):
    path = f"/api/v1/subjects/{subject_id}/enrollments/{version}/withdraw"
    return caller.post(path, json=body)


def states(context, subject_id):
    with context.database.read() as session:
        return list(
            session.scalars(
                select(FaceEnrollment.state)
                .where(FaceEnrollment.subject_id == subject_id)
                .order_by(FaceEnrollment.version)
            )
        )


def attempt_in(context, subject_id, state, enrollment_version=2):
    with context.database.write() as session:
        enrollment_id = session.scalars(
            select(FaceEnrollment.id).where(
                FaceEnrollment.subject_id == subject_id,
                FaceEnrollment.version == enrollment_version,
            )
        ).one()
        return make_attempt(session, subject_id, state, enrollment_id=enrollment_id).id


def test_withdrawn_faces_serve_no_more_and_nothing_is_deleted(admin, enrolled, context):
    answer = withdraw(admin, enrolled.subject_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "withdrawn"
    assert states(context, enrolled.subject_id) == ["withdrawn", "withdrawn"]
    subject = admin.get(f"/api/v1/subjects/{enrolled.subject_id}").json()
    assert subject["enrollment"] is None
    with context.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReferenceImage)) == 2
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "enrollment.withdrawn")
        ).one()
    assert (entry.actor, entry.detail["versions"]) == (admin.user_id, [1, 2])


def test_attempt_that_has_not_started_waits_for_new_pictures(admin, enrolled, context):
    attempt_id = attempt_in(context, enrolled.subject_id, AttemptState.READY)
    withdraw(admin, enrolled.subject_id)
    shown = enrolled.get(f"/api/v1/attempts/{attempt_id}").json()
    assert (shown["state"], shown["missing"]) == ("created", ["enrollment"])
    with context.database.read() as session:
        assert session.get_one(Attempt, attempt_id).enrollment_id is None


@pytest.mark.parametrize(
    "state", [AttemptState.STARTED, AttemptState.SUBMITTED, AttemptState.ERROR]
)
def test_attempt_that_has_started_keeps_its_face(admin, enrolled, context, state):
    attempt_id = attempt_in(context, enrolled.subject_id, state)
    withdraw(admin, enrolled.subject_id)
    with context.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
        assert attempt.state == state
        assert session.get_one(FaceEnrollment, attempt.enrollment_id).version == 2


def test_pictures_that_came_later_are_left_alone(admin, enrolled, context):
    with context.database.write() as session:
        make_enrollment(session, enrolled.subject_id, version=3)
    attempt_id = attempt_in(context, enrolled.subject_id, AttemptState.READY)
    withdraw(admin, enrolled.subject_id, version=2)
    assert states(context, enrolled.subject_id) == ["withdrawn", "withdrawn", "accepted"]
    assert enrolled.get(f"/api/v1/attempts/{attempt_id}").json()["state"] == "ready"


def test_pictures_that_wait_for_the_server_are_withdrawn_too(admin, student, context):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, state=EnrollmentState.PENDING)
    assert withdraw(admin, student.subject_id, version=1).status_code == 200
    assert states(context, student.subject_id) == ["withdrawn"]


def test_second_withdrawal_is_refused_with_what_to_do(admin, enrolled):
    assert withdraw(admin, enrolled.subject_id).status_code == 200
    again = withdraw(admin, enrolled.subject_id)
    assert again.status_code == 422
    assert "Load the page again" in again.json()["next_step"]


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x" * 501}])
def test_student_is_always_told_why(admin, enrolled, context, body):
    assert withdraw(admin, enrolled.subject_id, body=body).status_code == 422
    assert states(context, enrolled.subject_id) == ["accepted", "accepted"]


def test_nobody_but_staff_withdraws(enrolled, other_student, system, context, app):
    for caller in (enrolled, other_student, system, new_student(app, context, "clara")):
        assert withdraw(caller, enrolled.subject_id).status_code in {403, 404}
    assert states(context, enrolled.subject_id) == ["accepted", "accepted"]


def test_withdrawn_face_cannot_be_approved(admin, enrolled):
    withdraw(admin, enrolled.subject_id)
    path = f"/api/v1/subjects/{enrolled.subject_id}/enrollments/2/approve"
    assert admin.post(path).status_code == 422
