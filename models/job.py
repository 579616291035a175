"""The queue: one row a job. A message on a broker is only a hint that carries a row's id."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base, new_id
from models.database import database_now
from models.statuses import JobKind, JobState

INTERACTIVE_PRIORITY = 0
"""Somebody waits for the answer: an enrollment, a verification of another system."""

LOOK_PRIORITY = 5
"""A look for incidents: short, and what it finds somebody should see soon."""

FRAME_PRIORITY = 10
"""A frame of a running attempt."""

BACKLOG_PRIORITY = 20
"""A frame among many that one attempt sends at once, as after a time offline."""

RESCORE_PRIORITY = 30
"""An attempt scored again: whoever asked for it waits behind those who sit an exam."""

_USUAL_PRIORITY = {
    JobKind.VERIFY_FRAME: FRAME_PRIORITY,
    JobKind.VERIFY_IMAGE: INTERACTIVE_PRIORITY,
    JobKind.ENROLL_FACE: INTERACTIVE_PRIORITY,
    JobKind.FIND_INCIDENTS: LOOK_PRIORITY,
    JobKind.RESCORE_ATTEMPT: RESCORE_PRIORITY,
}


class Job(Base):
    """One piece of work that reaches exactly one end, whatever is killed on the way."""

    __tablename__ = "job"
    __table_args__ = (Index(None, "state", "priority", "not_before"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    target_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    """The row the job is about, as `JobKind` says; one job each."""
    priority: Mapped[int] = mapped_column(Integer)
    """Lower goes first."""
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; counted before any byte is touched."""
    token: Mapped[str | None] = mapped_column(String(32))
    """The fencing token of the latest claim: an older holder's result is refused."""
    holder: Mapped[str | None] = mapped_column(String(200))
    """The process of the latest claim: `host/pid/start`."""
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime]
    hinted_at: Mapped[datetime | None]
    """When a hint was last published."""
    last_error: Mapped[str | None] = mapped_column(Text)
    """Of the newest try; once it is done, why it was given up."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    is_wanted_again: Mapped[bool] = mapped_column(default=False)
    """Whether something came in while it was being done that this doing has not seen."""


def enqueue(
    session: Session,
    kind: JobKind,
    target_id: str,
    *,
    now: datetime,
    priority: int | None = None,
) -> Job:
    """Add the job for `target_id` to the caller's transaction; its kind has a usual priority."""
    job = Job(
        id=new_id("job"),
        kind=kind,
        target_id=target_id,
        priority=_USUAL_PRIORITY[kind] if priority is None else priority,
        state=JobState.PENDING,
        attempts=0,
        not_before=now,
        created_at=now,
    )
    session.add(job)
    return job


def arm(
    session: Session,
    kind: JobKind,
    target_id: str,
    *,
    now: datetime,
    priority: int | None = None,
) -> None:
    """Make the job of `target_id` due at `now`, however often it was done before.

    The caller's transaction writes what the job shall look at. Whoever does the job just now has
    not seen that: they finish, and it is done once more. So nobody can keep it from ever being
    finished by arming it all the time.
    """
    usual = _USUAL_PRIORITY[kind] if priority is None else priority
    values = {"target": target_id, "due": now, "wanted_priority": usual}
    if session.execute(_ARM, values).rowcount:  # type: ignore[attr-defined]
        return
    try:
        # The savepoint: PostgreSQL would end the caller's whole transaction.
        with session.begin_nested():
            enqueue(session, kind, target_id, now=now, priority=priority)
    except IntegrityError:
        session.execute(_ARM, values)  # Somebody else made it meanwhile.


def arm_all(
    session: Session,
    kind: JobKind,
    target_ids: Collection[str],
    *,
    now: datetime,
    priority: int,
) -> None:
    """Make the jobs of many targets due: a few statements for each thousand of them."""
    for some in batched(target_ids):
        known = set(
            session.scalars(select(Job.target_id).where(Job.target_id.in_(some)).with_for_update())
        )
        if known:
            values = {"due": now, "wanted_priority": priority}
            session.execute(_ARM_MANY.where(Job.target_id.in_(known)), values)
        for target_id in some:
            if target_id not in known:
                arm(session, kind, target_id, now=now, priority=priority)


def batched(ids: Collection[str], size: int = 500) -> Iterator[list[str]]:
    """Yield the ids in lists short enough for a statement."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


_IS_RUNNING = Job.state == JobState.RUNNING
_IS_DUE = or_(Job.state == JobState.PENDING, and_(_IS_RUNNING, Job.is_wanted_again.is_(True)))
"""Whether it will be done anyhow, at `not_before`."""
_IS_DUE_SOONER = and_(_IS_DUE, Job.not_before <= bindparam("due"))

# In this order: MariaDB reads what it has just set. `state` and `is_wanted_again` are read above.
_ARM_MANY = (
    update(Job)
    .ordered_values(
        (
            Job.priority,
            case(
                (and_(_IS_DUE, Job.priority < bindparam("wanted_priority")), Job.priority),
                else_=bindparam("wanted_priority"),
            ),
        ),
        # A hint that is out already will do.
        (Job.hinted_at, case((or_(_IS_RUNNING, _IS_DUE_SOONER), Job.hinted_at), else_=None)),
        (Job.not_before, case((_IS_DUE_SOONER, Job.not_before), else_=bindparam("due"))),
        (Job.attempts, case((_IS_RUNNING, Job.attempts), else_=0)),
        (Job.token, case((_IS_RUNNING, Job.token), else_=None)),
        (Job.holder, case((_IS_RUNNING, Job.holder), else_=None)),
        (Job.lease_until, case((_IS_RUNNING, Job.lease_until), else_=None)),
        (Job.finished_at, None),
        (Job.is_wanted_again, _IS_RUNNING),
        (Job.state, case((_IS_RUNNING, JobState.RUNNING.value), else_=JobState.PENDING.value)),
    )
    .execution_options(synchronize_session=False)
)
_ARM = _ARM_MANY.where(Job.target_id == bindparam("target"))


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a job is being done or waits for a worker.

    A look for what may be missing later is armed long before it is due.
    """
    is_waiting = and_(Job.state == JobState.PENDING, Job.not_before <= now)
    return or_(is_waiting, Job.state == JobState.RUNNING)


class WorkerProcess(Base):
    """One process that verifies frames, seen lately. Readiness looks at these rows."""

    __tablename__ = "worker_process"

    holder: Mapped[str] = mapped_column(String(200), primary_key=True)
    """`host/pid/start`, as in `Job.holder`."""
    engine_id: Mapped[str | None] = mapped_column(String(80))
    """Empty while its weights are missing or its self-test fails."""
    trouble: Mapped[str | None] = mapped_column(Text)
    """What a person has to mend before this process can work."""
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


def engines_in_use(session: Session, *, seen_seconds: float) -> list[str]:
    """Return the ids of the engines that processes seen in the last `seen_seconds` work with.

    More than one only while a new release takes over.
    """
    since = database_now(session) - timedelta(seconds=seen_seconds)
    engine_ids = session.scalars(
        select(WorkerProcess.engine_id)
        .where(WorkerProcess.seen_at >= since, WorkerProcess.engine_id.is_not(None))
        .distinct()
    )
    return sorted(engine_id for engine_id in engine_ids if engine_id)
