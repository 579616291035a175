"""Overload: slower first, then 429 before the body is read; never accept and drop."""

from datetime import timedelta

import pytest

from api.frames.pace import Pace
from models.base import new_id
from models.database import database_now
from models.job import enqueue
from models.statuses import JobKind
from tests.api.frames.conftest import Left


class Monotonic:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def pace(app, context, monotonic) -> Pace:
    app.state.pace = Pace(context.database, context.settings, monotonic)
    return app.state.pace


def wait_for_verifying(context, seconds: float) -> None:
    """Put a frame's job into the queue that has been due for `seconds`."""
    with context.database.write() as session:
        due = database_now(session) - timedelta(seconds=seconds)
        enqueue(session, JobKind.VERIFY_FRAME, new_id("frm"), now=due)


def test_no_backlog_keeps_the_wanted_pace(pace):
    assert pace.interval_seconds(5.0) == 5.0
    assert pace.retry_after_seconds() is None


def test_longer_backlog_asks_for_a_slower_pace(context, pace, monotonic):
    intervals = []
    for backlog_seconds in (5, 15, 25, 45):
        wait_for_verifying(context, backlog_seconds)
        monotonic.seconds += 1
        intervals.append(pace.interval_seconds(5.0))
    assert intervals == [5.0, 10.0, 15.0, 20.0]


def test_backlog_is_measured_once_a_second(context, pace, monotonic):
    assert pace.backlog_seconds() == 0
    wait_for_verifying(context, 50)
    monotonic.seconds += 0.9
    assert pace.backlog_seconds() == 0
    monotonic.seconds += 0.2
    assert 50 <= pace.backlog_seconds() < 60


def test_work_of_the_future_is_no_backlog(context, pace):
    wait_for_verifying(context, -60)
    assert pace.backlog_seconds() == 0


def test_answer_carries_the_slower_pace(context, pace, sender):
    wait_for_verifying(context, 15)
    assert sender.put().json()["next"]["interval_seconds"] == 10.0


def test_overload_refuses_before_the_body_is_read(context, pace, sender, left):
    wait_for_verifying(context, 121)
    read = []

    def body():
        read.append(1)
        yield b"\xff\xd8\xff"

    answer = sender.put(1, body())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) >= 1
    assert left() == Left(0, 1, 0)


def test_overload_still_answers_for_a_frame_that_was_taken(context, pace, sender, monotonic):
    first = sender.put(1).json()
    wait_for_verifying(context, 121)
    monotonic.seconds += 1
    again = sender.put(1)
    assert again.status_code == 202
    assert again.json()["received_at"] == first["received_at"]


def test_storage_reserve_refuses_before_accepting(context, sender, left, monkeypatch):
    monkeypatch.setattr(context.images.store, "free_bytes", lambda: 99_999_999)
    answer = sender.put()
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert left() == Left(0, 0, 0)
