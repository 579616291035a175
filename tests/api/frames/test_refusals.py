"""What is no acceptable frame is refused with a code and a next step, and leaves nothing."""

from collections.abc import Iterator

import anyio

from models.statuses import AttemptState
from models.subject import SubjectKey
from tests.api.conftest import Caller
from tests.api.frames.conftest import Left, Sender
from tests.support.pictures import jpeg_of_declared_size, png_bomb, small_jpeg, small_png

NOTHING = Left(0, 0, 0)


def assert_refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["next_step"]
    assert body["request_id"] == answer.headers["X-Request-Id"]


BAD_IMAGES = {
    "empty": (b"", 422, "empty_image"),
    "text": (b"this is a text, not a picture\n" * 50, 415, "unsupported_image_type"),
    "truncated": (small_jpeg()[:-40], 422, "truncated_image"),
    "header only": (small_jpeg()[:20], 422, "truncated_image"),
    "65535": (jpeg_of_declared_size(65535, 65535), 422, "image_dimensions_too_large"),
    "png": (small_png(), 415, "unsupported_image_type"),
    "png bomb": (png_bomb(), 415, "unsupported_image_type"),
    "20 MB": (b"\xff\xd8\xff" + bytes(20_000_000), 413, "image_too_large"),
}


def test_bad_image(sender, left):
    for content, status, code in BAD_IMAGES.values():
        assert_refused(sender.put(1, content), status, code)
        assert left() == NOTHING


def test_20_mb_streamed_without_a_length_is_cut_off(sender, left):
    sent = []

    def stream() -> Iterator[bytes]:
        for _ in range(320):
            sent.append(1)
            yield bytes(65_536)

    assert_refused(sender.put(1, stream()), 413, "image_too_large")
    assert left() == NOTHING


def test_wrong_content_type(sender, left):
    for content_type in ("text/plain", "image/png", "image/jpeg2000", "application/json", ""):
        assert_refused(sender.put(1, Content_Type=content_type), 415, "unsupported_image_type")
    assert left() == NOTHING


def test_number_out_of_range(sender, left):
    for seq in (0, -1, 1_000_001, 10**12, "9" * 5000, "one", "1.5", "01", "%00", "\u0661"):
        assert_refused(sender.put(seq), 422, "invalid_seq")
    assert left() == NOTHING


def test_unknown_attempt(system, left):
    for attempt_id in ("att_" + "0" * 26, "nothing", "%00", "att_'; drop table"):
        assert_refused(Sender(system, attempt_id).put(), 404, "not_found")
    assert left() == NOTHING


def test_attempt_of_another_system(other_system, attempt, left):
    assert_refused(Sender(other_system, attempt.id).put(), 404, "not_found")
    assert left() == NOTHING


def test_attempt_of_another_student(other_student, student, new_attempt, left):
    attempt = new_attempt(student)
    assert_refused(Sender(other_student, attempt.id).put(), 404, "not_found")
    assert left() == NOTHING


def test_admin_cannot_send_frames_for_somebody(admin, attempt, left):
    assert_refused(Sender(admin, attempt.id).put(), 403, "not_allowed")
    assert left() == NOTHING


def test_nobody_signed_in(anonymous, attempt, left):
    assert_refused(Sender(anonymous, attempt.id).put(), 401, "not_signed_in")
    assert left() == NOTHING


def test_student_without_csrf_token(student, new_attempt, left):
    attempt = new_attempt(student)
    del student.client.headers["X-CSRF-Token"]
    assert_refused(Sender(student, attempt.id).put(), 403, "csrf_failed")
    assert left() == NOTHING


def test_attempt_that_takes_no_frames(system, new_attempt, left):
    codes = {
        AttemptState.CREATED: "attempt_not_ready",
        AttemptState.SUBMITTED: "attempt_closed",
        AttemptState.EXPIRED: "attempt_closed",
        AttemptState.DECLINED: "attempt_closed",
        AttemptState.VERIFIED: "attempt_closed",
    }
    for state, code in codes.items():
        attempt = new_attempt(system, state)
        assert_refused(Sender(system, attempt.id).put(), 409, code)
    assert left() == NOTHING


def test_frame_after_the_deadline(sender, clock, left):
    clock.advance(3600)
    assert_refused(sender.put(), 409, "attempt_closed")
    assert left() == NOTHING


def test_erased_subject(context, sender, attempt, left):
    with context.database.write() as session:
        session.delete(session.get_one(SubjectKey, attempt.subject_id))
    assert_refused(sender.put(), 404, "not_found")
    assert left() == NOTHING


def read_of_body(app, caller: Caller, path: str, headers: dict[str, str]) -> tuple[int, int]:
    """Return the answer's status and how many messages of the body the application asked for."""
    reads, statuses = [], []

    async def receive():
        reads.append(1)
        return {"type": "http.request", "body": small_jpeg(), "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    request = caller.client.build_request("PUT", path, headers=headers)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in request.headers.items()],
        "client": ("127.0.0.1", 5),
        "server": ("localhost", 8000),
        "state": {},
    }
    anyio.run(app, scope, receive, send)
    return statuses[0], len(reads)


def test_refused_before_the_body_is_read(app, anonymous, other_system, system, attempt, clock):
    path = f"/api/v1/attempts/{attempt.id}/frames/1"
    jpeg = {"Content-Type": "image/jpeg"}
    assert read_of_body(app, anonymous, path, jpeg) == (401, 0)
    assert read_of_body(app, other_system, path, jpeg) == (404, 0)
    assert read_of_body(app, system, path, {"Content-Type": "image/png"}) == (415, 0)
    assert read_of_body(app, system, path, jpeg) == (202, 1)
    clock.advance(3600)
    assert read_of_body(app, system, path.replace("/1", "/2"), jpeg) == (409, 0)
