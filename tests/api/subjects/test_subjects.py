"""Subjects of systems and of students, and their consent."""

import pytest

from models.statuses import AttemptState, EnrollmentState
from tests.support.builders import make_attempt, make_enrollment

SUBJECTS = "/api/v1/subjects"


def add(system, ref="student-17", **more):
    answer = system.post(SUBJECTS, json={"external_ref": ref, **more})
    assert answer.status_code == 201, answer.text
    return answer


def test_new_subject_has_neither_consent_nor_enrollment(system):
    answer = add(system, display_name=" Anna  B. ")
    body = answer.json()
    assert answer.headers["Location"] == f"{SUBJECTS}/{body['id']}"
    assert body == {
        "id": body["id"],
        "external_ref": "student-17",
        "display_name": "Anna  B.",
        "enrollment": None,
        "consent": None,
        "created_at": "2026-11-23T10:00:00.123456Z",
    }
    assert system.get(answer.headers["Location"]).json() == body


def test_same_external_ref_twice_is_a_conflict(system):
    add(system)
    answer = system.post(SUBJECTS, json={"external_ref": "student-17"})
    assert (answer.status_code, answer.json()["code"]) == (409, "subject_exists")


def test_external_ref_is_compared_letter_by_letter(system):
    add(system, "anna")
    add(system, "Anna")


def test_two_systems_may_use_the_same_ref_and_see_only_their_own(system, other_system):
    mine, theirs = add(system).json(), add(other_system).json()
    assert mine["id"] != theirs["id"]
    assert [one["id"] for one in system.get(SUBJECTS).json()["items"]] == [mine["id"]]
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/consents"),
        ("GET", "/enrollments"),
        ("GET", "/enrollments/1"),
    ):
        json = {"text_version": "1"} if method == "POST" else None
        answer = system.client.request(method, f"{SUBJECTS}/{theirs['id']}{path}", json=json)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_admin_cannot_add_the_same_own_subject_twice(admin):
    add(admin)
    assert admin.post(SUBJECTS, json={"external_ref": "student-17"}).status_code == 409


def test_student_sees_only_himself_and_adds_nobody(student, other_student):
    seen = student.get(SUBJECTS).json()["items"]
    assert [one["id"] for one in seen] == [student.subject_id]
    assert student.get(f"{SUBJECTS}/{other_student.subject_id}").status_code == 404
    assert student.post(SUBJECTS, json={"external_ref": "1"}).status_code == 403


def test_pages_show_every_subject_once(system):
    made = [add(system, f"student-{number}").json()["id"] for number in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = system.get(f"{SUBJECTS}?limit=2{cursor and f'&cursor={cursor}'}").json()
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(made)
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00"])
def test_bad_page_is_refused(system, query):
    answer = system.get(f"{SUBJECTS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_consent_is_recorded_once_for_each_text(system, clock):
    path = f"{SUBJECTS}/{add(system).json()['id']}"
    first = system.post(f"{path}/consents", json={"text_version": "2026-12"})
    assert first.status_code == 201
    clock.advance(60)
    again = system.post(f"{path}/consents", json={"text_version": "2026-12"})
    assert again.json() == first.json()
    clock.advance(60)
    newer = system.post(f"{path}/consents", json={"text_version": "2027-01"}).json()
    assert system.get(path).json()["consent"] == newer


def test_consent_makes_a_waiting_attempt_ready(context, student):
    with context.database.write() as session:
        make_enrollment(session, student.subject_id, state=EnrollmentState.ACCEPTED)
        attempt = make_attempt(session, student.subject_id, AttemptState.CREATED)
    student.post(f"{SUBJECTS}/{student.subject_id}/consents", json={"text_version": "2026-12"})
    with context.database.read() as session:
        assert session.get_one(type(attempt), attempt.id).state == AttemptState.READY
