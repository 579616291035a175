"""Limits on how often something may happen, counted in this process's memory.

Several API processes count apart, so that the effective limit is at most their number times as
high. What must hold over all of them (the lock of an account) is kept in the database.
"""

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

KEYS_REMEMBERED = 20_000
"""Keys kept at most; the one that was touched longest ago is forgotten first."""


@dataclass(frozen=True)
class Limit:
    """So many times within so many seconds."""

    times: int
    seconds: float


class Throttle:
    """Counts what happened to each key within a sliding window."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._moments: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()

    def count(self, what: str, key: str, limit: Limit) -> int | None:
        """Count one more; return None within the limit, else the seconds to wait.

        What is refused is not counted: whoever keeps asking is not shut out for ever.
        """
        now = self._clock()
        with self._lock:
            moments = self._moments.setdefault((what, key), deque())
            self._moments.move_to_end((what, key))
            while len(self._moments) > KEYS_REMEMBERED:
                self._moments.popitem(last=False)
            while moments and moments[0] <= now - timedelta(seconds=limit.seconds):
                moments.popleft()
            if len(moments) < limit.times:
                moments.append(now)
                return None
            free_at = moments[0] + timedelta(seconds=limit.seconds)
            return max(1, math.ceil((free_at - now).total_seconds()))
