"""The report as a file on somebody's disk, opened in a real browser."""

from pathlib import Path

import pytest

from api.users.service import create_admin, start_sign_in
from clients.simulator.scenes import webcam_frame
from tests.api.conftest import PASSWORD, new_student, signed_in_caller
from tests.api.reports.attempt_story import tell_story
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.serving import new_app

pytestmark = pytest.mark.browser


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The report of an attempt, kept on the disk."""
    with new_app(tmp_path) as app:
        context = app.state.context
        subject_id = new_student(app, context, "anna").subject_id
        with context.database.write() as session:
            story = tell_story(session, context, subject_id)
            user = create_admin(session, context, "root", PASSWORD)
            admin = signed_in_caller(app, start_sign_in(session, context, user.id))
        path = tmp_path / "report.html"
        path.write_bytes(admin.get(f"/admin/attempts/{story.attempt_id}/report").content)
        return path


def test_it_shows_everything_and_asks_for_nothing(file: Path, tmp_path: Path) -> None:
    with chromium([webcam_frame("obama.jpg")], tmp_path / "film") as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        shown = page.evaluate("() => [...document.images].filter((i) => i.naturalWidth).length")
        assert shown == page.locator("img").count() > 10
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        # Its style sheet counts only if the policy within the file admits it.
        border = "() => getComputedStyle(document.querySelector('header')).borderBottomWidth"
        assert page.evaluate(border) == "3px"
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        assert said == []


def test_it_can_be_read_by_everybody(file: Path, tmp_path: Path) -> None:
    with chromium([webcam_frame("obama.jpg")], tmp_path / "film") as browser:
        # The file's policy forbids scripts, and axe is one.
        page = browser.new_context(bypass_csp=True).new_page()
        page.goto(file.as_uri())
        assert serious_findings(page) == []
