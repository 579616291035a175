"""Decisions: by a named person, and never a rejection before the student could answer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api.field_types import moment_text
from models.review import Review
from models.statuses import AttemptState
from tests.support.builders import make_attempt

QUESTION = {
    "decision": "questioned",
    "reason_codes": ["second_person"],
    "message": "Who was behind you?",
    "note": "At 14:02.",
}
REJECTION = {"decision": "rejected", "reason_codes": ["second_person"], "message": "We reject it."}


@pytest.fixture
def attempt_id(context, student):
    with context.database.write() as session:
        return make_attempt(
            session, student.subject_id, AttemptState.SUBMITTED, now=context.clock()
        ).id


def review(caller, attempt_id, **wanted):
    return caller.post(f"/api/v1/attempts/{attempt_id}/reviews", json=wanted)


def test_verifying_ends_it(admin, student, attempt_id):
    assert review(admin, attempt_id, decision="verified").json()["state"] == "verified"
    outcome = student.get(f"/api/v1/attempts/{attempt_id}").json()["outcome"]
    assert (outcome["decision"], outcome["can_reply"]) == ("verified", False)
    again = review(admin, attempt_id, **QUESTION)
    assert (again.status_code, again.json()["code"]) == (409, "not_to_review")


def test_nothing_is_rejected_before_the_student_was_asked(admin, attempt_id):
    answer = review(admin, attempt_id, **REJECTION)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_to_review")


def test_student_answers_before_it_is_final(admin, student, other_student, attempt_id, clock):
    assert review(admin, attempt_id, **QUESTION).json()["state"] == "second_review_required"
    outcome = student.get(f"/api/v1/attempts/{attempt_id}").json()["outcome"]
    assert outcome["can_reply"]
    assert outcome["message"] == "Who was behind you?"
    assert outcome["reasons"] == [
        {"code": "second_person", "message": "Somebody else was in the picture."}
    ]
    assert "At 14:02." not in str(outcome)
    assert "root" not in str(outcome).lower()
    pending = review(admin, attempt_id, **REJECTION)
    assert (pending.status_code, pending.json()["code"]) == (409, "reply_pending")
    replies = f"/api/v1/attempts/{attempt_id}/replies"
    assert other_student.post(replies, json={"text": "It was me"}).status_code == 404
    assert student.post(replies, json={"text": ""}).status_code == 422
    replied = student.post(replies, json={"text": "My brother looked for his phone."})
    assert replied.json()["outcome"]["replies"][0]["text"].startswith("My brother")
    assert review(admin, attempt_id, **REJECTION).json()["state"] == "rejected"
    assert student.post(replies, json={"text": "Too late"}).status_code == 409
    record = admin.get(f"/api/v1/attempts/{attempt_id}/reviews").json()
    assert [item["decision"] for item in record["items"]] == ["questioned", "rejected"]
    assert {item["reviewer_id"] for item in record["items"]} == {admin.user_id}
    assert len(record["replies"]) == 1


def test_silence_is_waited_for(admin, student, attempt_id, context, clock):
    review(admin, attempt_id, **QUESTION)
    with context.database.write() as session:
        question = session.scalars(select(Review)).one()
        question.reply_until = clock() + timedelta(seconds=60)
    clock.advance(59)
    assert review(admin, attempt_id, **REJECTION).json()["code"] == "reply_pending"
    clock.advance(1)
    late = student.post(f"/api/v1/attempts/{attempt_id}/replies", json={"text": "Sorry"})
    assert late.status_code == 409
    assert review(admin, attempt_id, **REJECTION).json()["state"] == "rejected"


def test_there_are_days_to_answer(admin, attempt_id, context, settings):
    outcome = review(admin, attempt_id, **QUESTION).json()["outcome"]
    until = context.clock() + timedelta(days=settings.reply_days)
    assert outcome["reply_until"] == moment_text(until)


@pytest.mark.parametrize("left_out", ["reason_codes", "message"])
def test_student_is_told_why(admin, attempt_id, left_out):
    wanted = {name: value for name, value in QUESTION.items() if name != left_out}
    answer = review(admin, attempt_id, **wanted)
    assert answer.status_code == 422
    assert left_out in answer.text


def test_no_student_and_no_machine_decides(student, system, attempt_id):
    assert review(student, attempt_id, decision="verified").status_code == 403
    assert review(system, attempt_id, decision="verified").status_code == 403
    assert student.get(f"/api/v1/attempts/{attempt_id}/reviews").status_code == 403


def test_running_and_practice_attempts_are_not_decided(admin, context, student):
    with context.database.write() as session:
        running = make_attempt(session, student.subject_id).id
        practice = make_attempt(
            session, student.subject_id, AttemptState.SUBMITTED, is_practice=True
        ).id
    for attempt_id in (running, practice):
        assert review(admin, attempt_id, decision="verified").json()["code"] == "not_to_review"
