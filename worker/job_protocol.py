"""How a job is claimed, finished, put back and taken from the dead.

Three rules make every job reach exactly one end, whatever is killed:

1. A claim counts the attempt and sets a lease *before* any byte is touched, and commits.
2. A result is written in the transaction that marks the job done, and only while the token of
   the claim is still the newest (fencing): whoever was declared dead and comes back is refused.
3. A lease that has expired, or whose holder is known to be dead, makes the job due again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from models.database import Database, database_now
from models.job import Job
from models.statuses import JobKind, JobState
from worker.holder import is_dead, this_holder, this_host


@dataclass(frozen=True)
class Claim:
    """The right to do one job until the lease ends."""

    job_id: str
    kind: JobKind
    target_id: str
    attempts: int
    """How often the job was claimed, this claim included."""
    token: str


class StaleClaim(Exception):
    """The job was given to somebody else meanwhile; nothing of this holder's result counts."""


# Statements are made once: making one costs more than running it.
_CLAIM = (
    update(Job)
    .where(
        Job.id == bindparam("job_id"),
        or_(
            and_(Job.state == JobState.PENDING, Job.not_before <= bindparam("now")),
            and_(Job.state == JobState.RUNNING, Job.lease_until <= bindparam("now")),
        ),
    )
    .values(
        state=JobState.RUNNING,
        attempts=Job.attempts + 1,
        token=bindparam("new_token"),
        holder=bindparam("new_holder"),
        lease_until=bindparam("new_lease_until"),
        is_wanted_again=False,
    )
    .execution_options(synchronize_session=False)
)

# Read back by token: MariaDB's UPDATE returns no rows.
_CLAIMED = select(Job.kind, Job.target_id, Job.attempts).where(
    Job.id == bindparam("job_id"), Job.token == bindparam("token")
)

_IS_WANTED_AGAIN = Job.is_wanted_again.is_(True)

_FINISH = (
    update(Job)
    .where(
        Job.id == bindparam("job_id"),
        Job.token == bindparam("old_token"),
        Job.state == JobState.RUNNING,
    )
    # In this order: MariaDB reads what it has just set.
    .ordered_values(
        (Job.lease_until, None),
        (Job.attempts, case((_IS_WANTED_AGAIN, 0), else_=Job.attempts)),
        (Job.hinted_at, case((_IS_WANTED_AGAIN, None), else_=Job.hinted_at)),
        (Job.finished_at, case((_IS_WANTED_AGAIN, None), else_=bindparam("now"))),
        (Job.last_error, None),
        (
            Job.state,
            case((_IS_WANTED_AGAIN, JobState.PENDING.value), else_=JobState.DONE.value),
        ),
        (Job.is_wanted_again, False),
    )
    .execution_options(synchronize_session=False)
)


def claim_job(database: Database, job_id: str, *, lease_seconds: float) -> Claim | None:
    """Claim a due job and commit; None when it is done, not due, or held by somebody alive."""
    token = secrets.token_hex(16)
    # After a power cut the job is pending again, and is done again: nothing is lost with the claim.
    with database.write(survives_power_cut=False) as session:
        now = database_now(session)
        values = {
            "job_id": job_id,
            "now": now,
            "new_token": token,
            "new_holder": this_holder(),
            "new_lease_until": now + timedelta(seconds=lease_seconds),
        }
        session.execute(_CLAIM, values)
        job = session.execute(_CLAIMED, {"job_id": job_id, "token": token}).one_or_none()
        if job is None:
            return None
        return Claim(job_id, JobKind(job.kind), job.target_id, job.attempts, token)


def finish_job(session: Session, claim: Claim, *, now: datetime | None = None) -> None:
    """Mark the job done in the transaction that records its result; due if it is wanted again.

    Parameters
    ----------
    now
        The database's clock, where the caller has just looked at it.

    Raises
    ------
    StaleClaim
        The claim is not the newest: the caller's transaction must roll back.
    """
    values = {
        "job_id": claim.job_id,
        "old_token": claim.token,
        "now": now or database_now(session),
    }
    done: CursorResult[tuple[()]] = session.execute(_FINISH, values)  # type: ignore[assignment]
    # An UPDATE answers with a cursor, which knows its row count.
    if done.rowcount != 1:
        raise StaleClaim(claim.job_id)


def put_back_job(database: Database, claim: Claim, *, error: str, delay_seconds: float) -> None:
    """Make the job due again after a pause; a stale claim changes nothing."""
    with database.write() as session:
        session.execute(
            update(Job)
            .where(Job.id == claim.job_id, Job.token == claim.token, Job.state == JobState.RUNNING)
            .values(
                state=JobState.PENDING,
                lease_until=None,
                not_before=database_now(session) + timedelta(seconds=delay_seconds),
                hinted_at=None,
                last_error=error,
            )
            .execution_options(synchronize_session=False)
        )


def release_jobs_of_the_dead(database: Database) -> int:
    """End the leases that dead processes of this machine hold; return how many.

    A killed child's frame is verified again as soon as its successor starts, not when the
    lease runs out.
    """
    with database.read() as session:
        held = session.execute(
            select(Job.id, Job.token, Job.holder).where(
                Job.state == JobState.RUNNING,
                Job.holder.startswith(f"{this_host()}/", autoescape=True),
            )
        ).all()
    orphaned = [(job_id, token) for job_id, token, holder in held if holder and is_dead(holder)]
    if orphaned:
        with database.write() as session:
            now = database_now(session)
            for job_id, token in orphaned:
                session.execute(
                    update(Job)
                    .where(Job.id == job_id, Job.token == token, Job.state == JobState.RUNNING)
                    .values(lease_until=now, hinted_at=None)
                    .execution_options(synchronize_session=False)
                )
    return len(orphaned)
