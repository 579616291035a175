"""Frames and verdicts of the last hour, in stretches of about half a minute.

Ids begin with the time they were made, so that a stretch is a range of the primary key, and
stretches that are over are counted once a process.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import first_id_at
from models.frame import Frame
from models.verification import Verification

WINDOW = timedelta(hours=1)

BUCKET_CHARACTERS = len("ver_") + 7
"""Of an id: what is left of the ten characters of its time counts stretches of 32³ ms."""

BUCKET_SECONDS = 32**3 / 1000

_Buckets = dict[str, Counter[str]]
"""Counts by the beginning of ids, oldest first."""

_PREFIXES: dict[Any, str] = {Frame: "frm", Verification: "ver"}

OPEN_BUCKETS = 2
"""The newest ones are counted anew each time: a verdict is committed a little after its id."""


@dataclass(frozen=True)
class Traffic:
    """What came and what was verified in the last hour."""

    verdicts: dict[str, int]
    received: list[int]
    """Frames in each stretch, oldest first; the last one is not over."""
    verified: list[int]
    """Verifications in each stretch."""
    begins_at: datetime
    """Of the first stretch."""
    now: datetime

    def per_second(self, counts: list[int], window_seconds: float) -> float:
        """Return the mean of `counts` a second, over the stretches that began in the window."""
        age = (self.now - self.begins_at).total_seconds()
        left_out = max(0, ceil((age - window_seconds) / BUCKET_SECONDS))
        return sum(counts[left_out:]) / max(age - left_out * BUCKET_SECONDS, 1.0)


class TrafficCounter:
    """Counts frames and verdicts by stretch and remembers what cannot change any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._verdicts: _Buckets = {}
        self._frames: _Buckets = {}

    def traffic(self, session: Session, now: datetime) -> Traffic:
        """Return the traffic of the hour before `now`."""
        begins = _beginnings(now)
        with self._lock:
            verdicts, frames = self._verdicts, self._frames
        verdicts = _renewed(session, Verification.id, Verification.verdict, begins, verdicts)
        frames = _renewed(session, Frame.id, literal("frame"), begins, frames)
        with self._lock:
            self._verdicts, self._frames = verdicts, frames
        return Traffic(
            verdicts=dict(sum(verdicts.values(), Counter())),
            received=[one.total() for one in frames.values()],
            verified=[one.total() for one in verdicts.values()],
            begins_at=begins[0],
            now=now,
        )


def _beginnings(now: datetime) -> list[datetime]:
    """Return when each stretch of the window began, oldest first."""
    newest = now.timestamp() // BUCKET_SECONDS
    count = int(WINDOW.total_seconds() / BUCKET_SECONDS)
    # In whole milliseconds, as ids have them.
    return [
        datetime.fromtimestamp(round((newest - back) * BUCKET_SECONDS, 3), UTC)
        for back in range(count, -1, -1)
    ]


def _renewed(
    session: Session,
    id_column: InstrumentedAttribute[str],
    kind: ColumnElement[str] | InstrumentedAttribute[str],
    begins: list[datetime],
    known: _Buckets,
) -> _Buckets:
    """Return the counts of each stretch, oldest first; what is over is taken from `known`."""
    prefix = _PREFIXES[id_column.class_]
    names = [first_id_at(prefix, moment)[:BUCKET_CHARACTERS] for moment in begins]
    kept = {name: known[name] for name in names[:-OPEN_BUCKETS] if name in known}
    first_missing = next(name for name in names if name not in kept)
    bucket = func.substr(id_column, 1, BUCKET_CHARACTERS).label("bucket")
    rows = session.execute(
        select(bucket, kind.label("kind"), func.count())
        .where(id_column >= first_missing)
        .group_by(text("bucket"), text("kind"))
    )
    counted: _Buckets = {}
    for name, value, count in rows:
        counted.setdefault(name, Counter())[value] = count
    return {name: kept.get(name) or counted.get(name, Counter()) for name in names}
