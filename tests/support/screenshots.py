"""`make screenshots`: pictures of every page from a running stack, for docs and for judging.

Each page in light and dark, at the width of a phone and of a desktop. The person in them is
NASA's astronaut, who may be shown.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect
from rich.console import Console

from clients.simulator.portraits import ASTRONAUT_NAME
from tests.support.browser import chromium
from tests.support.exam_pages import (
    PATIENCE_MS,
    answer_questions,
    enrol,
    expect_all_saved,
    film_of,
    hand_in,
    join,
    make_exam_with_questions,
    register,
    sign_in,
    start,
)
from tests.support.stack import RunningStack, running_stack

WIDTHS_PX = (390, 1280)
SCHEMES = ("light", "dark")

DESK = (
    "dashboard",
    "wall",
    "review",
    "exams",
    "attempts",
    "students",
    "requests",
    "users",
    "ops",
    "alerts",
    "audit",
)
"""The admins' pages that stand in the navigation."""

TALLEST_PX = 3000
"""A whole page makes a picture people can look at up to this height; of a longer one the top."""

SETTLE_MS = 700
"""For the camera's picture, and for what moves when the width changes."""

JPEG_QUALITY = 60

CAMERA_NAME = """
Object.defineProperty(MediaStreamTrack.prototype, "label", { get: () => "Integrated Camera" });
"""
"""A fake camera is called by the path of its film, which is nobody's business."""

console = Console()


class Album:
    """Puts pictures of pages into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        """Photograph the page as it is now, in every width and scheme."""
        console.print(name)
        for width in WIDTHS_PX:
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.evaluate("() => scrollTo(0, 0)")
                page.wait_for_timeout(SETTLE_MS)
                height: int = page.evaluate("() => document.documentElement.scrollHeight")
                is_open = page.locator("dialog[open]").count() > 0
                page.screenshot(
                    path=self._folder / f"{name}-{width}-{scheme}.jpg",
                    type="jpeg",
                    quality=JPEG_QUALITY,
                    full_page=height <= TALLEST_PX and not is_open,
                )

    def visit(self, context: BrowserContext, address: str, name: str) -> None:
        """Photograph a page that is opened for it."""
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("load")
        self.take(page, name)
        page.close()


def sit_an_exam(album: Album, page: Page, stack: RunningStack, join_code: str) -> str:
    """Photograph a student's whole way; return the attempt's id."""
    register(page, stack.url, "anna")
    album.take(page, "student-home-new")
    page.get_by_role("button", name="I have read this and agree").click()
    page.goto(f"{stack.url}/enrollment")
    page.get_by_role("button", name="Switch on the camera").click()
    page.wait_for_timeout(4000)
    album.take(page, "student-enrollment-camera")
    enrol(page)
    album.take(page, "student-enrollment-accepted")
    page.goto(stack.url)
    album.take(page, "student-home-prepared")
    attempt_id = join(page, stack.url, join_code)
    expect(page.locator('.check[data-check="server"]')).to_have_attribute(
        "data-state", "ok", timeout=PATIENCE_MS
    )
    album.take(page, "student-system-check")
    start(page)
    answer_questions(page)
    expect_all_saved(page)
    album.take(page, "student-exam")
    page.locator("#submit").click()
    album.take(page, "student-hand-in")
    page.locator("#submit-cancel").click()
    hand_in(page)
    album.take(page, "student-handed-in")
    return attempt_id


def review(desk: Page, stack: RunningStack, attempt_id: str, **wanted: object) -> None:
    """Decide about the attempt, as the admin."""
    token = desk.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    answer = desk.request.post(
        f"{stack.url}/api/v1/attempts/{attempt_id}/reviews",
        data=wanted,
        headers={"X-CSRF-Token": token},
    )
    assert answer.status == 201, answer.text()


def main(folder: Path) -> None:
    """Sit an exam with a fake camera and photograph every page on the way."""
    album = Album(folder)
    with (
        tempfile.TemporaryDirectory() as work,
        running_stack(Path(work)) as stack,
        chromium(film_of(ASTRONAUT_NAME), Path(work) / "film") as browser,
    ):
        nobody, student, admin = (browser.new_context(permissions=["camera"]) for _ in range(3))
        student.add_init_script(CAMERA_NAME)
        album.visit(nobody, f"{stack.url}/login", "sign-in")
        album.visit(nobody, f"{stack.url}/register", "register")
        desk = admin.new_page()
        sign_in(desk, stack.url, "admin", stack.admin_password)
        join_code = make_exam_with_questions(desk, stack.url, "History of the twentieth century")
        page = student.new_page()
        attempt_id = sit_an_exam(album, page, stack, join_code)
        address = f"{stack.url}/attempts/{attempt_id}"
        review(
            desk,
            stack,
            attempt_id,
            decision="questioned",
            reason_codes=["second_person"],
            message="Between 10:14 and 10:16 somebody stood behind you. Who was it?",
        )
        album.visit(student, address, "student-questioned")
        page.goto(address)
        page.get_by_label("Your answer").fill("My sister was looking for her keys.")
        page.get_by_role("button", name="Send the answer").click()
        album.visit(admin, f"{stack.url}/admin/attempts/{attempt_id}", "admin-attempt")
        review(desk, stack, attempt_id, decision="verified")
        album.visit(student, address, "student-verified")
        album.visit(student, f"{stack.url}/attempts/att_unknown", "error")
        for name in DESK:
            album.visit(admin, f"{stack.url}/admin/{name}", f"admin-{name}")
        desk.goto(f"{stack.url}/admin/exams")
        desk.get_by_role("link", name="History of the twentieth century").click()
        album.take(desk, "admin-exam")
        for name in ("edit", "questions", "proctoring", "incidents", "import"):
            album.visit(admin, f"{desk.url}/{name}", f"admin-exam-{name}")
        desk.goto(f"{stack.url}/admin/students")
        desk.get_by_role("link", name="Anna Example").click()
        album.take(desk, "admin-student")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
