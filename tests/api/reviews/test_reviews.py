"""Decisions: by a named person, and never a rejection before the student could answer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api.field_types import moment_text
from api.reviews.service import REPLIES_MAX
from models.attempt import AttemptTransition
from models.audit import AuditEntry
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


def test_who_was_flagged_but_never_asked_is_not_rejected(admin, student, context):
    """A machine may flag an attempt; even then a person has to ask first."""
    with context.database.write() as session:
        flagged = make_attempt(
            session, student.subject_id, AttemptState.SECOND_REVIEW_REQUIRED, now=context.clock()
        ).id
    answer = review(admin, flagged, **REJECTION)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_to_review")
    assert review(admin, flagged, **QUESTION).json()["outcome"]["can_reply"]
    assert review(admin, flagged, **REJECTION).json()["code"] == "reply_pending"


def test_who_is_asked_again_has_time_again(admin, student, attempt_id, clock):
    review(admin, attempt_id, **QUESTION)
    replies = f"/api/v1/attempts/{attempt_id}/replies"
    first = student.post(replies, json={"text": "My brother."}).json()["outcome"]
    clock.advance(3600)
    again = review(admin, attempt_id, **QUESTION | {"message": "What did he want?"})
    assert again.json()["state"] == "second_review_required"
    assert again.json()["outcome"]["can_reply"]
    assert again.json()["outcome"]["reply_until"] > first["reply_until"]
    # What was answered before is no answer to the new question.
    assert review(admin, attempt_id, **REJECTION).json()["code"] == "reply_pending"
    outcome = student.post(replies, json={"text": "His phone."}).json()["outcome"]
    assert [reply["text"] for reply in outcome["replies"]] == ["My brother.", "His phone."]
    assert review(admin, attempt_id, decision="verified").json()["state"] == "verified"


def test_a_question_sent_twice_is_one_until_its_time_is_over(
    admin, student, attempt_id, clock, context
):
    def asked():
        with context.database.read() as session:
            return len(session.scalars(select(Review)).all())

    for _ in range(2):
        assert review(admin, attempt_id, **QUESTION).status_code == 201
    assert asked() == 1
    student.post(f"/api/v1/attempts/{attempt_id}/replies", json={"text": "My brother."})
    assert review(admin, attempt_id, **REJECTION).json()["state"] == "rejected"


def test_the_same_may_be_asked_again_later(admin, attempt_id, clock, context):
    review(admin, attempt_id, **QUESTION)
    with context.database.write() as session:
        session.scalars(select(Review)).one().reply_until = clock()
    assert review(admin, attempt_id, **QUESTION).status_code == 201
    with context.database.read() as session:
        assert len(session.scalars(select(Review)).all()) == 2


def test_a_reply_sent_twice_is_one_and_nobody_floods_the_reviewer(admin, student, attempt_id):
    review(admin, attempt_id, **QUESTION)
    replies = f"/api/v1/attempts/{attempt_id}/replies"
    for _ in range(2):
        assert student.post(replies, json={"text": "number 1"}).status_code == 201
    for number in range(2, REPLIES_MAX + 1):
        assert student.post(replies, json={"text": f"number {number}"}).status_code == 201
    refused = student.post(replies, json={"text": "one more"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_to_review")
    assert len(admin.get(f"/api/v1/attempts/{attempt_id}/reviews").json()["replies"]) == REPLIES_MAX


def test_every_decision_names_its_person(admin, attempt_id, context):
    review(admin, attempt_id, **QUESTION)
    review(admin, attempt_id, decision="verified")
    with context.database.read() as session:
        moves = session.scalars(
            select(AttemptTransition)
            .where(AttemptTransition.attempt_id == attempt_id)
            .order_by(AttemptTransition.id.desc())
            .limit(2)
        ).all()
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "attempt.reviewed")
        ).all()
    assert [move.to_state for move in moves] == ["verified", "second_review_required"]
    assert {move.actor for move in moves} | {entry.actor for entry in entries} == {admin.user_id}
    assert [entry.detail["decision"] for entry in entries] == ["questioned", "verified"]
    # The chain of entries cannot forget: no words about a person go into it.
    assert all("brother" not in str(entry.detail) for entry in entries)


def test_nobody_is_rejected_who_cannot_answer_any_more(admin, student, attempt_id):
    assert admin.delete(f"/api/v1/subjects/{student.subject_id}").status_code == 200
    assert review(admin, attempt_id, **QUESTION).json()["code"] == "not_to_review"
    assert review(admin, attempt_id, decision="verified").json()["state"] == "verified"


def test_what_came_unseen_is_read_before_a_decision(admin, student, attempt_id):
    seen = {"seen_review_id": "none", "seen_reply_id": "none"}
    assert review(admin, attempt_id, **QUESTION, **seen).status_code == 201
    replies = f"/api/v1/attempts/{attempt_id}/replies"
    student.post(replies, json={"text": "My brother."})
    assert review(admin, attempt_id, **REJECTION, **seen).json()["code"] == "not_to_review"
    record = admin.get(f"/api/v1/attempts/{attempt_id}/reviews").json()
    seen["seen_review_id"] = record["items"][-1]["id"]
    assert review(admin, attempt_id, **REJECTION, **seen).json()["code"] == "not_to_review"
    seen["seen_reply_id"] = record["replies"][-1]["id"]
    assert review(admin, attempt_id, **REJECTION, **seen).json()["state"] == "rejected"
