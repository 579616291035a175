"""An attempt's page until it starts: what is missing, the rules, the system check, the button."""

from typing import Any

import pytest

from api.context import Context
from models.statuses import AttemptState
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document
from tests.support.builders import give_consent, make_attempt, make_enrollment, make_exam

CAMERA_CHECKS = {"server", "picture", "camera", "detector"}
ALWAYS = {"network", "clock", "browser"}


def page_of(student: Caller, attempt_id: str) -> Element:
    answer = student.get(f"/attempts/{attempt_id}", headers=BROWSER)
    assert answer.status_code == 200
    return document(answer.text)


def words(page: Element) -> str:
    return " ".join(page.whole_text().split())


def checks(page: Element) -> set[str]:
    return {
        one.attributes["data-check"] for one in page.all("li") if "data-check" in one.attributes
    }


def ids(page: Element) -> set[str]:
    return {one.attributes["id"] for one in page.everything() if "id" in one.attributes}


def join(student: Caller, context: Context, **columns: Any) -> str:
    with context.database.write() as session:
        exam = make_exam(session, join_code="ABCD-EFGH", now=context.clock(), **columns)
    answer = student.post("/join", data={"join_code": exam.join_code}, headers=BROWSER)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rsplit("/", 1)[1]


def grant(admin: Caller, student: Caller, **fields: Any) -> None:
    answer = admin.post("/api/v1/allowances", json={"subject_id": student.subject_id, **fields})
    assert answer.status_code == 201, answer.text


def test_ready_attempt_checks_everything_and_keeps_the_button_closed(
    prepared: Caller, context: Context
) -> None:
    page = page_of(prepared, join(prepared, context, description="No calculators."))
    assert checks(page) == CAMERA_CHECKS | ALWAYS
    assert "disabled" in page.by_id("start").attributes
    assert "once the server has recognised you" in words(page)
    assert "No calculators." in words(page)
    assert "About every 5 seconds" in words(page)
    scripts = {one.attributes["src"] for one in page.all("script")}
    assert "/static/pages/attempt-before.js" in scripts
    assert "/static/pages/attempt.js" not in scripts


def test_nothing_is_missing_twice(student: Caller, context: Context) -> None:
    attempt_id = join(student, context)
    page = page_of(student, attempt_id)
    assert {"/", "/enrollment"} <= {
        link.attributes["href"] for link in page.by_id("attempt").all("a")
    }
    assert checks(page) == ALWAYS
    assert "start" not in ids(page)
    with context.database.write() as session:
        give_consent(session, student.subject_id, now=context.clock())
    page = page_of(student, attempt_id)
    assert "Say yes to being recorded" not in words(page)
    assert "Show your face" in words(page)


def test_waiting_for_approval_is_said_on_every_page(prepared: Caller, context: Context) -> None:
    attempt_id = join(prepared, context, needs_approved_enrollment=True)
    assert "An examiner looks at your pictures and approves them" in words(
        page_of(prepared, attempt_id)
    )
    for path in ("/", "/enrollment"):
        page = document(prepared.get(path, headers=BROWSER).text)
        assert "for approval: an examiner looks at" in words(page), path
    enroll = document(prepared.get("/enrollment", headers=BROWSER).text).by_id("enroll")
    assert enroll.attributes["data-needs-approval"] == "yes"


def test_approved_pictures_wait_for_nobody(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        make_enrollment(session, prepared.subject_id, version=2, approved_at=context.clock())
    attempt_id = join(prepared, context, needs_approved_enrollment=True)
    assert page_of(prepared, attempt_id).by_id("attempt").attributes["data-state"] == "ready"
    assert "An examiner has approved them" in prepared.get("/", headers=BROWSER).text


def test_extra_time_is_told_with_what_it_makes(
    prepared: Caller, admin: Caller, context: Context
) -> None:
    grant(admin, prepared, extra_time_percent=25)
    text = words(page_of(prepared, join(prepared, context)))
    assert "25 % more time: 1 h 15 min in all." in text
    assert "Time you will have 1 h 15 min" in text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"extra_time_seconds": 600}, "10 min more time: 1 h 10 min in all."),
        (
            {"extra_time_percent": 50, "extra_time_seconds": 300},
            "50 % and 5 min more time: 1 h 35 min in all.",
        ),
        ({"frame_interval_factor": 3}, "Pictures are taken less often."),
        ({"second_person_allowed": True}, "Somebody may be with you."),
    ],
)
def test_every_allowance_is_told_before_the_start(
    prepared: Caller, admin: Caller, context: Context, fields: dict[str, Any], told: str
) -> None:
    grant(admin, prepared, **fields)
    assert told in words(page_of(prepared, join(prepared, context)))


def test_presence_compares_with_nobody(student: Caller, admin: Caller, context: Context) -> None:
    grant(admin, student, face_check="presence")
    with context.database.write() as session:
        give_consent(session, student.subject_id, now=context.clock())
    page = page_of(student, join(student, context))
    text = words(page)
    assert checks(page) == CAMERA_CHECKS | ALWAYS
    assert "Your face is compared with nobody's" in text
    assert "once the server has seen you" in text
    assert "recognised" not in text.lower()
    assert "reference pictures" not in text


def test_person_needs_no_camera_and_opens_after_the_check(
    student: Caller, admin: Caller, context: Context
) -> None:
    grant(admin, student, face_check="person")
    attempt_id = join(student, context)
    page = page_of(student, attempt_id)
    assert "A person checks who you are, for example by your student card" in words(page)
    assert "start" not in ids(page)
    assert admin.post(f"/api/v1/attempts/{attempt_id}/identity-check").status_code == 200
    page = page_of(student, attempt_id)
    assert checks(page) == ALWAYS
    assert page.all("video") == []
    assert "disabled" not in page.by_id("start").attributes
    assert student.post(f"/api/v1/attempts/{attempt_id}/start").status_code == 200


def test_broken_off_attempt_goes_on_with_the_time_that_was_left(
    prepared: Caller, context: Context
) -> None:
    with context.database.write() as session:
        attempt = make_attempt(
            session,
            prepared.subject_id,
            AttemptState.ERROR,
            now=context.clock(),
            remaining_seconds=1800,
        )
    text = words(page_of(prepared, attempt.id))
    assert "Time you have left 30 min" in text
    assert "Your answers are saved" in text
    assert "Go on with the exam" in text
