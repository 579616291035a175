"""`python -m worker.health PART`: exit 0 while that part of the verifying side does its work."""

import sys
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import and_, func, or_, select

from models.attempt import Attempt
from models.database import Database, database_now
from models.job import Job, WorkerProcess
from models.settings import Settings, read_settings
from models.statuses import AttemptState, JobState
from worker.holder import this_host

OVERLOOKED_SECONDS = 30
"""A due job that nobody hinted at for so long was overlooked: a sweep is due every 0.1 s."""

OVERDUE_ROUNDS = 5
"""An attempt still open so many housekeeping rounds after its end was overlooked."""


def is_worker_healthy(database: Database, settings: Settings) -> bool:
    """Tell whether a process of this machine was heard of lately and has its engine."""
    with database.read() as session:
        seen_since = database_now(session) - timedelta(seconds=settings.worker_seen_seconds)
        count = session.scalar(
            select(func.count())
            .select_from(WorkerProcess)
            .where(
                WorkerProcess.holder.startswith(f"{this_host()}/", autoescape=True),
                WorkerProcess.seen_at >= seen_since,
                WorkerProcess.engine_id.is_not(None),
            )
        )
    return bool(count)


def is_dispatcher_healthy(database: Database, settings: Settings) -> bool:
    """Tell whether the most urgent due job was hinted at lately, given somebody works at all."""
    with database.read() as session:
        now = database_now(session)
        working = select(WorkerProcess.holder).where(
            WorkerProcess.seen_at >= now - timedelta(seconds=settings.worker_seen_seconds),
            WorkerProcess.engine_id.is_not(None),
        )
        if session.execute(working.limit(1)).first() is None:
            return True
        long_ago = now - timedelta(seconds=OVERLOOKED_SECONDS)
        most_urgent = session.execute(
            select(Job.hinted_at)
            .where(
                or_(
                    and_(Job.state == JobState.PENDING, Job.not_before <= long_ago),
                    and_(Job.state == JobState.RUNNING, Job.lease_until <= long_ago),
                )
            )
            .order_by(Job.priority, Job.not_before, Job.id)
            .limit(1)
        ).first()
    return most_urgent is None or (most_urgent[0] is not None and most_urgent[0] > long_ago)


def is_housekeeping_healthy(database: Database, settings: Settings) -> bool:
    """Tell whether no attempt is open long after its end."""
    overlooked = timedelta(seconds=OVERDUE_ROUNDS * settings.housekeeping_interval_seconds)
    with database.read() as session:
        overdue = select(Attempt.id).where(
            Attempt.state == AttemptState.STARTED,
            Attempt.deadline_at <= database_now(session) - overlooked,
        )
        return session.execute(overdue.limit(1)).first() is None


PARTS: dict[str, Callable[[Database, Settings], bool]] = {
    "worker": is_worker_healthy,
    "dispatcher": is_dispatcher_healthy,
    "housekeeping": is_housekeeping_healthy,
}


def main() -> None:
    """Answer a container's health check."""
    if len(sys.argv) != 2 or sys.argv[1] not in PARTS:
        sys.exit(f"usage: python -m worker.health {'|'.join(PARTS)}")
    settings = read_settings()
    sys.exit(0 if PARTS[sys.argv[1]](Database(settings.database), settings) else 1)


if __name__ == "__main__":
    main()
