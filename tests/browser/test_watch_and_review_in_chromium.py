"""An exam from nothing to the last report, as an admin lives it: set up, watch, review, keep.

Two students sit before cameras of their own; before one of them somebody else sits down midway.
"""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import serious_findings
from tests.support.browser import Watched, change_film, chromiums
from tests.support.exam_pages import (
    PATIENCE_MS,
    enrol_at_once,
    film_of,
    hand_in,
    join_and_start,
    register,
    sign_in,
)
from tests.support.figures import tell
from tests.support.stack import RunningStack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

TITLE = "Linear algebra I"

SEEN_WITHIN_SECONDS = 5.0
"""From the receipt of the frame that decides to the incident on the wall."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("watch")) as stack:
        yield stack


def set_up_exam(page: Page, url: str) -> str:
    """Set up an exam with one question on the pages; return its join code."""
    page.goto(f"{url}/admin/exams")
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("Duration (minutes)").fill("30")
    page.get_by_label("Frame every (seconds)").fill("1")
    page.get_by_role("button", name="Make the exam").click()
    expect(page.get_by_role("link", name="write the questions")).to_be_visible()
    page.get_by_role("link", name="Questions", exact=True).click()
    page.get_by_role("button", name="Long text").click()
    page.get_by_label("Question").fill("What is a basis?")
    page.get_by_label("Points").fill("5")
    page.locator(".button-row").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 question, 5 points")).to_be_visible()
    page.get_by_role("link", name="Incidents", exact=True).click()
    # The cameras of this test play a short film again and again, which is a finding of its own.
    page.get_by_label("Look for: Repeated picture").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_role("link", name="Overview", exact=True).click()
    return page.locator("#code").inner_text()


def sit_down(browser: Browser, url: str, login: str, code: str) -> tuple[Page, str]:
    page = Watched(browser.new_context(permissions=["camera"])).page
    register(page, url, login)
    enrol_at_once(page, url)
    return page, join_and_start(page, url, code)


def read(page: Page, url: str, path: str) -> Any:
    answer = page.request.get(f"{url}/api/v1{path}")
    assert answer.ok, answer.text()
    return answer.json()


def incident_of(page: Page, url: str, attempt_id: str) -> Any:
    query = f"attempt_id={attempt_id}&kind=wrong_person"
    [incident] = read(page, url, f"/incidents?{query}")["items"]
    return incident


def wait_for_verdicts(page: Page, url: str, attempt_id: str, verdict: str, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (
        read(page, url, f"/attempts/{attempt_id}")["counts"]["by_verdict"].get(verdict, 0) < count
    ):
        assert time.monotonic() < deadline, f"No {count} frames with {verdict}."
        page.wait_for_timeout(300)


def seen_after_seconds(page: Page, url: str, attempt_id: str) -> float:
    """Return how long after the deciding frame came the wall shows the incident."""
    row = page.locator("#incident-list li", has_text="Wrong person")
    expect(row).to_be_visible(timeout=PATIENCE_MS)
    seen_at = datetime.now(UTC)
    incident = incident_of(page, url, attempt_id)
    return (seen_at - datetime.fromisoformat(incident["opened_at"])).total_seconds()


def review_with_the_keyboard(page: Page, url: str) -> None:
    """Find the incident in the queue and confirm it, without touching the mouse."""
    page.goto(f"{url}/admin/review")
    page.keyboard.press("j")
    expect(page.locator("a.queue-link").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/admin/incidents/inc_"))
    expect(page.locator("h1")).to_contain_text("Wrong person")
    expect(page.locator("#course canvas")).to_be_visible()
    expect(page.locator("#frame-verdict")).to_contain_text("Mismatch")
    worst = page.locator("#frame-title").inner_text()
    page.keyboard.press("f")
    expect(page.locator("#frame-title")).not_to_have_text("")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("w")
    expect(page.locator("#frame-title")).to_have_text(worst)
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.keyboard.type("Another man sits there; see c and d.")
    page.keyboard.press("Tab")
    reviewed = page.url
    page.keyboard.press("Enter")
    # It leads on, to the next incident or to the empty queue.
    expect(page).not_to_have_url(reviewed)


def test_an_exam_is_set_up_watched_reviewed_and_kept(stack: RunningStack, tmp_path: Path) -> None:
    films = {tmp_path / "anna": film_of("obama.jpg"), tmp_path / "berta": film_of("obama.jpg")}
    with chromiums(films) as [first, second]:
        desk = Watched(first.new_context(accept_downloads=True, reduced_motion="reduce"))
        admin, url = desk.page, stack.url
        sign_in(admin, url, "admin", stack.admin_password)
        code = set_up_exam(admin, url)
        right, right_id = sit_down(first, url, "anna", code)
        swapped, swapped_id = sit_down(second, url, "berta", code)
        for attempt_id in (right_id, swapped_id):
            wait_for_verdicts(admin, url, attempt_id, "match", 3)

        admin.goto(f"{url}/admin/wall")
        expect(admin.locator("#wall-tiles li.tile")).to_have_count(2, timeout=PATIENCE_MS)
        expect(admin.locator("#incident-list li")).to_have_count(0)
        change_film(film_of("biden.jpg"), tmp_path / "berta")
        seconds = seen_after_seconds(admin, url, swapped_id)
        tell(f"incident on the wall {seconds:.2f} s after the deciding frame came")
        assert seconds < SEEN_WITHIN_SECONDS
        assert serious_findings(admin) == []

        for page in (right, swapped):
            hand_in(page)
        incident = incident_of(admin, url, swapped_id)
        assert read(admin, url, f"/incidents?attempt_id={right_id}")["items"] == []
        review_with_the_keyboard(admin, url)
        reviewed = read(admin, url, f"/incidents/{incident['id']}")
        assert reviewed["review_state"] == "confirmed"
        assert [review["note"] for review in reviewed["reviews"]] == [
            "Another man sits there; see c and d."
        ]
        # Confirming rejects nobody.
        assert read(admin, url, f"/attempts/{swapped_id}")["state"] == "submitted"

        admin.goto(f"{url}/admin/attempts/{swapped_id}")
        keeps_the_deciding_frame(admin, first, tmp_path, incident["worst_seq"])
        assert desk.complaints == []


def keeps_the_deciding_frame(
    admin: Page, browser: Browser, folder: Path, deciding_seq: int
) -> None:
    """Both reports open by themselves and contain the frame that decided."""
    named = f"Frame {deciding_seq}"
    with admin.expect_download() as html:
        admin.get_by_role("link", name="Report as HTML").click()
    html.value.save_as(folder / "report.html")
    kept = browser.new_page()
    kept.goto((folder / "report.html").as_uri())
    picture = kept.get_by_role("img", name=named, exact=True).first
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.naturalWidth") == 640
    kept.close()
    with admin.expect_download() as pdf:
        admin.get_by_role("link", name="Report as PDF").click()
    pdf.value.save_as(folder / "report.pdf")
    document = pypdfium2.PdfDocument(BytesIO((folder / "report.pdf").read_bytes()))
    texts = [page.get_textpage().get_text_bounded() for page in document]
    [first_page, *_] = [at for at, text in enumerate(texts) if re.search(rf"{named}\b", text)]
    pictures = list(document[first_page].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
    assert pictures
    document.close()
