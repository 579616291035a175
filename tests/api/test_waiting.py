"""Waiting for a result: in time, in vain, and not too many at once."""

import asyncio
import threading

import pytest

from api.waiting import LONGEST_WAIT_SECONDS, WaitingRoom, preferred_wait_seconds


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=5", 5),
        ("respond-async, wait=5", 5),
        ("Wait=5; foo", 5),
        ("wait=999999", LONGEST_WAIT_SECONDS),
        ("wait=9999999", 0),
        ("wait=-5", 0),
        ("wait=x", 0),
        ("nowait=5", 0),
    ],
)
def test_wish_is_read(prefer, seconds):
    assert asyncio.run(preferred_wait_seconds(prefer)) == seconds


def test_answer_is_returned_as_soon_as_it_is_there(context):
    looks = iter([None, None, "the answer"])
    room = WaitingRoom(1)
    assert room.wait_for(context.database, 20, lambda session: next(looks)) == "the answer"


def test_nothing_is_looked_at_without_a_wish_or_a_seat(context):
    def look(session):
        raise AssertionError

    assert WaitingRoom(1).wait_for(context.database, 0, look) is None
    assert WaitingRoom(0).wait_for(context.database, 5, look) is None


def test_full_room_sends_the_next_caller_on(context):
    room, sits, leave = WaitingRoom(1), threading.Event(), threading.Event()

    def look(session):
        sits.set()
        return "answer" if leave.wait(20) else None

    first = threading.Thread(target=room.wait_for, args=(context.database, 20, look))
    first.start()
    assert sits.wait(20)
    assert room.wait_for(context.database, 20, look) is None
    leave.set()
    first.join()
    assert room.wait_for(context.database, 20, look) == "answer"
