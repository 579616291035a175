from sqlalchemy import select

from api.context import Context
from models.statuses import AttemptState, EnrollmentState
from models.subject import Consent
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER, Sitting
from tests.api.pages.document import document, values
from tests.support.builders import make_attempt, make_enrollment, make_exam


def home(caller: Caller) -> str:
    return str(caller.get("/", headers=BROWSER).text)


def test_consent_comes_first_with_its_version(student: Caller, context: Context) -> None:
    page = document(home(student))
    version = context.settings.consent_text_version
    assert values(page)["text_version"] == version
    assert f"Version {version}" in page.whole_text()
    answer = student.post("/consent", data={"text_version": version}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with context.database.read() as session:
        given = session.scalars(select(Consent)).one()
    assert (given.subject_id, given.recorded_by) == (student.subject_id, student.user_id)
    assert "You agreed" in home(student)


def test_consent_to_an_outdated_text_is_not_recorded(student: Caller, context: Context) -> None:
    answer = student.post("/consent", data={"text_version": "1999-01"}, headers=BROWSER)
    assert answer.status_code == 422
    assert "text has changed" in answer.text
    with context.database.read() as session:
        assert session.scalars(select(Consent)).all() == []


def test_enrollment_page_asks_for_consent_first(student: Caller) -> None:
    page = student.get("/enrollment", headers=BROWSER)
    assert "First we need your agreement" in page.text
    assert "enrollment.js" not in page.text


def test_refused_pictures_show_their_reasons(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        refused = make_enrollment(
            session, prepared.subject_id, state=EnrollmentState.REFUSED, version=2
        )
        refused.images[0].reasons = [{"code": "too_dark", "message": "The picture is too dark."}]
    page = prepared.get("/enrollment", headers=BROWSER).text
    assert "The picture is too dark." in page
    assert "Set 1 stays in use." in " ".join(page.split())


def test_joining_leads_to_the_attempt(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        make_exam(session, join_code="ABCD-EFGH", now=context.clock())
    answer = prepared.post("/join", data={"join_code": "abcdefgh"}, headers=BROWSER)
    assert answer.status_code == 303
    page = prepared.get(answer.headers["location"], headers=BROWSER)
    assert page.status_code == 200
    attempt = document(page.text).by_id("attempt").attributes
    assert attempt["data-state"] == "ready"
    again = prepared.post("/join", data={"join_code": "ABCD-EFGH"}, headers=BROWSER)
    assert again.headers["location"] == answer.headers["location"]


def test_unknown_code_comes_back_with_what_was_typed(prepared: Caller) -> None:
    answer = prepared.post("/join", data={"join_code": "ZZZZ-ZZZZ"}, headers=BROWSER)
    assert answer.status_code == 404
    assert "No exam has this code" in answer.text
    assert values(document(answer.text))["join_code"] == "ZZZZ-ZZZZ"


def test_unready_attempt_says_what_is_missing(student: Caller, context: Context) -> None:
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id, AttemptState.CREATED)
    page = student.get(f"/attempts/{attempt.id}", headers=BROWSER).text
    assert "Say yes to being recorded" in page
    assert "/enrollment" in page
    assert "/attempt.js" not in page


def test_attempt_page_shows_no_figure(prepared: Caller, sitting: Sitting) -> None:
    page = prepared.get(f"/attempts/{sitting.attempt_id}", headers=BROWSER).text
    assert "distance" not in page.lower()
    assert "score" not in page.lower()


def test_foreign_attempt_looks_like_none(other_student: Caller, sitting: Sitting) -> None:
    answer = other_student.get(f"/attempts/{sitting.attempt_id}", headers=BROWSER)
    assert answer.status_code == 404


def test_submitted_attempt_starts_no_camera(prepared: Caller, context: Context) -> None:
    with context.database.write() as session:
        attempt = make_attempt(session, prepared.subject_id, AttemptState.SUBMITTED)
    page = prepared.get(f"/attempts/{attempt.id}", headers=BROWSER).text
    assert "You are done" in page
    assert "attempt.js" not in page


def test_admin_is_led_to_the_dashboard(admin: Caller) -> None:
    answer = admin.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/dashboard")


def test_admin_has_no_student_pages(admin: Caller) -> None:
    assert admin.get("/enrollment", headers=BROWSER).status_code == 403
    assert admin.post("/join", data={"join_code": "A"}, headers=BROWSER).status_code == 403
