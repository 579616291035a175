"""The system check before an exam, in a real browser, with a camera that plays its part or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from clients.simulator.portraits import portrait_path
from models.allowance import Allowance
from models.attempt import Attempt
from models.base import new_id
from models.frame import Frame
from models.statuses import AttemptState, FaceCheck, Verdict
from models.verification import Verification
from tests.api.conftest import PASSWORD
from tests.support.browser import Watched, chromium
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_exam,
    make_verification,
)
from tests.support.exam_pages import film_of
from tests.support.people import register_student
from tests.support.serving import new_app, serving
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PATIENCE_MS = 20_000

PORTRAIT = portrait_path("obama.jpg").read_bytes()

NO_CAMERA = """
navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException("no", "{error}"));
"""


@dataclass
class Place:
    """An application without a worker, so that a test says what the server finds."""

    browser: Browser
    url: str
    context: Context

    def student(self, check: FaceCheck = FaceCheck.MATCH) -> tuple[Watched, str]:
        """Return a prepared student's browser and the attempt it is to open."""
        now = self.context.clock()
        with self.context.database.write() as session:
            login = new_id("usr")
            user = register_student(
                session, self.context, login=login, display_name="Anna", password=PASSWORD
            )
            subject_id = user.subject_id or ""
            give_consent(session, subject_id, now=now)
            if check is FaceCheck.PERSON:
                let_a_person_check(session, self.context, subject_id)
            enrollment = make_enrollment(
                session, subject_id, images=self.context.images, contents=[PORTRAIT], now=now
            )
            exam = make_exam(session, title="History", frame_interval_seconds=1.0, now=now)
            attempt = make_attempt(
                session,
                subject_id,
                AttemptState.READY if check is FaceCheck.MATCH else AttemptState.CREATED,
                exam_id=exam.id,
                enrollment_id=enrollment.id,
                needs_verified_frame=True,
                identity_checked_at=now if check is FaceCheck.PERSON else None,
                frame_interval_seconds=1.0,
                now=now,
            )
            token = start_sign_in(session, self.context, user.id).token
        browser_context = self.browser.new_context(permissions=["camera"])
        browser_context.add_cookies([{"name": SIGN_IN_COOKIE, "value": token, "url": self.url}])
        return Watched(browser_context), attempt.id

    def find(self, attempt_id: str, verdict: Verdict) -> None:
        """Let the server find this in the newest frame, once there is one without a verdict."""
        wait_until(lambda: self._verify(attempt_id, verdict), what="a frame", seconds=20)

    def _verify(self, attempt_id: str, verdict: Verdict) -> bool:
        with self.context.database.write() as session:
            frame = session.scalars(
                select(Frame).where(Frame.attempt_id == attempt_id).order_by(Frame.seq.desc())
            ).first()
            judged = select(Verification.frame_id).where(Verification.attempt_id == attempt_id)
            if frame is None or frame.id in session.scalars(judged).all():
                return False
            attempt = session.get_one(Attempt, attempt_id)
            make_verification(
                session, verdict=verdict, attempt=attempt, frame=frame, now=self.context.clock()
            )
        return True


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    path = tmp_path_factory.mktemp("before")
    with (
        new_app(path) as app,
        chromium(film_of("obama.jpg"), path / "film") as browser,
        serving(app) as url,
    ):
        yield Place(browser, url, app.state.context)


def let_a_person_check(session: Session, context: Context, subject_id: str) -> None:
    admin = create_admin(session, context, new_id("usr"), PASSWORD)
    session.add(
        Allowance(
            id=new_id("alw"),
            subject_id=subject_id,
            face_check=FaceCheck.PERSON,
            granted_by=admin.id,
            granted_at=context.clock(),
        )
    )
    session.flush()


def expect_check(page: Page, name: str, state: str, text: str) -> None:
    check = page.locator(f'.check[data-check="{name}"]')
    expect(check).to_have_attribute("data-state", state, timeout=PATIENCE_MS)
    expect(check).to_contain_text(text, timeout=PATIENCE_MS)


def test_start_opens_once_the_server_has_recognised_the_student(place: Place) -> None:
    watched, attempt_id = place.student()
    page = watched.page
    page.goto(f"{place.url}/attempts/{attempt_id}")
    start = page.get_by_role("button", name="Start the exam")
    expect(start).to_be_disabled()
    for name in ("browser", "clock", "camera", "picture", "detector", "network"):
        expect(page.locator(f'.check[data-check="{name}"]')).to_have_attribute(
            "data-state", "ok", timeout=PATIENCE_MS
        )
    place.find(attempt_id, Verdict.MISMATCH)
    expect_check(page, "server", "trouble", "does not recognise you")
    expect(start).to_be_disabled()
    place.find(attempt_id, Verdict.MATCH)
    expect_check(page, "server", "ok", "The server recognised you")
    expect(page.locator("#start-text")).to_have_text("You can start when you are ready.")
    start.click()
    expect(page.locator("#submit")).to_be_visible(timeout=PATIENCE_MS)
    assert watched.complaints == []
    page.context.close()


