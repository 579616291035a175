"""`Prefer: wait=N`: a caller that wants the answer itself instead of a place to ask for it."""

import re
import threading
import time
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header
from sqlalchemy.orm import Session

from models.database import Database

LONGEST_WAIT_SECONDS = 30.0
"""Below the usual 60 s of proxies; a longer wish is cut to this."""

SHORTEST_PAUSE_SECONDS = 0.02
"""Between the first looks at the row."""

LONGEST_PAUSE_SECONDS = 0.2
"""Between later looks: a tenth of a second more latency against half the queries."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})\b", re.IGNORECASE)

Answer = TypeVar("Answer")


class WaitingRoom:
    """Seats for callers that wait: each holds a thread, and frames must find threads free."""

    def __init__(self, seats: int) -> None:
        self._seats = threading.BoundedSemaphore(seats) if seats else None

    def wait_for(
        self, database: Database, seconds: float, look: Callable[[Session], Answer | None]
    ) -> Answer | None:
        """Return what `look` finds within `seconds`, or None: too slow, or no seat was free.

        Each look gets a fresh read session, so that it sees what others have committed.
        """
        if seconds <= 0 or self._seats is None or not self._seats.acquire(blocking=False):
            return None
        try:
            return _look_until(database, time.monotonic() + seconds, look)
        finally:
            self._seats.release()


def _look_until(
    database: Database, deadline: float, look: Callable[[Session], Answer | None]
) -> Answer | None:
    pause = SHORTEST_PAUSE_SECONDS
    while True:
        with database.read() as session:
            answer = look(session)
        left = deadline - time.monotonic()
        if answer is not None or left <= 0:
            return answer
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


async def preferred_wait_seconds(
    prefer: Annotated[
        str | None,
        Header(description="`wait=N`: answer when the result is there, within N seconds."),
    ] = None,
) -> float:
    """Return how long the caller would wait (RFC 7240); 0 when it did not say."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), LONGEST_WAIT_SECONDS) if found else 0.0


WaitSeconds = Annotated[float, Depends(preferred_wait_seconds)]
"""How long the caller would wait for the result, as a parameter of a route."""
