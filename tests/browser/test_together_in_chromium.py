"""Verifying attempts together in a real browser: with the script, and without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from models.review import Review
from models.statuses import AttemptState
from tests.api.conftest import PASSWORD
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import (
    make_attempt,
    make_exam,
    make_frame,
    make_subject,
    make_verification,
)
from tests.support.exam_pages import film_of
from tests.support.incidents import make_incident
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PHONE = {"width": 390, "height": 844}


def furnish(context: Context) -> str:
    """Let four attempts wait, something open about one; return the sign-in of an admin."""
    with context.database.write() as session:
        admin = create_admin(session, context, "root", PASSWORD)
        exam = make_exam(session, title="History of the twentieth century")
        for name in ("Anna", "Berta", "Carl", "Flagged"):
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            attempt = make_attempt(session, subject.id, AttemptState.SUBMITTED, exam_id=exam.id)
            frame = make_frame(session, attempt, 1)
            make_verification(session, attempt=attempt, frame=frame)
        make_incident(session, attempt)
        return start_sign_in(session, context, admin.id).token


@dataclass
class Desk:
    """A running application, and the sign-in of its admin."""

    browser: Browser
    context: Context
    url: str
    token: str

    def page(self, *, scripts: bool = True) -> Page:
        visitor = self.browser.new_context(java_script_enabled=scripts, reduced_motion="reduce")
        visitor.add_cookies([{"name": SIGN_IN_COOKIE, "value": self.token, "url": self.url}])
        page = visitor.new_page()
        page.goto(f"{self.url}/admin/attempts?show=to_decide")
        return page

    def reviews(self) -> int:
        with self.context.database.read() as session:
            return session.scalar(select(func.count()).select_from(Review)) or 0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with new_app(tmp_path) as app:
        token = furnish(app.state.context)
        with chromium(film_of("obama.jpg"), tmp_path) as browser, serving(app) as url:
            yield Desk(browser, app.state.context, url, token)


def test_all_shown_about_which_nothing_is_open_are_verified_at_once(desk: Desk) -> None:
    page = desk.page()
    assert serious_findings(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    every = page.get_by_label("Choose all shown")
    button = page.locator("#together button")
    expect(button).to_have_text("Verify the chosen ones")
    page.get_by_label("Choose Anna").check()
    expect(button).to_have_text("Verify 1 chosen")
    expect(every).not_to_be_checked()
    every.check()
    expect(button).to_have_text("Verify 3 chosen")
    page.get_by_label("Choose Carl").uncheck()
    expect(button).to_have_text("Verify 2 chosen")
    button.click()
    expect(page.locator("#verified")).to_contain_text("2 attempts were verified")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert serious_findings(page) == []
    assert desk.reviews() == 2


def test_attempts_are_chosen_and_verified_without_scripts(desk: Desk) -> None:
    page = desk.page(scripts=False)
    expect(page.get_by_text("Choose all shown")).to_be_hidden()
    page.get_by_label("Choose Berta").check()
    page.get_by_role("button", name="Verify the chosen ones").click()
    expect(page.locator("#verified")).to_contain_text("One attempt was verified")
    assert desk.reviews() == 1
