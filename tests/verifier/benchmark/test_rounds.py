"""Turns: who, how often, in which order."""

import os
import time

import pytest

from verifier.benchmark.rounds import Rounds, Timed, on_one_core


@pytest.mark.parametrize(("at_most", "expected"), [(None, 10), (3, 3), (1, 1), (50, 10)])
def test_slow_thing_takes_part_in_as_many_rounds_as_it_may(
    at_most: int | None, expected: int
) -> None:
    thing = Timed[str]("slow", lambda _: None, at_most_rounds=at_most)
    assert sum(thing.takes_part(number, 10) for number in range(10)) == expected


def test_rounds_of_a_slow_thing_are_spread_over_the_run() -> None:
    thing = Timed[str]("slow", lambda _: None, at_most_rounds=2)
    assert [number for number in range(10) if thing.takes_part(number, 10)] == [4, 9]


def test_each_round_takes_the_next_subject_and_begins_with_another_thing() -> None:
    done: list[tuple[str, str]] = []

    def thing(name: str, times: int) -> Timed[str]:
        return Timed(name, lambda subject: done.append((name, subject)), times)

    rounds = Rounds([thing("a", 2), thing("b", 1)], ["x", "y"])
    assert list(rounds.run(3)) == [0, 1, 2]
    warm_up, timed = done[:2], done[2:]
    assert warm_up == [("a", "x"), ("b", "x")]
    assert timed == [
        ("a", "x"), ("a", "x"), ("b", "x"),
        ("b", "y"), ("a", "y"), ("a", "y"),
        ("a", "x"), ("a", "x"), ("b", "x"),
    ]  # fmt: skip
    assert {name: found.samples for name, found in rounds.medians().items()} == {"a": 6, "b": 3}


def test_preparation_comes_before_each_time_and_is_not_timed() -> None:
    done: list[str] = []

    def prepare(subject: str) -> None:
        done.append("before")
        time.sleep(0.05)

    thing = Timed[str]("a", lambda _: done.append("work"), 2, before=prepare)
    rounds = Rounds([thing], ["x"])
    list(rounds.run(1))
    assert done == ["work", "before", "work", "before", "work"]
    assert rounds.medians()["a"].whole_ms < 50


def test_medians_leave_out_the_warm_up_and_keep_the_stages() -> None:
    stages = iter([1000.0, 1.0, 2.0, 9.0])
    rounds = Rounds([Timed[str]("a", lambda _: {"detect": next(stages)})], ["x"])
    list(rounds.run(3))
    found = rounds.medians()["a"]
    assert found.stages_ms == {"detect": 2.0}
    assert found.whole_ms > 0


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system chooses the cores")
def test_timing_keeps_to_one_core_and_gives_the_others_back() -> None:
    before = os.sched_getaffinity(0)
    with on_one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before
