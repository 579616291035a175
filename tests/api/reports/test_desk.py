"""Reports are made one after the other, and nobody waits for ever."""

import threading

import pytest

from api.problems import TooManyRequests
from api.reports.desk import ReportDesk


def test_turns_are_taken_one_after_the_other():
    desk = ReportDesk()
    order = []
    first_is_in, first_may_go = threading.Event(), threading.Event()

    def first() -> None:
        with desk.turn():
            first_is_in.set()
            first_may_go.wait(5)
            order.append("first")

    def second() -> None:
        with desk.turn():
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert first_is_in.wait(5)
    threads[1].start()
    first_may_go.set()
    for thread in threads:
        thread.join(5)
    assert order == ["first", "second"]


def test_whoever_finds_all_places_taken_is_told_to_come_back():
    desk = ReportDesk(waiting_allowed=0)
    with desk.turn(), pytest.raises(TooManyRequests) as refused, desk.turn():
        pass
    assert refused.value.headers["Retry-After"] == "10"
    with desk.turn():
        pass


def test_waiting_ends():
    desk = ReportDesk(wait_seconds=0.01)
    with desk.turn(), pytest.raises(TooManyRequests), desk.turn():
        pass
    with desk.turn():
        pass
