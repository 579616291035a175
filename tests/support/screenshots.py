"""`make screenshots`: pictures of every page from a running stack, for docs and for judging.

Each page in light and dark, at the width of a phone and of a desktop.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from rich.progress import track

from tests.support.browser import chromium
from tests.support.exam_pages import (
    PATIENCE_MS,
    consent_and_enrol,
    film_of,
    join_and_start,
    make_exam,
    register,
    sign_in,
)
from tests.support.stack import running_stack

WIDTHS_PX = (390, 1280)
SCHEMES = ("light", "dark")


def take(context: BrowserContext, address: str, name: str, folder: Path) -> None:
    """Photograph one page in every width and scheme, whole, with its pictures loaded."""
    page = context.new_page()
    for width in WIDTHS_PX:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.goto(address)
            page.wait_for_load_state("load")
            # The camera needs a moment to show the first picture.
            page.wait_for_timeout(1500)
            path = folder / f"{name}-{width}-{scheme}.jpg"
            page.screenshot(path=path, type="jpeg", quality=80, full_page=height_is_sane(page))
    page.close()


def height_is_sane(page: Page) -> bool:
    """Tell whether the whole page makes a picture people can look at."""
    height: int = page.evaluate("() => document.documentElement.scrollHeight")
    return height < 4000


def main(folder: Path) -> None:
    """Sit an exam with a fake camera and photograph every page on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    film = film_of("obama.jpg") + film_of("biden.jpg")
    with (
        tempfile.TemporaryDirectory() as work,
        running_stack(Path(work)) as stack,
        chromium(film, Path(work) / "film") as browser,
    ):
        nobody, student, admin = (browser.new_context(permissions=["camera"]) for _ in range(3))
        shots: list[tuple[BrowserContext, str, str]] = [
            (nobody, "/login", "sign-in"),
            (nobody, "/register", "register"),
        ]
        page, desk = student.new_page(), admin.new_page()
        sign_in(desk, stack.url, "admin", stack.admin_password)
        join_code = make_exam(desk, stack.url, "History of the twentieth century")
        register(page, stack.url, "anna")
        take(student, f"{stack.url}/", "student-home-new", folder)
        consent_and_enrol(page)
        take(student, f"{stack.url}/enrollment", "student-enrollment", folder)
        take(student, f"{stack.url}/", "student-home", folder)
        attempt_id = join_and_start(page, stack.url, join_code)
        page.wait_for_timeout(PATIENCE_MS / 4)
        page.close()
        shots += [
            (student, f"/attempts/{attempt_id}", "student-attempt"),
            (student, "/attempts/att_unknown", "error"),
            (admin, "/admin/dashboard", "admin-dashboard"),
            (admin, "/admin/exams", "admin-exams"),
            (admin, "/admin/attempts", "admin-attempts"),
            (admin, f"/admin/attempts/{attempt_id}", "admin-timeline"),
            (admin, "/admin/users", "admin-users"),
        ]
        for context, path, name in track(shots, description="Pages"):
            take(context, f"{stack.url}{path}", name, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
