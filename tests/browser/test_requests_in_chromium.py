"""Approving faces in a real browser: one key after the other, and no picture looked at twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from models.audit import AuditEntry
from models.enrollment import FaceEnrollment
from models.statuses import AttemptState
from tests.api.conftest import PASSWORD
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject
from tests.support.exam_pages import film_of
from tests.support.pictures import small_jpeg
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NAMES = ("Anna", "Berta", "Carl")


def furnish(context: Context) -> str:
    """Let faces wait for a person; return the sign-in of an admin."""
    with context.database.write() as session:
        admin = create_admin(session, context, "root", PASSWORD)
        exam = make_exam(session, needs_approved_enrollment=True)
        for name in NAMES:
            subject = make_subject(session, context.key_ring)
            subject.display_name = name
            make_enrollment(session, subject.id, images=context.images, contents=[small_jpeg()])
            make_attempt(session, subject.id, AttemptState.CREATED, exam_id=exam.id)
        return start_sign_in(session, context, admin.id).token


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Page, Context]]:
    with new_app(tmp_path) as app:
        token = furnish(app.state.context)
        with chromium(film_of("obama.jpg"), tmp_path) as browser, serving(app) as url:
            visitor = browser.new_context(reduced_motion="reduce")
            visitor.add_cookies([{"name": SIGN_IN_COOKIE, "value": token, "url": url}])
            page = visitor.new_page()
            page.goto(f"{url}/admin/requests")
            page.wait_for_load_state("networkidle")
            yield page, app.state.context


def test_faces_are_approved_one_key_after_the_other(desk: tuple[Page, Context]) -> None:
    page, context = desk
    assert serious_findings(page) == []
    assert looks(context) == len(NAMES)
    page.get_by_role("button", name="Approve: this is Anna").focus()
    for name, left in (("Anna", 2), ("Berta", 1)):
        page.keyboard.press("Enter")
        expect(page.locator("#faces-said")).to_have_text(f"{name} is approved.")
        expect(page.locator(".face")).to_have_count(left)
        expect(page.locator("#faces-count")).to_have_text(str(left))
    expect(page.get_by_role("button", name="Approve: this is Carl")).to_be_focused()
    page.get_by_text("Not right?").click()
    page.get_by_label("Why, and what to do better").fill("\x07")
    page.get_by_role("button", name="Ask for new pictures").click()
    reason = page.get_by_label("Why, and what to do better")
    expect(reason).to_be_focused()
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("Far too dark.")
    page.keyboard.press("Enter")
    expect(page.locator("#faces")).to_have_text("None.")
    assert looks(context) == len(NAMES), "a picture that stayed on the page was loaded again"
    with context.database.read() as session:
        rows = session.scalars(select(FaceEnrollment).order_by(FaceEnrollment.id)).all()
        assert [one.approved_at is not None for one in rows] == [True, True, False]
        assert rows[-1].withdrawn_reason == "Far too dark."


def looks(context: Context) -> int:
    with context.database.read() as session:
        seen = select(func.count()).where(AuditEntry.action == "face.seen")
        return session.scalar(seen) or 0
