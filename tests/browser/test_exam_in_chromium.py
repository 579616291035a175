"""A student sits an exam in a real Chromium, through what goes wrong on a bad day.

Each test walks the pages as a person clicks them, against a running service, and reads afterwards
what an admin is shown. Whatever happens, the answers are intact.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Watched, change_film, chromium
from tests.support.exam_pages import (
    PASSWORD,
    PATIENCE_MS,
    QUESTIONS,
    answer_questions,
    consent_and_enrol,
    enrol_at_once,
    expect_all_saved,
    expect_answers,
    film_of,
    hand_in,
    join,
    join_and_start,
    make_exam_with_questions,
    register,
    sign_in,
)
from tests.support.stack import RunningStack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FRESH_SECONDS = 30
"""A frame that came before somebody noticed anything may still be on its way."""

SHORT_SECONDS = 20
"""An exam whose end a test can wait for."""

PUPPET_CAMERA = """
if (navigator.mediaDevices) {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  let stream = null;
  let isAway = false;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (isAway) throw new DOMException("Could not start video source", "NotReadableError");
    stream = await open(wanted);
    return stream;
  };
  window.takeCameraAway = () => {
    isAway = true;
    for (const track of stream.getTracks()) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };
  window.giveCameraBack = () => { isAway = false; };
}
"""
"""The real camera, which another program can take away and give back."""

SHOW_OR_HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What a browser does when another tab comes to the front; without a window it does not."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("exam")) as stack:
        yield stack


class Room:
    """A browser with a student before its camera, who sits an exam, and an admin elsewhere."""

    def __init__(self, stack: RunningStack, browser: Browser, login: str) -> None:
        self.stack = stack
        self.browser = browser
        self.login = login
        self.admin = Watched(browser.new_context())
        self.student = Watched(browser.new_context(permissions=["camera"]))
        self.attempt_id = ""

    @property
    def page(self) -> Page:
        """What the student sees."""
        return self.student.page

    def sit_down(self, enrol: Callable[[Page, str], None], **exam: object) -> None:
        """Register, consent, enrol, pass the system check, and start."""
        sign_in(self.admin.page, self.stack.url, "admin", self.stack.admin_password)
        code = make_exam_with_questions(
            self.admin.page, self.stack.url, f"Exam of {self.login}", **exam
        )
        register(self.page, self.stack.url, self.login)
        enrol(self.page, self.stack.url)
        self.attempt_id = join_and_start(self.page, self.stack.url, code)

    def read(self, path: str = "") -> Any:
        """Return what the service tells an admin about the attempt."""
        answer = self.admin.page.request.get(
            f"{self.stack.url}/api/v1/attempts/{self.attempt_id}{path}"
        )
        assert answer.ok, answer.text()
        return answer.json()

    def ask_as_admin(self, path: str, body: object = None) -> None:
        """Do what an admin does on pages of their own."""
        token = self.admin.page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
        answer = self.admin.page.request.post(
            f"{self.stack.url}/api/v1{path}", data=body, headers={"X-CSRF-Token": token}
        )
        assert answer.ok, answer.text()

    def timeline(self) -> list[dict[str, Any]]:
        """Return the whole timeline."""
        page = self.read("/timeline?limit=500")
        assert page["next_cursor"] is None
        items: list[dict[str, Any]] = page["items"]
        return items

    def events(self, reason: str) -> list[dict[str, Any]]:
        """Return what the page reported."""
        return [item for item in self.timeline() if item.get("reason") == reason]

    def count_of(self, verdict: str) -> int:
        """Return how many frames have the verdict."""
        return int(self.read()["counts"]["by_verdict"].get(verdict, 0))

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Return the first truthy answer; the student's page goes on meanwhile."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not (found := condition()):
            assert time.monotonic() < deadline, f"{what}: {self.read()}"
            self.page.wait_for_timeout(300)
        return found

    def expect_saved_answers(self) -> None:
        """What the student gave is what those who score it read."""
        answers = self.read("/answers")["items"]
        by_number = {answer["number"]: answer for answer in answers}
        texts = {
            number: [
                choice["text"]
                for choice in answer["choices"]
                if choice["id"] in answer["value"].get("choice_ids", [])
            ]
            for number, answer in by_number.items()
        }
        assert (texts[1], texts[2]) == (["1989"], ["France", "China"])
        assert by_number[3]["value"] == {"text": "Armstrong"}
        assert by_number[4]["value"] == {"text": "It had no army, and great powers stayed away."}

    def hand_in(self) -> None:
        """Hand in, and see that everything arrived."""
        hand_in(self.page)
        expect(self.page.locator("main")).to_contain_text(f"{len(QUESTIONS)} of {len(QUESTIONS)}")
        assert self.read()["state"] == "submitted"
        self.expect_saved_answers()

    def leave(self, *, expected: tuple[str, ...] = ()) -> None:
        """Nothing is left on the student's disk, and no page complained but as `expected`."""
        kept = self.page.evaluate("() => Object.keys(localStorage)")
        assert [name for name in kept if "answers" in name] == []
        complaints = self.student.complaints + self.admin.complaints
        assert [text for text in complaints if not any(part in text for part in expected)] == []


