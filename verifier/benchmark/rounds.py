"""Timing several things in turns, so that whatever disturbs the machine disturbs all of them."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import psutil

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Timed(Generic[Subject]):
    """One thing that is timed."""

    name: str
    work: Callable[[Subject], Mapping[str, float] | None]
    """Does it once; it may return milliseconds of its stages."""

    times_a_round: int = 1
    """More for what is quick, whose times vary most."""

    at_most_rounds: int | None = None
    """Fewer than all, evenly spread, for what takes seconds. None means all."""

    before: Callable[[Subject], object] | None = None
    """Done before each time, and not timed."""

    def takes_part(self, number: int, rounds: int) -> bool:
        """Tell whether round `number` of so many, counted from 0, is one of its own."""
        wanted = rounds if self.at_most_rounds is None else min(self.at_most_rounds, rounds)
        return number * wanted // rounds != (number + 1) * wanted // rounds


@dataclass(frozen=True)
class Medians:
    """Median milliseconds of one thing."""

    whole_ms: float
    stages_ms: Mapping[str, float]
    samples: int


class Rounds(Generic[Subject]):
    """Takes turns and keeps the times."""

    def __init__(self, things: Sequence[Timed[Subject]], subjects: Sequence[Subject]) -> None:
        self._things, self._subjects = tuple(things), tuple(subjects)
        self._whole: dict[str, list[float]] = {}
        self._stages: dict[str, dict[str, list[float]]] = {}

    def run(self, rounds: int) -> Iterator[int]:
        """Do everything once unseen, then yield the number of each round when it is done.

        Every round takes the next subject and begins with another thing, so that each runs behind
        each.
        """
        for thing in self._things:
            thing.work(self._subjects[0])
        for number in range(rounds):
            subject = self._subjects[number % len(self._subjects)]
            first = number % len(self._things)
            for thing in (*self._things[first:], *self._things[:first]):
                if thing.takes_part(number, rounds):
                    for _ in range(thing.times_a_round):
                        self._time(thing, subject)
            yield number

    def medians(self) -> dict[str, Medians]:
        """Return what was found, by the name of the thing."""
        return {
            name: Medians(
                whole_ms=statistics.median(whole),
                stages_ms={
                    stage: statistics.median(times) for stage, times in self._stages[name].items()
                },
                samples=len(whole),
            )
            for name, whole in self._whole.items()
        }

    def _time(self, thing: Timed[Subject], subject: Subject) -> None:
        if thing.before is not None:
            thing.before(subject)
        started = time.perf_counter()
        stages = thing.work(subject)
        whole_ms = (time.perf_counter() - started) * 1000
        self._whole.setdefault(thing.name, []).append(whole_ms)
        kept = self._stages.setdefault(thing.name, {})
        for stage, milliseconds in (stages or {}).items():
            kept.setdefault(stage, []).append(milliseconds)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep every thread of this process on the least busy core, where the system lets us choose.

    What is timed says it uses one thread; here nothing can use more, whatever a library does.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    busy = dict(enumerate(psutil.cpu_percent(interval=0.3, percpu=True)))
    _keep_threads_on({min(allowed, key=lambda core: busy.get(core, 0.0))})
    try:
        yield
    finally:
        _keep_threads_on(allowed)


def _keep_threads_on(cores: set[int]) -> None:
    for thread in psutil.Process().threads():
        # A thread may have ended meanwhile.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(thread.id, cores)
