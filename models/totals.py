"""How many rows there are, at a glance.

Housekeeping counts all up to a moment; whoever asks adds what came since, which is a range of the
primary key, because ids begin with the time they were made.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import first_id_at
from models.frame import Frame
from models.job import Job
from models.measurement import TOTALS, Measurement
from models.statuses import JobState, Verdict
from models.verification import Verification

SETTLING = timedelta(minutes=1)
"""A row is committed a little after its id was made: what is newer is counted by whoever asks."""


@dataclass(frozen=True)
class Totals:
    """Rows by what is told apart; each kind stands there, also with nothing."""

    frames: int
    verdicts: dict[str, int]
    """By `Verdict`."""
    jobs: dict[str, int]
    """By `JobState`."""


def totals(session: Session) -> Totals:
    """Return how many rows there are, not counting again what housekeeping has counted.

    What was erased since then is still in it, until the next count.
    """
    measured = session.get(Measurement, TOTALS)
    before = measured.figures if measured else _NOTHING
    since = datetime.fromisoformat(before["until"]) if measured else None
    counted = _counted(session, since, None)
    jobs = before["jobs"] + counted["jobs"]
    unfinished = _by(session, Job.state, Job.state.in_(_UNFINISHED))
    verdicts = Counter(before["verdicts"]) + Counter(counted["verdicts"])
    return Totals(
        frames=before["frames"] + counted["frames"],
        verdicts={verdict: verdicts[verdict] for verdict in Verdict},
        jobs={state: unfinished[state] for state in JobState}
        | {JobState.DONE: max(0, jobs - unfinished.total())},
    )


def count_totals(session: Session, *, now: datetime) -> dict[str, Any]:
    """Return the measurement `TOTALS`. Reads whole tables: for the background alone."""
    until = now - SETTLING
    return {"until": until.isoformat(), **_counted(session, None, until)}


_UNFINISHED = [state for state in JobState if state != JobState.DONE]

_NOTHING: dict[str, Any] = {"frames": 0, "verdicts": {}, "jobs": 0}


def _counted(session: Session, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """Count the rows whose ids were made in the time between."""
    frames = _between(Frame.id, "frm", since, until)
    verifications = _between(Verification.id, "ver", since, until)
    jobs = _between(Job.id, "job", since, until)
    return {
        "frames": session.scalar(select(func.count()).select_from(Frame).where(frames)) or 0,
        "verdicts": dict(_by(session, Verification.verdict, verifications)),
        "jobs": session.scalar(select(func.count()).select_from(Job).where(jobs)) or 0,
    }


def _between(
    id_column: InstrumentedAttribute[str],
    prefix: str,
    since: datetime | None,
    until: datetime | None,
) -> ColumnElement[bool]:
    from_there = id_column >= first_id_at(prefix, since) if since else true()
    return from_there & (id_column < first_id_at(prefix, until)) if until else from_there


def _by(
    session: Session, column: InstrumentedAttribute[str], condition: ColumnElement[bool]
) -> Counter[str]:
    rows = session.execute(select(column, func.count()).where(condition).group_by(column))
    return Counter(dict(rows.all()))