@contextmanager
def exam_room(
    stack: RunningStack,
    folder: Path,
    login: str,
    *,
    enrol: Callable[[Page, str], None] = enrol_at_once,
    **exam: object,
) -> Iterator[Room]:
    """Sit a student down before a camera with an exam that runs."""
    with chromium(film_of("obama.jpg"), folder) as browser:
        room = Room(stack, browser, login)
        room.page.add_init_script(PUPPET_CAMERA)
        room.sit_down(enrol, **exam)
        yield room


def before_the_camera(page: Page, _url: str) -> None:
    """Enrol as a person does."""
    consent_and_enrol(page)


def moment(item: dict[str, Any], name: str = "received_at") -> datetime:
    return datetime.fromisoformat(item[name])


def test_the_whole_way_with_the_network_away_and_a_reload(
    stack: RunningStack, tmp_path: Path
) -> None:
    with exam_room(stack, tmp_path, "anna", enrol=before_the_camera) as room:
        page = room.page
        page.get_by_label("1989").check()
        expect(page.locator("#question-1 .question-state")).to_contain_text("Saved")

        page.context.set_offline(True)
        answer_questions(page)
        saved_state = page.locator("#saved-state")
        expect(saved_state).to_have_text("3 answers are not saved yet; we go on trying")
        expect(page.locator("#question-4 .question-state")).to_contain_text("It is kept here")
        # Handing in says what is not saved, and closes nothing.
        page.locator("#submit").click()
        page.locator("#submit-confirm").click()
        expect(saved_state).to_contain_text("Not handed in yet", timeout=PATIENCE_MS)
        # It stays, however often saving is tried again.
        page.wait_for_timeout(5_000)
        expect(saved_state).to_contain_text("Not handed in yet")
        assert room.read()["state"] == "started"
        expect_answers(page)

        # The laptop crashes, and the page comes back before the answers can be sent.
        address = page.url
        page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); }")
        page.goto("about:blank")
        page.route("**/answers/*", lambda route: route.abort())
        page.context.set_offline(False)
        page.goto(address)
        expect_answers(page)
        expect(saved_state).to_have_text("3 answers are not saved yet; we go on trying")
        assert room.read()["answered_count"] == 1
        page.unroute("**/answers/*")
        expect_all_saved(page)

        page.reload()
        expect_answers(page)
        room.expect_saved_answers()
        room.hand_in()
        expect(page.locator("#frames-checked")).to_have_text(
            str(room.read()["counts"]["frames"]), timeout=PATIENCE_MS
        )
        counts = room.read()["counts"]
        assert counts["frames"] == counts["verified"] > 0
        # What happened to the page is on the record, with what it could not send at the time.
        assert room.events("offline")
        assert room.events("page_left")
        room.leave(expected=("ERR_INTERNET_DISCONNECTED", "ERR_FAILED"))


def test_somebody_else_sits_down_midway(stack: RunningStack, tmp_path: Path) -> None:
    with exam_room(stack, tmp_path, "berta") as room:
        answer_questions(room.page)
        expect_all_saved(room.page)
        room.wait_for(lambda: room.count_of("match") >= 3, "recognised")
        assert room.count_of("mismatch") == 0

        change_film(film_of("biden.jpg"), tmp_path)
        room.wait_for(lambda: room.count_of("mismatch") >= 3, "noticed")
        # The student reads what one picture means, no figure, and nothing that accuses.
        said = room.page.locator("#last-check")
        expect(said).to_contain_text("did not look like your reference pictures")
        assert "distance" not in room.page.locator("main").inner_text().lower()
        room.admin.page.goto(f"{stack.url}/admin/attempts/{room.attempt_id}")
        frame = room.admin.page.locator('li.frame[data-verdict="mismatch"]').first
        expect(frame.locator(".side.claim")).to_contain_text("One face")
        expect(frame).to_contain_text("Page and server disagree")

        change_film(film_of("obama.jpg"), tmp_path)
        expect(said).to_contain_text("fine", timeout=PATIENCE_MS)
        expect_answers(room.page)
        room.hand_in()
        room.leave()


