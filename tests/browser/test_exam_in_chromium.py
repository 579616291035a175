"""A student sits an exam in a real Chromium; the admin reads claim and verdict side by side."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Watched, chromium
from tests.support.exam_pages import (
    PASSWORD,
    PATIENCE_MS,
    consent_and_enrol,
    film_of,
    join_and_start,
    make_exam,
    register,
    sign_in,
)
from tests.support.stack import RunningStack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("exam")) as stack:
        yield stack


def watch_timeline(
    page: Page, stack: RunningStack, attempt_id: str, is_shown: Callable[[Page], bool]
) -> None:
    """Read the admin's timeline until it shows what is waited for."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        page.goto(f"{stack.url}/admin/attempts/{attempt_id}")
        if is_shown(page):
            return
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.wait_for_timeout(500)


def count_of(page: Page, verdict: str) -> int:
    return page.locator(f'li.frame[data-verdict="{verdict}"]').count()


def as_admin(browser: Browser, stack: RunningStack) -> Watched:
    watched = Watched(browser.new_context())
    sign_in(watched.page, stack.url, "admin", stack.admin_password)
    return watched


def test_the_right_person_and_then_another_before_the_camera(
    stack: RunningStack, tmp_path: Path
) -> None:
    with chromium(film_of("obama.jpg"), tmp_path / "right") as browser:
        admin = as_admin(browser, stack)
        join_code = make_exam(admin.page, stack.url, "History")
        student = Watched(browser.new_context(permissions=["camera"]))
        register(student.page, stack.url, "anna")
        consent_and_enrol(student.page)
        attempt_id = join_and_start(student.page, stack.url, join_code)
        watch_timeline(admin.page, stack, attempt_id, lambda page: count_of(page, "match") >= 3)
        frame = admin.page.locator('li.frame[data-verdict="match"]').first
        expect(frame).to_contain_text("One face")
        expect(frame.locator("img").first).to_have_js_property("complete", True)
        assert count_of(admin.page, "mismatch") == 0
        assert admin.complaints == []
        assert student.complaints == []

    with chromium(film_of("biden.jpg"), tmp_path / "other") as browser:
        student = Watched(browser.new_context(permissions=["camera"]))
        sign_in(student.page, stack.url, "anna", PASSWORD)
        student.page.goto(f"{stack.url}/attempts/{attempt_id}")
        admin = as_admin(browser, stack)
        watch_timeline(admin.page, stack, attempt_id, lambda page: count_of(page, "mismatch") >= 3)
        frame = admin.page.locator('li.frame[data-verdict="mismatch"]').first
        expect(frame.locator(".side.claim")).to_contain_text("One face")
        expect(frame).to_contain_text("Page and server disagree")
        # The page never shows the student a figure of the comparison.
        assert "distance" not in student.page.locator("main").inner_text().lower()
        assert admin.complaints == []
        assert student.complaints == []


def fail_to_hand_in_once(page: Page) -> None:
    """Hand in while the network is away: the exam goes on, and so does its monitoring."""
    page.route("**/submit", lambda route: route.abort())
    page.get_by_role("button", name="Hand in").first.click()
    page.locator("#submit-confirm").click()
    expect(page.locator("#attempt-text")).to_contain_text("Not handed in yet")
    with page.expect_response(lambda answer: "/frames/" in answer.url and answer.ok):
        pass
    page.unroute("**/submit")


def test_what_the_database_holds_agrees_with_the_pages(stack: RunningStack, tmp_path: Path) -> None:
    with chromium(film_of("obama.jpg"), tmp_path / "one") as browser:
        admin = as_admin(browser, stack)
        join_code = make_exam(admin.page, stack.url, "Geography")
        student = Watched(browser.new_context(permissions=["camera"]))
        register(student.page, stack.url, "berta")
        consent_and_enrol(student.page)
        attempt_id = join_and_start(student.page, stack.url, join_code)
        watch_timeline(admin.page, stack, attempt_id, lambda page: count_of(page, "match") >= 1)
        fail_to_hand_in_once(student.page)
        student.page.get_by_role("button", name="Hand in").first.click()
        student.page.locator("#submit-confirm").click()
        expect(student.page.locator("main")).to_contain_text("Handed in", timeout=PATIENCE_MS)
        watch_timeline(
            admin.page,
            stack,
            attempt_id,
            lambda page: page.locator('li.frame[data-verdict="pending"]').count() == 0,
        )
        answer = admin.page.request.get(f"{stack.url}/api/v1/attempts/{attempt_id}").json()
        assert answer["state"] == "submitted"
        assert answer["counts"]["frames"] == answer["counts"]["verified"]
        assert [text for text in student.complaints if "ERR_FAILED" not in text] == []
