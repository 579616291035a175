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
from models.subject import Subject
from tests.api.conftest import PASSWORD
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import make_attempt, make_enrollment, make_exam, make_subject
from tests.support.exam_pages import film_of
from tests.support.pictures import small_jpeg
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NAMES = ("Anna", "Berta", "Carl")

HOLD_ANSWERS = """() => {
  const ask = window.fetch;
  const held = new Promise((go) => { window.letGo = go; });
  window.fetch = async (...what) => {
    const answer = await ask(...what);
    await held;
    return answer;
  };
}"""

BREAK_ANSWERS = """() => {
  const ask = window.fetch;
  window.fetch = async (...what) => {
    const answer = await ask(...what);
    answer.text = () => Promise.reject(new TypeError("network error"));
    return answer;
  };
}"""


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
            page.clock.install()
            page.goto(f"{url}/admin/requests")
            page.wait_for_load_state("networkidle")
            yield page, app.state.context


def test_faces_are_approved_one_key_after_the_other(desk: tuple[Page, Context]) -> None:
    page, context = desk
    assert serious_findings(page) == []
    assert looks(context) == len(NAMES)
    page.get_by_role("button", name="Approve: this is Anna").focus()
    for name, left in (("Anna", 2), ("Berta", 1)):
        let_the_list_settle(page)
        page.keyboard.press("Enter")
        expect(page.locator("#faces-said")).to_have_text(f"{name} is approved.")
        expect(page.locator(".face")).to_have_count(left)
        expect(page.locator("#faces-count")).to_have_text(str(left))
    expect(page.get_by_role("button", name="Approve: this is Carl")).to_be_focused()
    page.get_by_text("Not right?").click()
    page.get_by_label("Why, and what to do better").fill("\x07")
    let_the_list_settle(page)
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


def test_a_key_that_is_held_approves_one_face(desk: tuple[Page, Context]) -> None:
    page, context = desk
    sent = decisions(page)
    page.get_by_role("button", name="Approve: this is Anna").focus()
    page.keyboard.down("Enter")
    expect(page.locator(".face")).to_have_count(2)
    expect(page.get_by_role("button", name="Approve: this is Berta")).to_be_focused()
    let_the_list_settle(page)
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    page.keyboard.press("Enter")
    expect(page.locator("#faces-said")).to_have_text("Berta is approved.")
    assert approved(context) == ["Anna", "Berta"]


def test_a_double_click_approves_one_face(desk: tuple[Page, Context]) -> None:
    page, context = desk
    sent = decisions(page)
    page.clock.pause_at(page.evaluate("Date.now() + 60_000"))
    button = page.get_by_role("button", name="Approve: this is Anna")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*place)
    expect(page.locator(".face")).to_have_count(2)
    page.clock.run_for(400)
    page.mouse.click(*place)
    expect(page.locator("#faces-said")).to_have_text(
        "Anna is approved. Berta is not decided: the list had just moved. Look, and press again."
    )
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    assert approved(context) == ["Anna"]
    page.clock.run_for(400)
    page.mouse.click(*place)
    expect(page.locator("#faces-said")).to_have_text("Berta is approved.")


def test_who_types_is_not_interrupted_by_an_answer(desk: tuple[Page, Context]) -> None:
    page, context = desk
    sent = decisions(page)
    page.evaluate(HOLD_ANSWERS)
    page.get_by_role("button", name="Approve: this is Anna").click()
    card = page.locator('[data-face="Berta"]')
    card.get_by_text("Not right?").click()
    reason = card.get_by_label("Why, and what to do better")
    reason.press_sequentially("Far")
    third = page.locator('[data-face="Carl"]')
    third.get_by_text("Not right?").click()
    third.get_by_label("Why, and what to do better").fill("Too small")
    reason.focus()
    page.evaluate("window.letGo()")
    expect(page.locator(".face")).to_have_count(2)
    let_the_list_settle(page)
    page.keyboard.type(" too dark")
    expect(reason).to_be_focused()
    expect(reason).to_have_value("Far too dark")
    expect(third.get_by_label("Why, and what to do better")).to_have_value("Too small")
    assert len(sent) == 1
    assert approved(context) == ["Anna"]


def test_what_was_typed_stays_when_another_face_is_decided(desk: tuple[Page, Context]) -> None:
    page, _ = desk
    card = page.locator('[data-face="Berta"]')
    card.get_by_text("Not right?").click()
    reason = card.get_by_label("Why, and what to do better")
    reason.fill("\x07 too dark")
    reason.press("Enter")
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("Far too dark")
    let_the_list_settle(page)
    page.get_by_role("button", name="Approve: this is Carl").click()
    expect(page.locator(".face")).to_have_count(2)
    expect(reason).to_have_value("Far too dark")
    expect(reason).to_be_visible()


def test_an_answer_that_breaks_off_is_told(desk: tuple[Page, Context]) -> None:
    page, _ = desk
    mistakes: list[str] = []
    page.on("pageerror", lambda one: mistakes.append(str(one)))
    page.evaluate(BREAK_ANSWERS)
    page.get_by_role("button", name="Approve: this is Anna").click()
    expect(page.locator("#faces-said")).to_have_text(
        "The server cannot be reached: it is not known whether Anna was decided. "
        "Load the page again."
    )
    assert mistakes == []


def test_who_comes_too_late_is_told_and_keeps_what_was_typed(desk: tuple[Page, Context]) -> None:
    page, context = desk
    card = page.locator('[data-face="Berta"]')
    card.get_by_text("Not right?").click()
    card.get_by_label("Why, and what to do better").fill("Far too dark")
    with context.database.write() as session:
        [berta] = session.scalars(
            select(FaceEnrollment)
            .join(Subject, Subject.id == FaceEnrollment.subject_id)
            .where(Subject.display_name == "Berta")
        )
        berta.approved_at = context.clock()
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("Somebody approved set 1 of Berta meanwhile")
    expect(page.get_by_text("You typed about set 1 of Berta")).to_contain_text("Far too dark")
    expect(page.locator("#faces-said")).to_have_text("Nothing was decided about Berta.")
    expect(page.locator("#unapproved")).to_be_focused()
    assert serious_findings(page) == []


def decisions(page: Page) -> list[str]:
    """Return the addresses that forms are sent to from here on."""
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    return sent


def let_the_list_settle(page: Page) -> None:
    page.clock.run_for(1000)


def approved(context: Context) -> list[str]:
    with context.database.read() as session:
        statement = (
            select(Subject.display_name)
            .join(FaceEnrollment, FaceEnrollment.subject_id == Subject.id)
            .where(FaceEnrollment.approved_at.is_not(None))
            .order_by(FaceEnrollment.id)
        )
        return list(session.scalars(statement))


def looks(context: Context) -> int:
    with context.database.read() as session:
        seen = select(func.count()).where(AuditEntry.action == "face.seen")
        return session.scalar(seen) or 0