def test_a_camera_that_goes_away_and_comes_back(stack: RunningStack, tmp_path: Path) -> None:
    with exam_room(stack, tmp_path, "carla") as room:
        page = room.page
        answer_questions(page)
        room.wait_for(lambda: room.count_of("match") >= 1, "recognised")

        page.evaluate("() => takeCameraAway()")
        trouble = page.locator("#trouble")
        expect(trouble).to_contain_text("we note the gap", timeout=PATIENCE_MS)
        # The exam goes on without it.
        expect_all_saved(page)
        expect_answers(page)
        again = page.get_by_role("button", name="Try the camera again")
        again.click()
        expect(again).to_be_visible()
        room.wait_for(lambda: room.events("camera_lost"), "told")
        page.wait_for_timeout(3000)

        page.evaluate("() => giveCameraBack()")
        again.click()
        expect(trouble).to_be_hidden(timeout=PATIENCE_MS)
        expect(page.locator("#camera-gap")).to_contain_text("That is noted; your exam went on.")
        returned = room.wait_for(lambda: room.events("camera_returned"), "told")[0]
        room.wait_for(
            lambda: any(item["type"] == "frame" for item in after(returned, room.timeline())),
            "pictures again",
        )
        room.hand_in()

        [lost] = room.events("camera_lost")
        assert len(room.events("camera_returned")) == 1
        assert (moment(returned, "client_at") - moment(lost, "client_at")).total_seconds() > 3
        between = [
            item
            for item in room.timeline()
            if item["type"] == "frame"
            and moment(lost, "client_at") < moment(item, "captured_at")
            and moment(item, "captured_at") < moment(returned, "client_at")
        ]
        assert between == []
        room.admin.page.goto(f"{stack.url}/admin/attempts/{room.attempt_id}")
        expect(room.admin.page.locator("main")).to_contain_text("Camera lost")
        expect(room.admin.page.locator("main")).to_contain_text("Camera is back")
        room.leave()


def after(event: dict[str, Any], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for item in items if moment(item, "at") > moment(event)]


def test_another_tab_in_front(stack: RunningStack, tmp_path: Path) -> None:
    with exam_room(stack, tmp_path, "dora") as room:
        page = room.page
        page.get_by_role("button", name="Full screen").click()
        page.get_by_role("button", name="Leave full screen").click()
        answer_questions(page)
        # Not saved yet: leaving sends it at once.
        elsewhere = page.context.new_page()
        elsewhere.bring_to_front()
        page.evaluate(SHOW_OR_HIDE, "hidden")
        left = room.wait_for(lambda: room.events("tab_switch"), "told")[0]
        room.wait_for(lambda: room.read()["answered_count"] == len(QUESTIONS), "saved")
        room.expect_saved_answers()
        page.wait_for_timeout(1500)
        page.bring_to_front()
        elsewhere.close()
        page.evaluate(SHOW_OR_HIDE, "visible")
        returned = room.wait_for(lambda: room.events("tab_return"), "told")[0]

        for event in (left, returned):
            behind = moment(event) - moment(event, "client_at")
            assert -1 < behind.total_seconds() < FRESH_SECONDS
        away = moment(returned, "client_at") - moment(left, "client_at")
        assert away.total_seconds() >= 1.5
        assert len(room.events("fullscreen_enter")) == len(room.events("fullscreen_exit")) == 1
        room.admin.page.goto(f"{stack.url}/admin/attempts/{room.attempt_id}")
        shown = room.admin.page.locator("li.event", has_text="Left the page").first
        # Both clocks: the server's, and the page's.
        expect(shown.locator("time")).to_have_count(2)
        expect_answers(page)
        room.hand_in()
        room.leave()


def test_two_tabs_do_not_fight_and_a_conflict_loses_nothing(
    stack: RunningStack, tmp_path: Path
) -> None:
    with exam_room(stack, tmp_path, "emma") as room:
        page = room.page
        answer_questions(page)
        expect_all_saved(page)
        second = page.context.new_page()
        second.goto(page.url)
        expect_answers(second)
        expect(second.locator("#trouble")).to_contain_text("open in another tab")
        # What one tab saves, the other shows.
        second.get_by_label("1991").check()
        expect(page.get_by_label("1991")).to_be_checked()
        second.get_by_label("1989").check()
        expect(page.get_by_label("1989")).to_be_checked()
        second.close()

        # Another computer, which no channel connects, writes while this one is offline.
        other = room.browser.new_context(storage_state=page.context.storage_state())
        other_page = other.new_page()
        other_page.goto(page.url)
        expect_answers(other_page)
        page.context.set_offline(True)
        field = page.get_by_label("Answer to question 3")
        field.fill("Neil Armstrong")
        other_page.get_by_label("Answer to question 3").fill("Buzz Aldrin")
        expect_all_saved(other_page)
        other.close()
        page.context.set_offline(False)
        compare = page.get_by_role("button", name="Compare both answers")
        expect(compare).to_be_visible(timeout=PATIENCE_MS)
        expect(field).to_have_value("Neil Armstrong")
        # Before handing in, an answer that is not settled is told.
        page.locator("#submit").click()
        expect(page.locator("#submit-unsettled")).to_contain_text("changed elsewhere")
        page.locator("#submit-cancel").click()
        compare.click()
        dialog = page.locator("#conflict-dialog")
        expect(dialog).to_contain_text("Neil Armstrong")
        expect(dialog).to_contain_text("Buzz Aldrin")
        dialog.get_by_role("button", name="Take the one saved elsewhere").click()
        expect(field).to_have_value("Buzz Aldrin")
        field.fill("Armstrong")
        expect_all_saved(page)
        room.hand_in()
        room.leave(expected=("ERR_INTERNET_DISCONNECTED", "409"))


