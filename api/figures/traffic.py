"""Verdicts of the last hour, in stretches of about half a minute.

Ids begin with the time they were made, so that a stretch is a range of the primary key, and
stretches that are over are counted once a process.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import first_id_at
from models.verification import Verification

WINDOW = timedelta(hours=1)

BUCKET_CHARACTERS = len("ver_") + 7
"""Of an id: what is left of the ten characters of its time counts stretches of 32³ ms."""

BUCKET_SECONDS = 32**3 / 1000

OPEN_BUCKETS = 2
"""The newest ones are counted anew each time: a verdict is committed a little after its id."""


@dataclass(frozen=True)
class Traffic:
    """What was verified in the last hour."""

    verdicts: dict[str, int]
    per_bucket: list[int]
    """Oldest first; one for each `BUCKET_SECONDS`, the last one not over."""


class TrafficCounter:
    """Counts verdicts by stretch and remembers what cannot change any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Counter[str]] = {}

    def traffic(self, session: Session, now: datetime) -> Traffic:
        """Return the traffic of the hour before `now`."""
        names = _bucket_names(now)
        with self._lock:
            known = self._buckets
        fresh = {name: known[name] for name in names[:-OPEN_BUCKETS] if name in known}
        first_missing = next(name for name in names if name not in fresh)
        counted = _count(session, first_missing)
        buckets = {name: fresh.get(name) or counted.get(name, Counter()) for name in names}
        with self._lock:
            self._buckets = buckets
        return Traffic(
            verdicts=dict(sum(buckets.values(), Counter())),
            per_bucket=[bucket.total() for bucket in buckets.values()],
        )


def _bucket_names(now: datetime) -> list[str]:
    """Return the beginnings of ids, one for each stretch of the window, oldest first."""
    count = int(WINDOW.total_seconds() / BUCKET_SECONDS)
    moments = (now - timedelta(seconds=BUCKET_SECONDS * back) for back in range(count, -1, -1))
    return [first_id_at("ver", moment)[:BUCKET_CHARACTERS] for moment in moments]


def _count(session: Session, first_bucket: str) -> dict[str, Counter[str]]:
    bucket = func.substr(Verification.id, 1, BUCKET_CHARACTERS)
    rows = session.execute(
        select(bucket, Verification.verdict, func.count())
        .where(Verification.id >= first_bucket)
        .group_by(bucket, Verification.verdict)
    )
    counted: dict[str, Counter[str]] = {}
    for name, verdict, count in rows:
        counted.setdefault(name, Counter())[verdict] = count
    return counted