def test_second_tab_says_where_the_exam_is_open(place: Place) -> None:
    watched, attempt_id = place.student()
    first = watched.page
    first.goto(f"{place.url}/attempts/{attempt_id}")
    expect(first.locator("#viewfinder-box")).to_have_attribute("data-camera", "live")
    second = first.context.new_page()
    second.goto(f"{place.url}/attempts/{attempt_id}")
    expect_check(second, "camera", "trouble", "open in another tab")
    place.find(attempt_id, Verdict.MATCH)
    expect(first.locator("#start")).to_be_enabled(timeout=PATIENCE_MS)
    expect(second.locator("#start")).to_be_disabled()
    first.close()
    expect_check(second, "camera", "ok", "")
    expect(second.locator("#start")).to_be_enabled(timeout=PATIENCE_MS)
    second.context.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("NotAllowedError", "The browser may not use the camera"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "The camera gives no picture"),
    ],
)
def test_camera_trouble_says_what_to_do_and_can_be_mended(
    place: Place, error: str, told: str
) -> None:
    watched, attempt_id = place.student()
    page = watched.page
    page.add_init_script(
        "const kept = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "window.mend = () => { navigator.mediaDevices.getUserMedia = kept; };"
        + NO_CAMERA.replace("{error}", error)
    )
    page.goto(f"{place.url}/attempts/{attempt_id}")
    expect_check(page, "camera", "trouble", told)
    expect(page.locator("#start")).to_be_disabled()
    page.evaluate("() => window.mend()")
    page.get_by_role("button", name="Try the camera again").click()
    expect_check(page, "camera", "ok", "")
    page.context.close()


def test_page_works_without_its_detector(place: Place) -> None:
    watched, attempt_id = place.student()
    page = watched.page
    page.route("**/face-api/**", lambda route: route.abort())
    page.goto(f"{place.url}/attempts/{attempt_id}")
    expect_check(page, "detector", "ok", "Not needed")
    expect_check(page, "picture", "ok", "looks for your face by itself")
    expect_check(page, "network", "ok", "A picture of")
    page.context.close()


def test_without_a_camera_the_person_checked_can_start(place: Place) -> None:
    watched, attempt_id = place.student(FaceCheck.PERSON)
    page = watched.page
    page.goto(f"{place.url}/attempts/{attempt_id}")
    expect_check(page, "network", "ok", "The server answers")
    page.get_by_role("button", name="Start the exam").click()
    expect(page.locator("#submit")).to_be_visible(timeout=PATIENCE_MS)
    assert watched.complaints == []
    page.context.close()


def test_lost_network_closes_the_button_and_comes_back(place: Place) -> None:
    watched, attempt_id = place.student()
    page = watched.page
    page.goto(f"{place.url}/attempts/{attempt_id}")
    place.find(attempt_id, Verdict.MATCH)
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE_MS)
    page.context.set_offline(True)
    expect_check(page, "network", "trouble", "cannot be reached")
    expect(page.locator("#start")).to_be_disabled()
    page.context.set_offline(False)
    expect(page.locator("#start")).to_be_enabled(timeout=PATIENCE_MS)
    page.context.close()


def test_pictures_are_asked_for_one_by_one_and_taken_again(place: Place) -> None:
    watched, _ = place.student()
    page = watched.page
    page.goto(f"{place.url}/enrollment")
    page.get_by_role("button", name="Switch on the camera").click()
    expect(page.locator("#prompt")).to_contain_text("Picture 1 of 3: Look straight")
    expect(page.locator("#guidance")).to_contain_text("Hold still", timeout=PATIENCE_MS)
    take: Callable[[], None] = page.get_by_role("button", name="Take a picture").click
    for count in (1, 2, 3):
        take()
        expect(page.locator("#pictures li")).to_have_count(count)
    before = page.locator("#pictures img").nth(1).get_attribute("src")
    page.get_by_role("button", name="Take picture 2 again").click()
    expect(page.locator("#prompt")).to_contain_text("Picture 2 again: Turn your head")
    page.wait_for_timeout(300)
    take()
    expect(page.locator("#pictures li")).to_have_count(3)
    expect(page.locator("#pictures img").nth(1)).not_to_have_attribute("src", before or "")
    page.get_by_role("button", name="Remove picture 1").click()
    expect(page.locator("#pictures li")).to_have_count(2)
    expect(page.locator("#prompt")).to_contain_text("Look straight")
    assert watched.complaints == []
    page.context.close()