@contextmanager
def room_without_camera(stack: RunningStack, folder: Path, login: str) -> Iterator[Room]:
    """Sit somebody down whom a person checks instead of a camera."""
    with chromium(film_of("obama.jpg")[:5], folder) as browser:
        room = Room(stack, browser, login)
        sign_in(room.admin.page, stack.url, "admin", stack.admin_password)
        code = make_exam_with_questions(room.admin.page, stack.url, f"Exam of {login}")
        register(room.page, stack.url, login)
        room.attempt_id = join(room.page, stack.url, code)
        subject_id = room.read()["subject_id"]
        room.ask_as_admin("/allowances", {"subject_id": subject_id, "face_check": "person"})
        room.ask_as_admin(f"/attempts/{room.attempt_id}/identity-check")
        room.page.reload()
        room.page.get_by_role("button", name="Start the exam").click()
        yield room


def test_without_a_camera(stack: RunningStack, tmp_path: Path) -> None:
    with room_without_camera(stack, tmp_path, "greta") as room:
        answer_questions(room.page)
        expect_all_saved(room.page)
        assert room.page.locator("video").count() == 0
        room.hand_in()
        assert room.read()["counts"]["frames"] == 0
        room.leave()


def test_signed_out_in_the_middle(stack: RunningStack, tmp_path: Path) -> None:
    with room_without_camera(stack, tmp_path, "hanna") as room:
        page = room.page
        page.get_by_label("1989").check()
        expect(page.locator("#question-1 .question-state")).to_contain_text("Saved")
        page.context.clear_cookies()
        answer_questions(page)
        expect(page.locator("#trouble")).to_contain_text("You were signed out. Nothing is lost")
        page.get_by_role("button", name="Sign in again").click()
        page.get_by_label("Login").fill("hanna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect_answers(page)
        expect_all_saved(page)
        room.hand_in()
        room.leave(expected=("401",))


def test_what_came_too_late_is_told_and_forgotten_at_sign_out(
    stack: RunningStack, tmp_path: Path
) -> None:
    with room_without_camera(stack, tmp_path, "ida") as room:
        page = room.page
        answer_questions(page)
        expect_all_saved(page)
        room.hand_in()
        # As another browser leaves it that lost the network before the end.
        keep = "(id) => localStorage.setItem(`face-monitor answers ${id} q1`, "
        keep += """'{"value": {"text": "My last words"}, "revision": 1}')"""
        page.evaluate(keep, room.attempt_id)
        page.reload()
        expect(page.locator("#unsent")).to_contain_text("1 answer did not reach the server")
        expect(page.locator("#unsent")).to_contain_text("My last words")

        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Sign out").click()
        expect(page.locator("#unsent")).to_be_visible()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        room.leave()


def test_time_over_hands_in_by_itself(stack: RunningStack, tmp_path: Path) -> None:
    with exam_room(stack, tmp_path, "flora", duration_seconds=SHORT_SECONDS) as room:
        page = room.page
        answer_questions(page)
        # The first tries fail: the page says that nothing is lost, and goes on.
        page.route("**/submit", lambda route: route.abort())
        expect(page.locator("#saved-state")).to_contain_text(
            "The time is over", timeout=SHORT_SECONDS * 1000
        )
        expect(page.locator("#saved-state")).to_contain_text("what was saved counts")
        page.unroute("**/submit")
        expect(page.locator("#attempt-text")).to_contain_text(
            "You handed it in", timeout=PATIENCE_MS
        )
        assert room.read()["state"] == "submitted"
        room.expect_saved_answers()
        # Where the tries took long, the service has handed it in meanwhile and says so: 409.
        room.leave(expected=("ERR_FAILED", "409 (Conflict)"))
