"""What a student sees from the start of an exam on; the paper itself is shown by script."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.context import Context
from models.review import Review
from models.statuses import AttemptState
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document, values
from tests.support.builders import make_attempt
from tests.support.papers import QUESTIONS, join, prepare, set_up_exam, start

QUESTIONED = {
    "decision": "questioned",
    "reason_codes": ["second_person"],
    "message": "For two minutes somebody stood behind you. Who was it?",
    "note": "Looks like a helper.",
}


def words(page: Element) -> str:
    return " ".join(page.whole_text().split())


def ids(page: Element) -> set[str]:
    return {element.attributes.get("id", "") for element in page.everything()}


def page_of(student: Caller, attempt_id: str, status: int = 200) -> Element:
    answer = student.get(f"/attempts/{attempt_id}", headers=BROWSER)
    assert answer.status_code == status
    return document(answer.text)


@pytest.fixture
def handed_in(context: Context, student: Caller) -> str:
    with context.database.write() as session:
        return make_attempt(
            session, student.subject_id or "", AttemptState.SUBMITTED, now=context.clock()
        ).id


def review(admin: Caller, attempt_id: str, **wanted: Any) -> None:
    answer = admin.post(f"/api/v1/attempts/{attempt_id}/reviews", json=wanted)
    assert answer.status_code == 201, answer.text


def reply(student: Caller, attempt_id: str, text: str) -> Any:
    return student.post(f"/attempts/{attempt_id}/reply", data={"text": text}, headers=BROWSER)


def test_running_exam_brings_its_parts_and_no_question(
    student: Caller, admin: Caller, context: Context
) -> None:
    prepare(student, context)
    attempt_id = start(student, context, set_up_exam(admin))["id"]
    page = page_of(student, attempt_id)
    assert ids(page) >= {
        "questions",
        "question-nav",
        "time-left",
        "saved-state",
        "self-view",
        "last-check",
        "full-screen",
        "second-screen",
        "submit-dialog",
        "conflict-dialog",
    }
    assert page.by_id("time-left").attributes["role"] == "timer"
    assert page.by_id("attempt").attributes["data-deadline"]
    # Questions come by script, after the start and for this student alone.
    assert QUESTIONS[0]["text"] not in words(page)


def test_without_a_camera_there_is_no_trace_of_one(
    student: Caller, admin: Caller, context: Context
) -> None:
    grant = {"subject_id": student.subject_id, "face_check": "person"}
    assert admin.post("/api/v1/allowances", json=grant).status_code == 201
    attempt_id = join(student, set_up_exam(admin))["id"]
    assert admin.post(f"/api/v1/attempts/{attempt_id}/identity-check").status_code == 200
    assert student.post(f"/api/v1/attempts/{attempt_id}/start").status_code == 200
    page = page_of(student, attempt_id)
    assert page.all("video") == []
    assert not ids(page) & {"self-view", "last-check", "bar-camera", "camera-choice"}
    assert "No camera is used" in words(page)


def test_practice_says_so_while_it_runs_and_after_it(
    student: Caller, admin: Caller, context: Context
) -> None:
    prepare(student, context)
    attempt_id = start(student, context, set_up_exam(admin, is_practice=True))["id"]
    assert "Practice: nothing counts" in words(page_of(student, attempt_id))
    assert student.post(f"/api/v1/attempts/{attempt_id}/submit").status_code == 200
    text = words(page_of(student, attempt_id))
    assert "nobody looks at it" in text
    assert "A person looks at anything" not in text.split("What happens next")[1]


def test_expired_exam_counts_what_was_saved(student: Caller, context: Context) -> None:
    with context.database.write() as session:
        attempt = make_attempt(
            session, student.subject_id or "", AttemptState.EXPIRED, now=context.clock()
        )
    text = words(page_of(student, attempt.id))
    assert "What was saved until then counts" in text
    assert "tell your examiner" in text


def test_question_is_answered_without_a_script(
    student: Caller, admin: Caller, handed_in: str
) -> None:
    review(admin, handed_in, **QUESTIONED)
    page = page_of(student, handed_in)
    text = words(page)
    assert "Please answer the question below." in text
    assert QUESTIONED["message"] in text
    assert "Somebody else was in the picture." in text
    assert "Looks like a helper." not in text
    assert "text" in values(page)

    answer = reply(student, handed_in, "My brother.\r\nHe left at once.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/attempts/{handed_in}")
    text = words(page_of(student, handed_in))
    assert "My brother. He left at once." in text
    assert "Your answer has arrived" in text
    assert "Add to your answer" in text


@pytest.mark.parametrize("text", ["", "x" * 5001])
def test_reply_that_does_not_fit_comes_back(
    student: Caller, admin: Caller, handed_in: str, text: str
) -> None:
    review(admin, handed_in, **QUESTIONED)
    answer = reply(student, handed_in, text)
    assert answer.status_code == 422
    page = document(answer.text)
    assert "Write 1 to 5000 characters." in words(page)
    assert values(page)["text"] == text


def test_reply_after_its_time_is_not_lost(
    student: Caller, admin: Caller, handed_in: str, context: Context
) -> None:
    review(admin, handed_in, **QUESTIONED)
    with context.database.write() as session:
        session.scalars(select(Review)).one().reply_until = context.clock() - timedelta(minutes=1)
    answer = reply(student, handed_in, "I was ill.")
    assert answer.status_code == 409
    text = words(document(answer.text))
    assert "I was ill." in text
    assert "send it to your examiner" in text


def test_decision_is_told_with_its_reasons(student: Caller, admin: Caller, handed_in: str) -> None:
    review(admin, handed_in, **QUESTIONED)
    reply(student, handed_in, "Nobody was there.")
    review(
        admin,
        handed_in,
        decision="rejected",
        reason_codes=["second_person"],
        message="The pictures show a second person.",
    )
    page = page_of(student, handed_in)
    text = words(page)
    assert "does not accept it" in text
    assert "The pictures show a second person." in text
    assert "ask your examiner how to object" in text
    assert "text" not in values(page)


def test_nobody_replies_for_somebody_else(
    other_student: Caller, student: Caller, admin: Caller, handed_in: str
) -> None:
    review(admin, handed_in, **QUESTIONED)
    assert reply(other_student, handed_in, "It was me.").status_code == 404
    assert "It was me." not in words(page_of(student, handed_in))
