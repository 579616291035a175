"""Wall-clock time of a piece of work, by stage."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Collects milliseconds by stage; the figures are reported and decide nothing."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages_ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the block's time to `name`."""
        started = time.perf_counter()
        yield
        spent = self._stages_ms.get(name, 0.0) + _milliseconds_since(started)
        self._stages_ms[name] = round(spent, 3)

    def timings_ms(self) -> dict[str, float]:
        """Return the stages so far and, as `total`, everything since the start."""
        return {**self._stages_ms, "total": _milliseconds_since(self._started)}


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
