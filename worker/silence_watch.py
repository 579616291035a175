"""Notices attempts that fell silent: what does not come announces itself to nobody."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.database import Database, database_now
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.incident import Incident
from models.incident_policy import policy_of_exam
from models.job import Job, arm
from models.statuses import AttemptState, FaceCheck, IncidentKind, JobKind, JobState

LOOK_SECONDS = 2.0
"""Between two looks. A silence is an incident after half a minute at the earliest."""

_NEWEST = (
    select(func.max(Frame.received_at))
    .where(Frame.attempt_id == Attempt.id)
    .correlate(Attempt)
    .scalar_subquery()
)

# Without a look under way, without the silence on record already, and while frames are taken.
_RUNNING = (
    select(
        Attempt.id,
        Attempt.started_at,
        Attempt.frame_interval_seconds,
        Attempt.allowances,
        Exam.incident_policy,
        _NEWEST.label("newest_at"),
    )
    .outerjoin(Exam, Exam.id == Attempt.exam_id)
    .where(
        Attempt.state == AttemptState.STARTED,
        Attempt.is_practice.is_(False),
        Attempt.deadline_at > bindparam("now"),
        ~exists().where(
            Incident.attempt_id == Attempt.id,
            Incident.kind == IncidentKind.NO_FRAMES,
            and_(Incident.closed_at.is_(None), Incident.withdrawn_at.is_(None)),
        ),
        ~exists().where(
            Job.target_id == Attempt.id,
            Job.state != JobState.DONE,
            Job.not_before <= bindparam("now"),
        ),
    )
)


def arm_silent_attempts(database: Database) -> int:
    """Make the look at each attempt due that has been silent for too long; return how many."""
    with database.read() as session:
        now = database_now(session)
        silent = _silent_attempts(session, now)
    if silent:
        with database.write(survives_power_cut=False) as session:
            # In one order, so that two dispatchers never wait for each other.
            for attempt_id in sorted(silent):
                arm(session, JobKind.FIND_INCIDENTS, attempt_id, now=now)
    return len(silent)


def _silent_attempts(session: Session, now: datetime) -> list[str]:
    return [row.id for row in session.execute(_RUNNING, {"now": now}) if _is_silent(row, now)]


def _is_silent(row: Row[Any], now: datetime) -> bool:
    policy = policy_of_exam(row.incident_policy)
    granted = Granted.from_dict(row.allowances)
    if granted.face_check is FaceCheck.PERSON or not policy.kinds[IncidentKind.NO_FRAMES].is_on:
        return False
    least_seconds = policy.silent_after_seconds(
        granted.frame_interval_seconds(row.frame_interval_seconds)
    )
    heard_at: datetime = max(row.newest_at or row.started_at, row.started_at)
    return now - heard_at > timedelta(seconds=least_seconds)
