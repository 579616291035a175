"""What readiness looks at."""

import threading
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.context import Context
from api.health.schemas import Check, Readiness
from api.health.template_check import check_templates
from models.database import database_now
from models.job import RESCORE_PRIORITY, Job, WorkerProcess
from models.schema import is_schema_current
from models.statuses import JobState


class SchemaCheck:
    """Remembers once that the schema is current: it does not fall back while we run."""

    def __init__(self) -> None:
        self._is_current = threading.Event()

    def is_current(self, context: Context) -> bool:
        """Tell whether every migration has run."""
        if not self._is_current.is_set() and is_schema_current(context.database):
            self._is_current.set()
        return self._is_current.is_set()


def readiness(context: Context, schema: SchemaCheck) -> Readiness:
    """Check schema, weights, templates, backlog and storage; a failed one says what to do."""
    if not schema.is_current(context):
        detail = "The database needs its migrations. Run `face-monitor migrate`."
        return Readiness(status="not_ready", checks={"schema": Check(ok=False, detail=detail)})
    with context.database.read() as session:
        checks = {
            "schema": Check(ok=True, detail="The tables are those of this release."),
            "weights": _weights(context, session),
            "templates": check_templates(session, context.settings),
            "backlog": _backlog(context, session),
            "storage": _storage(context),
        }
    is_ready = all(check.ok for check in checks.values())
    return Readiness(status="ready" if is_ready else "not_ready", checks=checks)


def oldest_waiting_seconds(session: Session) -> float:
    """Return how long the oldest due job has waited, on the database's clock; 0 without one."""
    now = database_now(session)
    oldest = session.scalar(
        select(func.min(Job.not_before)).where(
            Job.state == JobState.PENDING,
            Job.not_before <= now,
            # These wait as long as somebody sits an exam.
            Job.priority < RESCORE_PRIORITY,
        )
    )
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _weights(context: Context, session: Session) -> Check:
    workers = seen_workers(context, session)
    able = [worker for worker in workers if worker.engine_id and not worker.trouble]
    if able:
        who = "1 process verifies" if len(able) == 1 else f"{len(able)} processes verify"
        return Check(ok=True, detail=f"{who} with {able[0].engine_id}.")
    troubles = sorted({worker.trouble for worker in workers if worker.trouble})
    if troubles:
        return Check(ok=False, detail="; ".join(troubles))
    detail = (
        "No worker was seen lately: frames are taken and wait. Start one: `face-monitor worker`."
    )
    return Check(ok=False, detail=detail)


def _backlog(context: Context, session: Session) -> Check:
    waiting_seconds = oldest_waiting_seconds(session)
    limit = context.settings.refuse_backlog_seconds
    detail = f"The oldest job has waited {waiting_seconds:.1f} s (limit {limit:.0f} s)."
    if waiting_seconds <= limit:
        return Check(ok=True, detail=detail)
    to_do = "New frames may be refused meanwhile. Start more workers: `face-monitor worker`."
    return Check(ok=False, detail=f"{detail} {to_do}")


def _storage(context: Context) -> Check:
    free_bytes = context.images.store.free_bytes()
    reserve_bytes = context.settings.storage_reserve_bytes
    detail = f"{free_bytes / 1e9:.1f} GB are free (reserve {reserve_bytes / 1e9:.1f} GB)."
    if free_bytes > reserve_bytes:
        return Check(ok=True, detail=detail)
    return Check(ok=False, detail=f"{detail} New pictures are refused. Make room on that disk.")


def seen_workers(context: Context, session: Session) -> list[WorkerProcess]:
    """Return the worker processes that count as there."""
    since = database_now(session) - timedelta(seconds=context.settings.worker_seen_seconds)
    return list(session.scalars(select(WorkerProcess).where(WorkerProcess.seen_at >= since)))
