"""How fast clients may send: slower when verifying lags behind, and not at all before it drowns.

The answer to overload is a slower pace first and 429 before a body is read after that; what
was accepted is never dropped.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from models.database import Database, database_now
from models.job import FRAME_PRIORITY, Job
from models.settings import Settings
from models.statuses import JobState

BACKLOG_LIFETIME_SECONDS = 1.0
"""How long a measured backlog is believed, so that frames do not pay for measuring it."""

LONGEST_INTERVAL_SECONDS = 300.0
"""The upper end of the setting `frame_interval_seconds`."""


class Pace:
    """The backlog of this service's frames and what it means for clients."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._slow_after_seconds = settings.slow_pace_backlog_seconds
        self._refuse_after_seconds = settings.refuse_backlog_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._backlog_seconds = 0.0
        self._measured_at: float | None = None

    def backlog_seconds(self) -> float:
        """Return for how long the oldest due frame has waited, at most a second out of date."""
        if self._is_fresh() or not self._lock.acquire(blocking=self._measured_at is None):
            return self._backlog_seconds  # Whoever holds the lock is measuring already.
        try:
            if not self._is_fresh():
                self._backlog_seconds = _oldest_wait_seconds(self._database)
                self._measured_at = self._monotonic()
            return self._backlog_seconds
        finally:
            self._lock.release()

    def retry_after_seconds(self) -> int | None:
        """Return how long clients should wait before their next frame; None to go on."""
        if self.backlog_seconds() <= self._refuse_after_seconds:
            return None
        return max(1, round(min(self._refuse_after_seconds / 4, 30)))

    def interval_seconds(self, wanted_seconds: float) -> float:
        """Return the interval clients should keep: the wanted one, or two to four times it."""
        backlog = self.backlog_seconds()
        thresholds = (self._slow_after_seconds * factor for factor in (1, 2, 4))
        slower = wanted_seconds * (1 + sum(backlog > threshold for threshold in thresholds))
        return max(wanted_seconds, min(slower, LONGEST_INTERVAL_SECONDS))

    def _is_fresh(self) -> bool:
        measured_at = self._measured_at
        return (
            measured_at is not None and self._monotonic() - measured_at < BACKLOG_LIFETIME_SECONDS
        )


def _oldest_wait_seconds(database: Database) -> float:
    with database.read() as session:
        due_since = session.scalar(
            select(func.min(Job.not_before)).where(
                Job.state == JobState.PENDING, Job.priority == FRAME_PRIORITY
            )
        )
        if due_since is None:
            return 0.0
        return max(timedelta(), database_now(session) - due_since).total_seconds()
