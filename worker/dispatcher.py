"""The dispatcher: finds due jobs and publishes hints, a small window ahead of the workers.

Only as many hints are out as the workers can soon do, so that work somebody waits for
overtakes frames however long the queue of rows is, on any broker. Several dispatchers may run:
each locks the rows it hints at.
"""

import logging
import signal
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from models.database import Database, database_now
from models.job import BACKLOG_PRIORITY, Job, WorkerProcess
from models.settings import Settings, SettingsProblem, read_settings
from models.statuses import JobKind, JobState
from worker.celery_app import QUEUES, make_celery
from worker.logs import set_up_logging
from worker.silence_watch import LOOK_SECONDS, arm_silent_attempts

logger = logging.getLogger(__name__)

HINTS_PER_WORKER = 8
"""How far ahead hints run for each process that works; enough for one sweep at full speed."""

BACKLOG_EVERY = 4
"""Of so many hints at least one goes to a backlog, while there is one: it ends however busy the
cameras are. See docs/decisions/0011."""

PAUSE_AFTER_FAILURE_SECONDS = 1.0
"""How long to wait when the database or the broker is away."""


class Dispatcher:
    """Hints at due jobs. `sweep` may be called by several processes at once."""

    def __init__(self, settings: Settings, database: Database, app: Celery) -> None:
        self._settings = settings
        self._database = database
        self._app = app
        self._hints_since_backlog = 0
        """Less than `BACKLOG_EVERY`: no credit is saved up while there is no backlog."""

    def sweep(self) -> int:
        """Publish hints for due jobs; return how many.

        Raises
        ------
        Exception
            The database or the broker is away. Hints that did not go out are due again.
        """
        with self._database.read() as session:
            if not _rows(session, _DUE, self._moments(database_now(session)), 1):
                return 0
        with self._database.write(survives_power_cut=False) as session:
            jobs = self._take_due_jobs(session)
        published = 0
        try:
            for job_id, kind in jobs:
                self._app.send_task(kind, args=[job_id], queue=QUEUES[JobKind(kind)])
                published += 1
        finally:
            if published < len(jobs):
                self._forget_hints([job_id for job_id, _ in jobs[published:]])
        return published

    def run(self, stopping: threading.Event) -> None:
        """Sweep until told to stop, through outages of database and broker."""
        look_at = 0.0
        while not stopping.is_set():
            try:
                self.sweep()
                if time.monotonic() >= look_at:
                    look_at = time.monotonic() + LOOK_SECONDS
                    arm_silent_attempts(self._database)
            except Exception as error:  # noqa: BLE001  # Whatever is away comes back; the rows wait.
                logger.warning("no hints for a moment: %s: %s", type(error).__name__, error)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)
            stopping.wait(self._settings.dispatch_interval_seconds)

    def _take_due_jobs(self, session: Session) -> list[tuple[str, str]]:
        now = database_now(session)
        room = self._room(session, now)
        if room <= 0:
            return []
        jobs = self._fair_share(session, now, room)
        session.execute(
            update(Job)
            .where(Job.id.in_([job_id for job_id, _ in jobs]))
            .values(hinted_at=now)
            .execution_options(synchronize_session=False)
        )
        return jobs

    def _fair_share(self, session: Session, now: datetime, room: int) -> list[tuple[str, str]]:
        """Return up to `room` jobs, the most urgent first; backlogs get what is left, or theirs."""
        moments = self._moments(now)
        urgent = _rows(session, _URGENT, moments, room)
        owed = (self._hints_since_backlog + room) // BACKLOG_EVERY
        backlog = _rows(session, _BACKLOG, moments, max(owed, room - len(urgent)))
        jobs = [*urgent[: room - len(backlog)], *backlog]
        hints = self._hints_since_backlog + len(jobs)
        self._hints_since_backlog = (
            hints % BACKLOG_EVERY if backlog else min(hints, BACKLOG_EVERY - 1)
        )
        return jobs

    def _moments(self, now: datetime) -> dict[str, datetime]:
        """Return from when on a hint is fresh, beside `now`."""
        lifetime = timedelta(seconds=self._settings.hint_lifetime_seconds)
        return {"now": now, "fresh_since": now - lifetime}

    def _room(self, session: Session, now: datetime) -> int:
        """Return how many more hints may be out; 0 while nobody is there to follow them."""
        seen_since = now - timedelta(seconds=self._settings.worker_seen_seconds)
        workers = session.scalar(_WORKERS, {"seen_since": seen_since})
        if not workers:
            return 0
        fresh_since = self._moments(now)["fresh_since"]
        out = session.scalar(_HINTS_OUT, {"fresh_since": fresh_since})
        return max(self._settings.dispatch_window, workers * HINTS_PER_WORKER) - (out or 0)

    def _forget_hints(self, job_ids: list[str]) -> None:
        with self._database.write() as session:
            session.execute(
                update(Job)
                .where(Job.id.in_(job_ids))
                .values(hinted_at=None)
                .execution_options(synchronize_session=False)
            )


def _rows(
    session: Session, jobs: Select[str, str], moments: Mapping[str, datetime], limit: int
) -> list[tuple[str, str]]:
    found = session.execute(jobs, {**moments, "limit": limit})
    return [(job_id, kind) for job_id, kind in found]


# Statements are made once: making one costs more than running it, ten times a second.
_DUE = (
    select(Job.id, Job.kind)
    .where(
        or_(
            and_(Job.state == JobState.PENDING, Job.not_before <= bindparam("now")),
            and_(Job.state == JobState.RUNNING, Job.lease_until <= bindparam("now")),
        ),
        or_(Job.hinted_at.is_(None), Job.hinted_at <= bindparam("fresh_since")),
        # Jobs of a newer release wait for it, and hold up nobody.
        Job.kind.in_([kind.value for kind in QUEUES]),
    )
    .order_by(Job.priority, Job.not_before, Job.id)
    .limit(bindparam("limit", type_=Integer))
)
_LOCKED = _DUE.with_for_update(skip_locked=True)
_URGENT = _LOCKED.where(Job.priority < BACKLOG_PRIORITY)
_BACKLOG = _LOCKED.where(Job.priority >= BACKLOG_PRIORITY)

_WORKERS = (
    select(func.count())
    .select_from(WorkerProcess)
    .where(WorkerProcess.seen_at >= bindparam("seen_since"), WorkerProcess.engine_id.is_not(None))
)

_HINTS_OUT = (
    select(func.count())
    .select_from(Job)
    .where(Job.state == JobState.PENDING, Job.hinted_at > bindparam("fresh_since"))
)


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = threading.Event()

    def stop(_number: int, _frame: Any) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


def main() -> None:
    """`python -m worker.dispatcher`: dispatch until told to stop."""
    set_up_logging("dispatcher")
    try:
        settings = read_settings()
    except SettingsProblem as problem:
        sys.exit(str(problem))
    stopping = stop_on_signals()
    Dispatcher(settings, Database(settings.database), make_celery(settings)).run(stopping)


if __name__ == "__main__":
    main()
