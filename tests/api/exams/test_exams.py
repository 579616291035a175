"""Exams: set up by admins, joined by students with a code."""

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.exam import Exam
from models.statuses import Role
from models.user import User

EXAMS = "/api/v1/exams"
ALGEBRA = {"title": "Algebra", "duration_seconds": 3600}


@pytest.fixture
def exam(admin):
    answer = admin.post(EXAMS, json=ALGEBRA)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_new_exam_has_a_code_and_the_usual_pace(admin, exam, settings):
    code = exam["join_code"]
    assert len(code) == 9
    assert code[4] == "-"
    assert not set(code) & set("IO01")
    assert exam == {
        "id": exam["id"],
        "title": "Algebra",
        "description": "",
        "join_code": code,
        "opens_at": None,
        "closes_at": None,
        "duration_seconds": 3600,
        "frame_interval_seconds": settings.frame_interval_seconds,
        "is_practice": False,
        "shuffles_questions": False,
        "shuffles_choices": False,
        "needs_approved_enrollment": False,
        "shows_points": False,
        "rejection_needs_two": False,
        "question_count": 0,
        "possible_points": 0.0,
        "created_at": "2026-11-23T10:00:00.123456Z",
        "archived_at": None,
    }
    assert admin.get(f"{EXAMS}/{exam['id']}").json() == exam
    assert admin.get(EXAMS).json() == {"items": [exam], "next_cursor": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\u0007b"}, "title"),
        ({"duration_seconds": 0}, "duration_seconds"),
        ({"duration_seconds": 10**12}, "duration_seconds"),
        ({"frame_interval_seconds": 0.1}, "frame_interval_seconds"),
        ({"opens_at": "2026-11-23T10:00:00"}, "opens_at"),
        ({"opens_at": "yesterday"}, "opens_at"),
        (
            {"opens_at": "2026-11-23T10:00:00Z", "closes_at": "2026-11-23T10:00:00Z"},
            "closes_at",
        ),
    ],
)
def test_bad_exam_names_the_field(admin, change, field):
    answer = admin.post(EXAMS, json=ALGEBRA | change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_changes_are_made_and_recorded(admin, context, exam):
    path = f"{EXAMS}/{exam['id']}"
    closes_at = "2026-11-24T12:00:00+02:00"
    changed = admin.client.patch(path, json={"title": "Analysis", "closes_at": closes_at}).json()
    assert changed == exam | {"title": "Analysis", "closes_at": "2026-11-24T10:00:00.000000Z"}
    assert admin.client.patch(path, json={"closes_at": None}).json()["closes_at"] is None
    assert admin.client.patch(path, json={"title": None}).status_code == 422
    with context.database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_id == exam["id"]))
        assert [entry.action for entry in entries] == [
            "exam.created",
            "exam.changed",
            "exam.changed",
        ]


def test_archived_exam_is_on_no_list_and_cannot_be_joined(admin, student, exam):
    path = f"{EXAMS}/{exam['id']}"
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.get(EXAMS).json()["items"] == []
    answer = student.post(f"{EXAMS}/join", json={"join_code": exam["join_code"]})
    assert answer.status_code == 404


def test_reviewer_looks_and_changes_nothing(admin, context, exam):
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    path = f"{EXAMS}/{exam['id']}"
    assert admin.get(path).status_code == 200
    for answer in (
        admin.post(EXAMS, json=ALGEBRA),
        admin.client.patch(path, json={"title": "Mine"}),
        admin.delete(path),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_student_reaches_no_exam_by_its_id(student, system, exam, method):
    json = {} if method == "PATCH" else None
    for caller in (student, system):
        answer = caller.client.request(method, f"{EXAMS}/{exam['id']}", json=json)
        assert answer.status_code == 403


def test_code_is_read_as_people_write_it(student, exam):
    code = exam["join_code"]
    first = student.post(f"{EXAMS}/join", json={"join_code": code})
    assert first.status_code == 201, first.text
    attempt = first.json()
    assert first.headers["Location"] == f"/api/v1/attempts/{attempt['id']}"
    assert attempt["exam"] == {"id": exam["id"], "title": "Algebra"}
    for spelling in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        again = student.post(f"{EXAMS}/join", json={"join_code": spelling})
        assert (again.status_code, again.json()["id"]) == (200, attempt["id"])


@pytest.mark.parametrize("code", ["AAAA-AAAA", "A", "%", "AAAA-AAAAA", "é" * 8, "' OR '1'='1"])
def test_unknown_code_is_not_found(student, exam, code):
    answer = student.post(f"{EXAMS}/join", json={"join_code": code})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_codes_cannot_be_tried_for_ever(student, exam):
    answers = [student.post(f"{EXAMS}/join", json={"join_code": "AAAA-AAAA"}) for _ in range(31)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_admin_and_system_sit_no_exam(admin, system, exam):
    for caller in (admin, system):
        answer = caller.post(f"{EXAMS}/join", json={"join_code": exam["join_code"]})
        assert answer.status_code == 403


def test_exam_is_not_open_before_its_window(admin, student, clock, context):
    window = {"opens_at": "2026-11-23T11:00:00Z", "closes_at": "2026-11-23T12:00:00Z"}
    code = admin.post(EXAMS, json=ALGEBRA | window).json()["join_code"]
    early = student.post(f"{EXAMS}/join", json={"join_code": code})
    assert (early.status_code, early.json()["code"]) == (409, "exam_not_open")
    clock.advance(3600)
    assert student.post(f"{EXAMS}/join", json={"join_code": code}).status_code == 201


def test_exam_freezes_the_thresholds_of_its_making(context, exam, settings):
    with context.database.read() as session:
        policy = session.get_one(Exam, exam["id"]).policy
    assert policy["match_threshold"] == settings.match_threshold
