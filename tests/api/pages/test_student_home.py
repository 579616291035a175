"""The start page: agreeing, taking it back, the way without the camera, practice, attempts."""

import pytest
from sqlalchemy import select

from api.context import Context
from models.allowance import AlternativeRequest
from models.statuses import AttemptState
from models.subject import Consent
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document, values
from tests.support.builders import make_attempt, make_exam


def home(caller: Caller) -> Element:
    answer = caller.get("/", headers=BROWSER)
    assert answer.status_code == 200
    return document(answer.text)


def words(page: Element) -> str:
    return " ".join(page.whole_text().split())


def actions(page: Element) -> set[str]:
    return {form.attributes["action"] for form in page.all("form")}


def ask_otherwise(student: Caller, context: Context, message: str = "") -> None:
    answer = student.post(
        "/consent/alternative",
        data={"text_version": context.settings.consent_text_version, "message": message},
        headers=BROWSER,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def answer_request(admin: Caller, context: Context, *, granted: bool) -> None:
    with context.database.read() as session:
        request_id = session.scalars(select(AlternativeRequest.id)).one()
    answer = admin.post(
        f"/api/v1/alternative-requests/{request_id}/answer", json={"granted": granted}
    )
    assert answer.status_code == 200, answer.text


def test_newcomer_finds_both_ways_and_what_each_means(student: Caller) -> None:
    page = home(student)
    assert {"/consent", "/consent/alternative", "/join"} <= actions(page)
    assert "no film, no sound" in words(page)
    assert "Until your institution deletes it" in words(page)
    assert "A person then checks who you are before each exam" in words(page)
    # Practice needs what an exam needs.
    assert "/practice" not in actions(page)


def test_asked_request_shows_its_message_and_leaves_the_camera_open(
    student: Caller, context: Context
) -> None:
    ask_otherwise(student, context, "I do not want\r\npictures of me.")
    page = home(student)
    assert "An examiner answers, and you find the answer here" in words(page)
    assert "pictures of me." in words(page)
    assert "/consent/alternative" not in actions(page)
    assert "/consent" in actions(page)


def test_granted_request_leads_to_a_person(
    student: Caller, admin: Caller, context: Context
) -> None:
    ask_otherwise(student, context)
    answer_request(admin, context, granted=True)
    page = home(student)
    assert "A person checks who you are" in words(page)
    assert "/consent" not in actions(page)
    assert {"/practice", "/join"} <= actions(page)
    assert "Show your face" not in words(page)


def test_refused_request_says_what_can_be_done(
    student: Caller, admin: Caller, context: Context
) -> None:
    ask_otherwise(student, context)
    answer_request(admin, context, granted=False)
    page = home(student)
    assert "was not granted. Ask your examiner why" in words(page)
    assert {"/consent", "/consent/alternative"} <= actions(page)


def test_too_long_message_comes_back_with_what_was_typed(student: Caller, context: Context) -> None:
    version = context.settings.consent_text_version
    answer = student.post(
        "/consent/alternative",
        data={"text_version": version, "message": "a" * 2001},
        headers=BROWSER,
    )
    assert answer.status_code == 422
    assert "Write at most 2000 characters" in answer.text
    assert values(document(answer.text))["message"] == "a" * 2001


def test_consent_is_taken_back_and_can_be_given_again(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        exam = make_exam(session, now=context.clock())
        ready = make_attempt(
            session, prepared.subject_id, AttemptState.READY, exam_id=exam.id, now=context.clock()
        )
    answer = prepared.post("/consent/withdraw", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with context.database.read() as session:
        assert session.scalars(select(Consent.withdrawn_at)).one() == context.clock()
    assert {"/consent", "/consent/alternative"} <= actions(home(prepared))
    page = document(prepared.get(f"/attempts/{ready.id}", headers=BROWSER).text)
    assert page.by_id("attempt").attributes["data-state"] == "created"
    again = {"text_version": context.settings.consent_text_version}
    assert prepared.post("/consent", data=again, headers=BROWSER).status_code == 303
    page = document(prepared.get(f"/attempts/{ready.id}", headers=BROWSER).text)
    assert page.by_id("attempt").attributes["data-state"] == "ready"


def test_consent_stands_while_an_exam_runs(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        make_attempt(session, prepared.subject_id, AttemptState.STARTED, now=context.clock())
    answer = prepared.post("/consent/withdraw", headers=BROWSER)
    assert answer.status_code == 403
    assert "An exam of yours is running. Hand it in first" in words(document(answer.text))
    with context.database.read() as session:
        assert session.scalars(select(Consent.withdrawn_at)).one() is None


@pytest.mark.usefixtures("admin")
def test_practice_opens_once_and_is_gone_on_with(prepared: Caller) -> None:
    first = prepared.post("/practice", headers=BROWSER)
    assert first.status_code == 303
    again = prepared.post("/practice", headers=BROWSER)
    assert again.headers["location"] == first.headers["location"]
    page = prepared.get(first.headers["location"], headers=BROWSER)
    assert "Practice: nothing counts" in page.text
    assert "Start the practice" in page.text
    assert "Go on here" in words(home(prepared))


def test_practice_without_a_practice_exam_says_what_to_do(prepared: Caller) -> None:
    answer = prepared.post("/practice", headers=BROWSER)
    assert answer.status_code == 404
    assert "There is no practice exam. Join your exam with its code." in words(
        document(answer.text)
    )


def test_what_is_open_stands_above_what_is_over(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        for state, label in ((AttemptState.SUBMITTED, "Over"), (AttemptState.READY, "Open")):
            make_attempt(session, prepared.subject_id, state, label=label, now=context.clock())
    text = words(home(prepared))
    assert text.index("Go on here") < text.index("Open") < text.index("Earlier exams")
    assert text.index("Earlier exams") < text.index("Over")


def test_admin_sends_none_of_the_forms(admin: Caller) -> None:
    for path in ("/consent", "/consent/withdraw", "/consent/alternative", "/practice"):
        assert admin.post(path, headers=BROWSER).status_code == 403, path
