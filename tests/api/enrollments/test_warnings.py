"""Who learns that an enrolled face is like somebody else's, and who must not."""

from collections import defaultdict

import pytest
from sqlalchemy import select

from api.users.service import start_sign_in
from models.base import new_id
from models.enrollment import FaceEnrollment
from models.statuses import AttemptState, EnrollmentState, Role
from models.subject import Subject
from models.user import User
from tests.api.conftest import signed_in_caller
from tests.support.builders import make_attempt, make_enrollment, make_frame, make_subject

SUBJECTS = "/api/v1/subjects"


def warning_about(other, distance=0.31):
    return {
        "code": "resembles_other_subject",
        "message": "The face is like another subject's.",
        "subject_id": other,
        "enrollment_id": new_id("enr"),
        "distance": distance,
    }


@pytest.fixture
def reviewer(app, context, admin):
    with context.database.write() as session:
        user = session.get_one(User, admin.user_id)
        user.role = Role.REVIEWER
        return signed_in_caller(app, start_sign_in(session, context, user.id))


@pytest.fixture
def alike(context, willing, other_student):
    """An enrollment of the student whose face is like the other student's."""
    with context.database.write() as session:
        return make_enrollment(
            session, willing.subject_id, warnings=[warning_about(other_student.subject_id)]
        )


def answers_about(caller, path):
    """Each way in which the API shows the subject's enrollment."""
    return [
        caller.get(f"{path}/1").json(),
        caller.get(path).json()["items"][0],
        caller.get(path.removesuffix("/enrollments")).json()["enrollment"],
        caller.get(SUBJECTS).json()["items"][-1]["enrollment"],
    ]


def test_admins_see_whom_a_face_is_like(admin, alike, path, other_student):
    for answer in answers_about(admin, path)[:3]:
        [warning] = answer["warnings"]
        assert warning["subject_id"] == other_student.subject_id
        assert (warning["code"], warning["distance"]) == ("resembles_other_subject", 0.31)


def test_reviewers_see_it_too(reviewer, alike, path, other_student):
    [warning] = reviewer.get(f"{path}/1").json()["warnings"]
    assert warning["subject_id"] == other_student.subject_id


def test_the_student_sees_none_in_any_answer(willing, alike, path):
    for answer in answers_about(willing, path):
        assert answer["warnings"] is None


def test_no_answer_to_a_student_names_the_other(app, context, willing, alike, other_student, path):
    """Every address a student can read, with the ids it may be asked about."""
    with context.database.write() as session:
        attempt = make_attempt(
            session, willing.subject_id, AttemptState.STARTED, enrollment_id=alike.id
        )
        make_frame(session, attempt, 1)
        image_id = session.get_one(FaceEnrollment, alike.id).images[0].id
    # What is not named here is an id of nothing.
    values = defaultdict(lambda: new_id("xyz")) | {
        "subject_id": willing.subject_id,
        "version": "1",
        "attempt_id": attempt.id,
        "image_id": image_id,
        "seq": "1",
        "join_code": "ABCD-EFGH",
        "user_id": willing.user_id,
    }
    described = willing.get("/openapi.json").json()["paths"]
    pages = ["/", "/enrollment", "/attempts/{attempt_id}", "/admin/users", "/admin/dashboard"]
    pages += ["/admin/students", "/admin/students/{subject_id}", "/admin/users/{user_id}"]
    addresses = [*pages, *(address for address, methods in described.items() if "get" in methods)]
    assert "/api/v1/subjects/{subject_id}/enrollments" in addresses
    for address in addresses:
        text = willing.get(address.format_map(values)).text
        assert other_student.subject_id not in text, address
        assert "resembles" not in text, address
        assert "0.31" not in text, address


def test_who_is_like_nobody_looks_the_same_to_a_student(context, willing, path):
    with context.database.write() as session:
        make_enrollment(session, willing.subject_id, warnings=[])
    assert willing.get(f"{path}/1").json()["warnings"] is None


def test_a_system_sees_its_own_subjects_and_no_others(context, system, other_system):
    with context.database.write() as session:
        subject, own, foreign = (
            make_subject(session, context.key_ring, owner_client_id=client_id)
            for client_id in (system.client_id, system.client_id, other_system.client_id)
        )
        house = make_subject(session, context.key_ring)
        others = (own, foreign, house)
        make_enrollment(session, subject.id, warnings=[warning_about(other.id) for other in others])
    answer = system.get(f"{SUBJECTS}/{subject.id}/enrollments/1").json()
    assert [warning["subject_id"] for warning in answer["warnings"]] == [own.id]


def test_nothing_compared_yet_is_not_nobody_alike(context, admin, willing, path):
    with context.database.write() as session:
        make_enrollment(session, willing.subject_id, state=EnrollmentState.PENDING)
        make_enrollment(session, willing.subject_id, version=2, warnings=[])
    newest, first = admin.get(path).json()["items"]
    assert (first["warnings"], newest["warnings"]) == (None, [])


def test_an_answer_kept_for_a_repetition_holds_none(context, system, jpeg):
    subject = system.post(SUBJECTS, json={"external_ref": "1"}).json()
    path = f"{SUBJECTS}/{subject['id']}"
    system.post(f"{path}/consents", json={"text_version": "1"})
    files = [("images", ("a.jpg", jpeg))]
    key = {"Idempotency-Key": "k1"}
    first = system.post(f"{path}/enrollments", files=files, headers=key)
    with context.database.write() as session:
        session.scalars(select(FaceEnrollment)).one().warnings = [warning_about(subject["id"])]
        assert session.get_one(Subject, subject["id"])
    again = system.post(f"{path}/enrollments", files=files, headers=key)
    assert again.json() == first.json()
    assert first.json()["warnings"] is None
