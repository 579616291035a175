"""Setting up exams in a real browser: with the scripts, and without any."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from models.exam import Exam, Question
from tests.api.conftest import PASSWORD
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import make_exam
from tests.support.exam_pages import film_of
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

OPENS_AT = datetime(2026, 7, 1, 8, 30, 15, tzinfo=UTC)
TABLE = "kind,text,choices,correct\nsingle_choice,Which?,'a\nb',2\nlong_text,Why?,,\n".replace(
    "'", '"'
)


@dataclass
class Desk:
    """A running application, and the sign-in of its admin."""

    browser: Browser
    context: Context
    url: str
    token: str

    def page(self, *, scripts: bool) -> Page:
        visitor = self.browser.new_context(
            java_script_enabled=scripts, timezone_id="Asia/Kolkata", reduced_motion="reduce"
        )
        visitor.add_cookies([{"name": SIGN_IN_COOKIE, "value": self.token, "url": self.url}])
        return visitor.new_page()

    def new_exam(self) -> str:
        with self.context.database.write() as session:
            return make_exam(session, title="Algebra", opens_at=OPENS_AT).id

    def exam(self, exam_id: str) -> Exam:
        with self.context.database.read() as session:
            return session.get_one(Exam, exam_id)

    def questions(self, exam_id: str) -> list[Question]:
        with self.context.database.read() as session:
            found = select(Question).where(Question.exam_id == exam_id).order_by(Question.position)
            return list(session.scalars(found))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("desk")
    with new_app(path) as app:
        context = app.state.context
        with context.database.write() as session:
            admin = create_admin(session, context, "root", PASSWORD)
            token = start_sign_in(session, context, admin.id).token
        with chromium(film_of("obama.jpg"), path) as browser, serving(app) as url:
            yield Desk(browser, context, url, token)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Page]:
    page = desk.page(scripts=request.param)
    yield page
    page.context.close()


def test_question_with_many_choices_is_written(desk: Desk, page: Page) -> None:
    exam_id = desk.new_exam()
    page.goto(f"{desk.url}/admin/exams/{exam_id}/questions")
    page.get_by_role("button", name="Multiple choice").click()
    page.get_by_label("Question").fill("Which are prime?")
    page.get_by_label("Points").fill("many")
    for number in range(1, 7):
        if number > 4:
            page.get_by_role("button", name="One more choice").click()
        page.get_by_label(f"Choice {number}").fill(str(number))
    for at in (1, 2, 4):
        page.locator(f"#right-{at}").check()
    page.locator(".button-row").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#points-error")).to_be_visible()
    expect(page.get_by_label("Choice 6")).to_have_value("6")
    expect(page.locator("#right-4")).to_be_checked()
    page.get_by_label("Points").fill("2,5")
    page.get_by_label("Points").press("Enter")
    expect(page.get_by_text("1 question, 2.5 points")).to_be_visible()
    (question,) = desk.questions(exam_id)
    texts = {choice["id"]: choice["text"] for choice in question.choices}
    assert list(texts.values()) == ["1", "2", "3", "4", "5", "6"]
    assert [texts[right] for right in question.correct] == ["2", "3", "5"]


def test_row_after_a_mistake_starts_without_it(desk: Desk) -> None:
    page = desk.page(scripts=True)
    page.goto(f"{desk.url}/admin/exams/{desk.new_exam()}/questions/new?kind=single_choice")
    page.get_by_label("Question").fill("?")
    page.locator("#right-3").check()
    page.locator(".button-row").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#choice-3-error")).to_be_visible()
    page.get_by_role("button", name="One more choice").click()
    expect(page.locator("#choice-4")).to_be_focused()
    expect(page.locator("#choice-4")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#right-3")).to_be_checked()
    assert serious_findings(page) == []
    page.context.close()


def test_settings_saved_as_they_stand_change_nothing(desk: Desk, page: Page) -> None:
    exam_id = desk.new_exam()
    page.goto(f"{desk.url}/admin/exams/{exam_id}/edit")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(f"{exam_id}$"))
    assert desk.exam(exam_id).opens_at == OPENS_AT


def test_window_is_typed_in_the_readers_own_time(desk: Desk) -> None:
    exam_id = desk.new_exam()
    page = desk.page(scripts=True)
    page.goto(f"{desk.url}/admin/exams/{exam_id}/edit")
    expect(page.locator("#zone")).to_contain_text("Asia/")
    expect(page.get_by_label("Opens")).to_have_value("2026-07-01T14:00")
    page.get_by_label("Opens").fill("2026-07-01T15:00")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(f"{exam_id}$"))
    assert desk.exam(exam_id).opens_at == datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    page.context.close()


def test_questions_are_taken_from_a_file(desk: Desk, page: Page, tmp_path: Path) -> None:
    exam_id = desk.new_exam()
    file = tmp_path / "questions.csv"
    file.write_text(TABLE, encoding="utf-8-sig")
    page.goto(f"{desk.url}/admin/exams/{exam_id}/import")
    page.get_by_label("File, JSON or CSV").set_input_files(file)
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("button", name="Save these 2 questions").click()
    expect(page.get_by_text("2 questions, 2 points")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert started.value.suggested_filename == "algebra-questions.csv"
    page.goto(f"{desk.url}/admin/exams/{exam_id}/import")
    page.get_by_label("File, JSON or CSV").set_input_files(started.value.path())
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator(".figures dd")).to_have_text(["0", "0", "2", "0"])
