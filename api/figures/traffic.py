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

from sqlalchemy import ColumnElement, case, func, literal, select, text
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

SETTLING = timedelta(seconds=15)
"""What is newer is counted anew each time: a verdict is committed a little after its id."""


@dataclass(frozen=True)
class _Counted:
    """What was counted and cannot change any more."""

    buckets: _Buckets
    until: str
    """The id at which counting goes on."""


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
        self._verdicts = self._frames = _Counted({}, "")

    def traffic(self, session: Session, now: datetime) -> Traffic:
        """Return the traffic of the hour before `now`."""
        begins = _beginnings(now)
        with self._lock:
            verdicts, frames = self._verdicts, self._frames
        settled = now - SETTLING
        verdict_counts, verdicts = _renewed(
            session, Verification.id, Verification.verdict, begins, settled, verdicts
        )
        frame_counts, frames = _renewed(
            session, Frame.id, literal("frame"), begins, settled, frames
        )
        with self._lock:
            self._verdicts, self._frames = verdicts, frames
        return Traffic(
            verdicts=dict(sum(verdict_counts.values(), Counter())),
            received=[one.total() for one in frame_counts.values()],
            verified=[one.total() for one in verdict_counts.values()],
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
    settled: datetime,
    known: _Counted,
) -> tuple[_Buckets, _Counted]:
    """Return the counts of each stretch, oldest first, and what of them need not be counted again.

    What is in `known` is not read once more.
    """
    prefix = _PREFIXES[id_column.class_]
    names = [first_id_at(prefix, moment)[:BUCKET_CHARACTERS] for moment in begins]
    since = max(known.until, first_id_at(prefix, begins[0]))
    settled_id = max(since, first_id_at(prefix, settled))
    bucket = func.substr(id_column, 1, BUCKET_CHARACTERS).label("bucket")
    is_settled = case((id_column < settled_id, 1), else_=0).label("is_settled")
    rows = session.execute(
        select(bucket, kind.label("kind"), is_settled, func.count())
        .where(id_column >= since)
        .group_by(text("bucket"), text("kind"), text("is_settled"))
    )
    shown = {name: Counter(known.buckets.get(name, ())) for name in names}
    kept = {name: Counter(counts) for name, counts in shown.items()}
    for name, value, settled_too, count in rows:
        if name in shown:
            shown[name][value] += count
            kept[name][value] += count if settled_too else 0
    return shown, _Counted(kept, settled_id)
