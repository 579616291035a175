"""Allowances, the other route, a person's check and approvals."""

import pytest
from sqlalchemy import select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.statuses import EnrollmentState, Role, Verdict
from models.user import User
from tests.support.builders import make_enrollment
from tests.support.papers import be_seen, join, prepare, set_up_exam


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


def grant(admin, student, **fields):
    answer = admin.post("/api/v1/allowances", json={"subject_id": student.subject_id, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def attempt_of(caller, attempt):
    return caller.get(f"/api/v1/attempts/{attempt['id']}").json()


def test_extra_time_and_pace_are_frozen_by_the_start(admin, student, exam, context):
    prepare(student, context)
    attempt = join(student, exam)
    allowance = grant(
        admin,
        student,
        extra_time_percent=25,
        extra_time_seconds=60,
        frame_interval_factor=2,
        note="Certificate seen.",
    )
    shown = attempt_of(student, attempt)
    assert (shown["duration_seconds"], shown["frame_interval_seconds"]) == (4560, 10)
    be_seen(context, attempt["id"])
    started = student.post(f"/api/v1/attempts/{attempt['id']}/start").json()
    assert started["deadline_at"] == "2026-11-23T11:16:00.123456Z"
    assert admin.delete(f"/api/v1/allowances/{allowance['id']}").status_code == 204
    assert attempt_of(student, attempt)["duration_seconds"] == 4560
    assert attempt_of(admin, attempt)["allowances"]["allowance_ids"] == [allowance["id"]]


def test_window_caps_extra_time(admin, student, context):
    exam = set_up_exam(admin, closes_at="2026-11-23T11:05:00Z")
    prepare(student, context)
    grant(admin, student, extra_time_percent=100)
    attempt = join(student, exam)
    be_seen(context, attempt["id"])
    started = student.post(f"/api/v1/attempts/{attempt['id']}/start").json()
    assert started["deadline_at"] == "2026-11-23T11:05:00.000000Z"


def test_allowance_of_one_exam_stays_there(admin, student, exam, context):
    prepare(student, context)
    grant(admin, student, exam_id=exam["id"], extra_time_seconds=100)
    other = join(student, set_up_exam(admin, title="Other"))
    assert other["duration_seconds"] == 3600
    assert join(student, exam)["duration_seconds"] == 3700


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"note": "only words"},
        {"extra_time_percent": -5},
        {"extra_time_percent": 1000},
        {"frame_interval_factor": 0.1},
        {"face_check": "none"},
        {"extra_time_percent": 10, "granted_by": "me"},
    ],
)
def test_nonsense_is_not_granted(admin, student, fields):
    answer = admin.post("/api/v1/allowances", json={"subject_id": student.subject_id, **fields})
    assert answer.status_code == 422


def test_nobody_grants_themselves_anything(student, system, admin):
    wanted = {"subject_id": student.subject_id, "extra_time_percent": 50}
    assert student.post("/api/v1/allowances", json=wanted).status_code == 403
    assert system.post("/api/v1/allowances", json=wanted).status_code == 403
    assert student.get("/api/v1/allowances").status_code == 403


def test_presence_needs_consent_but_no_face(admin, student, exam, context):
    attempt = join(student, exam)
    grant(admin, student, face_check="presence")
    assert attempt_of(student, attempt)["missing"] == ["consent"]
    version = context.settings.consent_text_version
    consents = f"/api/v1/subjects/{student.subject_id}/consents"
    student.post(consents, json={"text_version": version})
    assert attempt_of(student, attempt)["state"] == "ready"
    be_seen(context, attempt["id"], Verdict.NO_FACE)
    begin = f"/api/v1/attempts/{attempt['id']}/start"
    assert student.post(begin).json()["code"] == "no_verified_frame"
    be_seen(context, attempt["id"], Verdict.PRESENT, seq=2)
    assert student.post(begin).status_code == 200


def test_the_other_route_ends_in_a_persons_check(admin, student, exam, context):
    attempt = join(student, exam)
    asked = student.post(
        f"/api/v1/subjects/{student.subject_id}/alternative-requests",
        json={"text_version": context.settings.consent_text_version, "message": "No camera."},
    )
    assert asked.status_code == 201, asked.text
    (request,) = admin.get("/api/v1/alternative-requests?open=true").json()["items"]
    assert request["message"] == "No camera."
    address = f"/api/v1/alternative-requests/{request['id']}/answer"
    assert student.post(address, json={"granted": True}).status_code == 403
    assert admin.post(address, json={"granted": True}).json()["granted"] is True
    shown = attempt_of(student, attempt)
    assert (shown["face_check"], shown["missing"]) == ("person", ["identity_check"])
    check = f"/api/v1/attempts/{attempt['id']}/identity-check"
    assert student.post(check).status_code == 403
    assert admin.post(check).json()["state"] == "ready"
    frame = student.put(
        f"/api/v1/attempts/{attempt['id']}/frames/1",
        content=b"x",
        headers={"Content-Type": "image/jpeg"},
    )
    assert frame.json()["code"] == "takes_no_frames"
    assert student.post(f"/api/v1/attempts/{attempt['id']}/start").status_code == 200


def test_asking_twice_is_one_request_and_only_for_oneself(admin, student, other_student, context):
    address = f"/api/v1/subjects/{student.subject_id}/alternative-requests"
    wanted = {"text_version": context.settings.consent_text_version}
    assert student.post(address, json=wanted).json() == student.post(address, json=wanted).json()
    assert other_student.post(address, json=wanted).status_code == 404
    assert student.post(address, json={"text_version": "old"}).status_code == 422


