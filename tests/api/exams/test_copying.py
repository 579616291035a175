"""Copies and new join codes: what they take over, and what they leave alone."""

import pytest
from sqlalchemy import select

from api.exams import join_codes
from api.exams.copying import COPIED
from models.audit import AuditEntry
from models.exam import Exam
from models.statuses import Role
from models.user import User
from tests.support.papers import join, prepare, right_values, save, set_up_exam, start
from tests.support.papers import paper_of as questions_of

EXAMS = "/api/v1/exams"
SETTINGS = {
    "description": "Two\nlines",
    "duration_seconds": 100,
    "frame_interval_seconds": 2.5,
    "is_practice": True,
    "shuffles_choices": True,
    "needs_approved_enrollment": True,
    "shows_points": True,
}


def questions(admin, exam):
    return admin.get(f"{EXAMS}/{exam['id']}/questions").json()["items"]


def without_ids(items):
    return [
        {
            **item,
            "id": None,
            "choices": [{**choice, "id": None} for choice in item["choices"]],
        }
        for item in items
    ]


def test_copy_has_everything_but_code_and_window(admin, context):
    exam = set_up_exam(admin, opens_at="2026-11-23T09:00:00Z", **SETTINGS)
    with context.database.write() as session:
        session.get_one(Exam, exam["id"]).policy = {
            "match_threshold": 0.4,
            "mismatch_threshold": 0.7,
        }
    answer = admin.post(f"{EXAMS}/{exam['id']}/copy")
    assert answer.status_code == 201, answer.text
    copy = answer.json()
    assert answer.headers["Location"] == f"{EXAMS}/{copy['id']}"
    assert copy["title"] == "Art and numbers (copy)"
    assert (copy["opens_at"], copy["closes_at"]) == (None, None)
    assert copy["join_code"] != exam["join_code"]
    assert {name: copy[name] for name in SETTINGS} == SETTINGS
    assert (copy["question_count"], copy["possible_points"]) == (4, 10)
    with context.database.read() as session:
        assert session.get_one(Exam, copy["id"]).policy["match_threshold"] == 0.4
    original, copied = questions(admin, exam), questions(admin, copy)
    assert without_ids(original) == without_ids(copied)
    ids = [{one["id"] for item in items for one in item["choices"]} for items in (original, copied)]
    assert not ids[0] & ids[1]


def test_every_column_is_copied_or_the_copys_own():
    """A setting that comes later has to say which."""
    own = {"id", "title", "join_code", "opens_at", "closes_at"}
    own |= {"created_by", "created_at", "archived_at"}
    assert set(COPIED) == set(Exam.__table__.columns.keys()) - own


def test_copy_is_sat_and_scored_like_the_original(admin, student, context):
    copy = admin.post(f"{EXAMS}/{set_up_exam(admin)['id']}/copy").json()
    prepare(student, context)
    attempt_id = start(student, context, copy)["id"]
    for question_id, value in right_values(questions_of(student, attempt_id)).items():
        if value != {"text": "Because."}:
            assert save(student, attempt_id, question_id, value).status_code == 200
    student.post(f"/api/v1/attempts/{attempt_id}/submit")
    assert admin.get(f"/api/v1/attempts/{attempt_id}").json()["awarded_points"] == 7


def test_copy_of_a_long_title_still_has_a_title_that_fits(admin):
    exam = set_up_exam(admin, title="x" * 200)
    title = admin.post(f"{EXAMS}/{exam['id']}/copy").json()["title"]
    assert len(title) == 200
    assert title.endswith("x (copy)")


def test_archived_exam_can_be_copied(admin):
    exam = set_up_exam(admin)
    admin.delete(f"{EXAMS}/{exam['id']}")
    copy = admin.post(f"{EXAMS}/{exam['id']}/copy").json()
    assert copy["archived_at"] is None


def test_new_code_works_and_the_old_one_does_not(admin, student, other_student, context):
    exam = set_up_exam(admin)
    attempt = join(student, exam)
    renewed = admin.post(f"{EXAMS}/{exam['id']}/join-code").json()
    assert renewed["join_code"] != exam["join_code"]
    old = other_student.post(f"{EXAMS}/join", json={"join_code": exam["join_code"]})
    assert old.status_code == 404
    assert join(other_student, renewed)["exam"]["id"] == exam["id"]
    assert student.get(f"/api/v1/attempts/{attempt['id']}").status_code == 200
    with context.database.read() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "exam.join_code_renewed")
        ).one()
        assert (entry.object_id, entry.actor) == (exam["id"], admin.user_id)
        # A code that works opens the exam: it is nobody's business but the exam page's.
        assert entry.detail == {"old": exam["join_code"]}


def test_code_that_another_exam_has_is_drawn_anew(admin, monkeypatch):
    exam, other = set_up_exam(admin), set_up_exam(admin)
    codes = iter([exam["join_code"], other["join_code"], "AAAA-BBBB"])
    monkeypatch.setattr(join_codes, "_draw", lambda: next(codes))
    renewed = admin.post(f"{EXAMS}/{exam['id']}/join-code").json()
    assert renewed["join_code"] == "AAAA-BBBB"
    assert admin.get(f"{EXAMS}/{other['id']}").json()["join_code"] == other["join_code"]


@pytest.mark.parametrize("what", ["copy", "join-code"])
def test_nobody_else_copies_or_draws_codes(admin, student, system, context, what):
    exam = set_up_exam(admin)
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    for caller in (student, system, admin):
        assert caller.post(f"{EXAMS}/{exam['id']}/{what}").status_code == 403
