"""A student who knows HTTP attacks a running service; every way in that its ancestor had is shut.

Each test is named after a hole of the project this one replaces. They run against real processes,
with nothing but what a student has: an account, a browser's requests, and patience.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.credentials import SIGN_IN_COOKIE
from clients.simulator.scenes import shot, webcam_frame
from tests.support.exam_pages import PASSWORD, QUESTIONS
from tests.support.pictures import png_bomb, small_jpeg
from tests.support.stack import RunningStack, running_stack
from tests.support.visitors import Visitor, enrol, register, send_frame, verdict_of

pytestmark = pytest.mark.timeout(240)

SECRET_ANSWER = "Neil Armstrong"
"""A right answer that is nowhere in the question."""


@dataclass
class School:
    """A service with an exam, an admin and two students; Anna is enrolled with a real face."""

    stack: RunningStack
    admin: Visitor
    anna: Visitor
    mallory: Visitor
    exam: dict[str, object]

    @contextmanager
    def stranger(self) -> Iterator[Visitor]:
        with httpx.Client(base_url=self.stack.url, timeout=30, trust_env=False) as client:
            yield Visitor(client)

    def join(self, who: Visitor) -> str:
        joined = who.ask("POST", "/exams/join", json={"join_code": self.exam["join_code"]})
        assert joined.status_code in {200, 201}, joined.text
        return str(joined.json()["id"])


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with ExitStack() as until_end:
        stack = until_end.enter_context(running_stack(tmp_path_factory.mktemp("school")))
        admin, anna, mallory = (
            Visitor(
                until_end.enter_context(
                    httpx.Client(base_url=stack.url, timeout=30, trust_env=False)
                )
            )
            for _ in range(3)
        )
        admin.form("/login", login="admin", password=stack.admin_password)
        for student, login in ((anna, "anna"), (mallory, "mallory")):
            register(student, login, PASSWORD)
        wanted = {"title": "Space", "duration_seconds": 3600, "frame_interval_seconds": 1}
        exam = admin.ask("POST", "/exams", json=wanted).json()
        questions = {"questions": QUESTIONS}
        assert admin.ask("PUT", f"/exams/{exam['id']}/questions", json=questions).is_success
        enrol(anna)
        yield School(stack, admin, anna, mallory, exam)


def test_1_a_forged_cookie_signs_nobody_in(school: School) -> None:
    for value in ("admin", "anna", "1", "null", "a" * 43):
        with school.stranger() as stranger:
            stranger.http.cookies.set(SIGN_IN_COOKIE, value)
            assert stranger.http.get("/api/v1/attempts").status_code == 401
            assert "/login" in str(stranger.page("/admin/dashboard").headers.get("location"))


def test_2_nobody_makes_himself_an_admin(school: School) -> None:
    with school.stranger() as stranger:
        stranger.form(
            "/register",
            login="eve",
            display_name="Eve",
            password=PASSWORD,
            role="admin",
            is_admin="true",
            user_type="admin",
        )
        assert stranger.page("/admin/dashboard").status_code == 403
        assert (
            stranger.ask("POST", "/exams", json={"title": "x", "duration_seconds": 60}).status_code
            == 403
        )
        for path in ("/admin/users", "/admin/exams", "/admin/attempts"):
            assert stranger.page(path).status_code == 403


def test_3_and_8_the_start_needs_the_right_face_before_the_server(school: School) -> None:
    attempt_id = school.join(school.anna)
    begin = f"/attempts/{attempt_id}/start"
    assert school.anna.ask("POST", begin).json()["code"] == "no_verified_frame"
    # Somebody else before the camera, a lie in the claim: nothing of it opens the exam.
    assert send_frame(school.anna, attempt_id, 1, webcam_frame("biden.jpg")).status_code == 202
    assert verdict_of(school.anna, attempt_id, 1) == "mismatch"
    assert school.anna.ask("POST", begin).json()["code"] == "no_verified_frame"
    assert send_frame(school.anna, attempt_id, 2, webcam_frame("obama2.jpg")).status_code == 202
    assert verdict_of(school.anna, attempt_id, 2) == "match"
    assert school.anna.ask("POST", begin).status_code == 200


def test_4_and_9_events_belong_to_ones_own_attempt_and_keep_the_servers_clock(
    school: School,
) -> None:
    attempt_id = school.join(school.anna)
    lie = {
        "id": "e1",
        "kind": "tab",
        "reason": "tab_switch",
        "client_at": (datetime.now(UTC) + timedelta(days=300)).isoformat(),
    }
    address = f"/attempts/{attempt_id}/events"
    assert school.mallory.ask("POST", address, json={"events": [lie]}).status_code == 404
    unknown = lie | {"reason": "everything_is_fine"}
    assert school.anna.ask("POST", address, json={"events": [unknown]}).status_code == 422
    told = school.anna.ask("POST", address, json={"events": [lie]})
    assert told.status_code == 202
    items = school.admin.ask("GET", f"/attempts/{attempt_id}/timeline").json()["items"]
    event = next(
        item for item in items if item["type"] == "event" and item["reason"] == "tab_switch"
    )
    received = datetime.fromisoformat(event["received_at"])
    assert abs(datetime.now(UTC) - received) < timedelta(minutes=5)


def test_7_no_picture_without_a_face_is_enrolled(school: School) -> None:
    address = f"/subjects/{school.mallory.subject_id}"
    school.mallory.ask("POST", f"{address}/consents", json={"text_version": "2026-12"})
    images = [("images", ("wall.jpg", small_jpeg(), "image/jpeg"))]
    headers = {"Prefer": "wait=30"}
    answer = school.mallory.ask("POST", f"{address}/enrollments", files=images, headers=headers)
    assert answer.status_code == 422, answer.text
    assert school.mallory.ask("GET", f"/attempts/{school.join(school.mallory)}").json()["missing"]


def test_11_no_right_answer_is_in_what_a_student_can_load(school: School) -> None:
    attempt_id = school.join(school.anna)
    seen = [
        school.anna.page(f"/attempts/{attempt_id}"),
        school.anna.page("/"),
        school.anna.ask("GET", f"/attempts/{attempt_id}"),
        school.anna.ask("GET", f"/attempts/{attempt_id}/paper"),
        school.anna.ask("GET", "/attempts"),
        school.anna.ask("GET", f"/exams/{school.exam['id']}/questions"),
        school.anna.ask("GET", f"/attempts/{attempt_id}/answers"),
    ]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 200, 200, 403, 403]
    for answer in seen:
        for secret in (SECRET_ANSWER, "is_correct", "accepted_answers", '"correct"'):
            assert secret not in answer.text


def test_11_score_and_time_are_not_the_clients_to_set(school: School) -> None:
    attempt_id = school.join(school.anna)
    before = school.anna.ask("GET", f"/attempts/{attempt_id}").json()
    question = school.anna.ask("GET", f"/attempts/{attempt_id}/paper").json()["questions"][2]
    address = f"/attempts/{attempt_id}/answers/{question['id']}"
    body = {"value": {"text": "x"}, "revision": 1}
    for lie in (
        {"awarded_points": 99},
        {"scored_by": "me"},
        {"received_at": "2020-01-01T00:00:00Z"},
    ):
        assert school.anna.ask("PUT", address, json=body | lie).status_code == 422
    assert (
        school.anna.ask("POST", f"{address}/score", json={"awarded_points": 1}).status_code == 403
    )
    wish = {"deadline_at": "2099-01-01T00:00:00Z", "duration_seconds": 10**6}
    assert school.anna.ask("PATCH", f"/attempts/{attempt_id}", json=wish).status_code == 405
    school.anna.ask("POST", f"/attempts/{attempt_id}/start", json=wish)
    allowance = {"subject_id": school.anna.subject_id, "extra_time_percent": 100}
    assert school.anna.ask("POST", "/allowances", json=allowance).status_code == 403
    after = school.anna.ask("GET", f"/attempts/{attempt_id}").json()
    assert after["deadline_at"] == before["deadline_at"]


def test_12_nothing_that_costs_is_open_to_strangers(school: School) -> None:
    with school.stranger() as stranger:
        for method, path in (
            ("POST", "/api/v1/verifications"),
            ("POST", f"/api/v1/subjects/{school.anna.subject_id}/enrollments"),
            ("PUT", "/api/v1/attempts/att_00000000000000000000000000/frames/1"),
        ):
            answer = stranger.http.request(method, path, content=small_jpeg())
            assert answer.status_code == 401, path


def test_16_a_pixel_bomb_and_a_false_length_are_refused_before_decoding(school: School) -> None:
    attempt_id = school.join(school.anna)
    assert send_frame(school.anna, attempt_id, 900, png_bomb()).status_code == 415
    assert (
        send_frame(school.anna, attempt_id, 901, b"\xff\xd8\xff" + bytes(3_000_000)).status_code
        == 413
    )
    frames = school.anna.ask("GET", f"/attempts/{attempt_id}").json()["counts"]["frames"]
    assert frames == 2


def test_19_others_are_not_readable_and_their_attempts_not_touchable(school: School) -> None:
    attempt_id = school.join(school.anna)
    for method, path in (
        ("GET", f"/attempts/{attempt_id}"),
        ("GET", f"/attempts/{attempt_id}/paper"),
        ("GET", f"/attempts/{attempt_id}/timeline"),
        ("GET", f"/attempts/{attempt_id}/frames/1/image"),
        ("GET", f"/subjects/{school.anna.subject_id}"),
        ("POST", f"/attempts/{attempt_id}/start"),
        ("POST", f"/attempts/{attempt_id}/submit"),
        ("POST", f"/attempts/{attempt_id}/replies"),
    ):
        answer = school.mallory.ask(method, path, json={"text": "x"})
        assert answer.status_code == 404, (method, path, answer.text)
    frame = send_frame(school.mallory, attempt_id, 50, webcam_frame("obama.jpg", shot(3)))
    assert frame.status_code == 404
    # The student herself sees neither her timeline nor how close she is.
    assert school.anna.ask("GET", f"/attempts/{attempt_id}/timeline").status_code == 404
    assert "distance" not in school.anna.ask("GET", f"/attempts/{attempt_id}/frames/2").text


def test_what_was_handed_in_stays_handed_in(school: School) -> None:
    """Runs last: afterwards Anna's attempt is closed."""
    attempt_id = school.join(school.anna)
    question = school.anna.ask("GET", f"/attempts/{attempt_id}/paper").json()["questions"][2]
    assert school.anna.ask("POST", f"/attempts/{attempt_id}/submit").json()["state"] == "submitted"
    late = {"value": {"text": SECRET_ANSWER}, "revision": 1}
    answer = school.anna.ask("PUT", f"/attempts/{attempt_id}/answers/{question['id']}", json=late)
    assert (answer.status_code, answer.json()["code"]) == (409, "attempt_closed")
    frame = send_frame(school.anna, attempt_id, 60, webcam_frame("obama2.jpg", shot(5)))
    assert frame.json()["code"] == "attempt_closed"
    begin = school.anna.ask("POST", f"/attempts/{attempt_id}/start")
    assert begin.json()["code"] == "attempt_closed"
    code = {"join_code": school.exam["join_code"]}
    assert school.anna.ask("POST", "/exams/join", json=code).json()["code"] == "attempt_closed"