def test_withdrawn_way_without_a_face_closes_again(admin, student, exam, context):
    allowance = grant(admin, student, face_check="person")
    attempt = join(student, exam)
    admin.post(f"/api/v1/attempts/{attempt['id']}/identity-check")
    assert attempt_of(student, attempt)["state"] == "ready"
    admin.delete(f"/api/v1/allowances/{allowance['id']}")
    shown = attempt_of(student, attempt)
    assert (shown["state"], shown["missing"]) == ("created", ["consent", "enrollment"])


def test_exam_may_ask_for_an_approved_face(admin, student, context):
    exam = set_up_exam(admin, needs_approved_enrollment=True)
    prepare(student, context)
    attempt = join(student, exam)
    assert attempt["missing"] == ["approval"]
    address = f"/api/v1/subjects/{student.subject_id}/enrollments/1/approve"
    assert student.post(address).status_code == 403
    approved = admin.post(address)
    assert approved.json()["approved_at"] is not None
    assert attempt_of(student, attempt)["state"] == "ready"


def test_face_enrolled_after_the_approval_needs_its_own(admin, student, context):
    exam = set_up_exam(admin, needs_approved_enrollment=True)
    prepare(student, context)
    own = f"/api/v1/subjects/{student.subject_id}/enrollments"
    first_id = admin.post(f"{own}/1/approve").json()["id"]
    with context.database.write() as session:
        second_id = make_enrollment(session, student.subject_id, version=2, now=context.clock()).id
    # A face that nobody looked at stands in for nobody: the approved one is compared with.
    assert frozen_enrollment(context, join(student, exam)) == first_id
    # An exam that does not ask for approvals takes the newest.
    other = join(student, set_up_exam(admin, title="Other"))
    assert frozen_enrollment(context, other) == second_id
    assert admin.post(f"{own}/2/approve").status_code == 200
    strict = set_up_exam(admin, title="Strict", needs_approved_enrollment=True)
    assert frozen_enrollment(context, join(student, strict)) == second_id


def test_only_an_accepted_face_is_approved(admin, student, context):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, state=EnrollmentState.PENDING)
    own = f"/api/v1/subjects/{student.subject_id}/enrollments"
    assert admin.post(f"{own}/1/approve").status_code == 422
    assert admin.post(f"{own}/2/approve").status_code == 404


def test_exam_that_asks_for_approvals_later_lets_nobody_slip_through(admin, student, context):
    exam = set_up_exam(admin)
    prepare(student, context)
    attempt = join(student, exam)
    be_seen(context, attempt["id"])
    admin.patch(f"/api/v1/exams/{exam['id']}", json={"needs_approved_enrollment": True})
    refused = student.post(f"/api/v1/attempts/{attempt['id']}/start")
    assert refused.json()["code"] == "attempt_not_ready"
    admin.post(f"/api/v1/subjects/{student.subject_id}/enrollments/1/approve")
    assert attempt_of(student, attempt)["state"] == "ready"
    assert student.post(f"/api/v1/attempts/{attempt['id']}/start").status_code == 200


def test_who_reviews_reads_why_and_grants_nothing(admin, student, context):
    grant(admin, student, extra_time_percent=25, note="Certificate seen.")
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    (seen,) = admin.get(f"/api/v1/allowances?subject_id={student.subject_id}").json()["items"]
    assert seen["note"] == "Certificate seen."
    wanted = {"subject_id": student.subject_id, "extra_time_percent": 50}
    assert admin.post("/api/v1/allowances", json=wanted).status_code == 403
    assert admin.delete(f"/api/v1/allowances/{seen['id']}").status_code == 403


def test_every_grant_and_its_end_are_on_record(admin, student, context):
    allowance = grant(admin, student, extra_time_percent=25, note="Certificate seen.")
    for _ in range(2):
        assert admin.delete(f"/api/v1/allowances/{allowance['id']}").status_code == 204
    with context.database.read() as session:
        entries = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.object_id == student.subject_id)
            .order_by(AuditEntry.number)
        ).all()
    assert [entry.action for entry in entries] == ["allowance.granted", "allowance.withdrawn"]
    assert {entry.actor for entry in entries} == {admin.user_id}
    # The chain of entries cannot forget: no words about a person go into it.
    assert "Certificate" not in str([entry.detail for entry in entries])


def test_nobody_is_granted_anything_who_was_erased(admin, student, context):
    wish = {"text_version": context.settings.consent_text_version}
    address = f"/api/v1/subjects/{student.subject_id}/alternative-requests"
    request = student.post(address, json=wish).json()
    admin.delete(f"/api/v1/subjects/{student.subject_id}")
    wanted = {"subject_id": student.subject_id, "extra_time_percent": 50}
    assert admin.post("/api/v1/allowances", json=wanted).status_code == 404
    answer = f"/api/v1/alternative-requests/{request['id']}/answer"
    assert admin.post(answer, json={"granted": True}).json()["granted"] is False


def test_a_persons_check_is_not_taken_for_other_ways(admin, student, exam, context):
    prepare(student, context)
    attempt = join(student, exam)
    check = f"/api/v1/attempts/{attempt['id']}/identity-check"
    refused = admin.post(check)
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt_closed")
    grant(admin, student, face_check="person")
    # It was ready by the face; the other way has to be gone from its beginning.
    assert attempt_of(student, attempt)["missing"] == ["identity_check"]
    assert admin.post(check).json()["state"] == "ready"


def frozen_enrollment(context, attempt):
    with context.database.read() as session:
        return session.get_one(Attempt, attempt["id"]).enrollment_id
