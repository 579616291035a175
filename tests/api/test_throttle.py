"""Limits within a sliding window."""

from api import throttle
from api.throttle import Limit, Throttle

TWICE = Limit(times=2, seconds=60)


def test_limit_slides_with_the_clock(clock):
    counted = Throttle(clock)
    assert counted.count("sign_in", "a", TWICE) is None
    clock.advance(40)
    assert counted.count("sign_in", "a", TWICE) is None
    assert counted.count("sign_in", "a", TWICE) == 20
    clock.advance(20)
    assert counted.count("sign_in", "a", TWICE) is None
    assert counted.count("sign_in", "a", TWICE) == 40


def test_keys_and_occasions_count_apart(clock):
    counted = Throttle(clock)
    for what, key in (("a", "1"), ("a", "2"), ("b", "1")):
        assert counted.count(what, key, Limit(1, 60)) is None


def test_asking_in_vain_does_not_prolong_the_wait(clock):
    counted = Throttle(clock)
    for _ in range(100):
        counted.count("sign_in", "a", TWICE)
    clock.advance(60)
    assert counted.count("sign_in", "a", TWICE) is None


def test_memory_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(throttle, "KEYS_REMEMBERED", 10)
    counted = Throttle(clock)
    for number in range(100):
        counted.count("sign_in", str(number), TWICE)
    assert len(counted._moments) == 10
