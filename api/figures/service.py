"""Every figure of the running service. Each query reads a range of an index, or few rows."""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from platform import python_version
from statistics import quantiles

from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api.context import Context
from api.figures.traffic import BUCKET_SECONDS, Traffic, TrafficCounter
from api.health.broker_check import check_broker
from api.health.schemas import Check
from api.health.service import oldest_waiting_seconds
from models.database import database_now
from models.job import (
    BACKLOG_PRIORITY,
    FRAME_PRIORITY,
    INTERACTIVE_PRIORITY,
    LOOK_PRIORITY,
    RESCORE_PRIORITY,
    Job,
    WorkerProcess,
    is_due,
)
from models.measurement import STORAGE, Measurement
from models.statuses import DeliveryState
from models.verification import Verification
from models.webhook import AlertMail, WebhookDelivery

LATENCY_SAMPLE = 500
"""The newest verdicts of frames of which latencies are told."""

WINDOWS_SECONDS = (60, 600, 3600)
"""Over which rates are told."""

BROKER_TIMEOUT_SECONDS = 0.2
"""A page waits for it; what takes longer counts as not there."""

WAITING_NAMES = {
    INTERACTIVE_PRIORITY: "interactive",
    LOOK_PRIORITY: "looks",
    FRAME_PRIORITY: "frames",
    BACKLOG_PRIORITY: "backlog",
    RESCORE_PRIORITY: "rescores",
}


@dataclass(frozen=True)
class Rate:
    """Frames a second over the last `window_seconds`."""

    window_seconds: int
    received_per_second: float
    verified_per_second: float


@dataclass(frozen=True)
class Latency:
    """Seconds from a frame's arrival to its verdict, over the newest `count` verdicts."""

    count: int
    p50_seconds: float
    p95_seconds: float


@dataclass(frozen=True)
class ServiceFigures:
    """How the service does just now."""

    now: datetime
    waiting: dict[str, int]
    oldest_waiting_seconds: float
    rates: list[Rate]
    traffic: Traffic
    bucket_seconds: float
    latency: Latency | None
    """None before the first verdict of a frame."""
    alerts_waiting: int
    free_bytes: int
    storage: Measurement | None
    """What housekeeping measured last; None before it did."""


def service_figures(session: Session, context: Context, counter: TrafficCounter) -> ServiceFigures:
    """Return the figures that page and metrics share."""
    now = database_now(session)
    traffic = counter.traffic(session, now)
    return ServiceFigures(
        now=now,
        waiting=_waiting(session, now),
        oldest_waiting_seconds=oldest_waiting_seconds(session),
        rates=[_rate(traffic, seconds) for seconds in WINDOWS_SECONDS],
        traffic=traffic,
        bucket_seconds=BUCKET_SECONDS,
        latency=_latency(session),
        alerts_waiting=_alerts_waiting(session),
        free_bytes=context.images.store.free_bytes(),
        storage=session.get(Measurement, STORAGE),
    )


def workers(session: Session) -> list[WorkerProcess]:
    """Return the processes of the last hour, those seen last first."""
    newest = WorkerProcess.seen_at.desc()
    return list(session.scalars(select(WorkerProcess).order_by(newest, WorkerProcess.holder)))


def broker(context: Context) -> Check:
    """Tell whether anything answers where the broker should be."""
    return check_broker(context.settings, timeout_seconds=BROKER_TIMEOUT_SECONDS)


def database_bytes(session: Session) -> int | None:
    """Return how much room the database takes, where it tells that cheaply."""
    statement = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }.get(
        session.get_bind().dialect.name,
        "SELECT SUM(data_length + index_length) FROM information_schema.tables"
        " WHERE table_schema = DATABASE()",
    )
    size = session.scalar(text(statement))
    return None if size is None else int(size)


def versions(session: Session) -> dict[str, str]:
    """Return which release runs on what."""
    dialect = session.get_bind().dialect
    schema = MigrationContext.configure(session.connection()).get_current_revision()
    numbers = getattr(dialect, "server_version_info", None) or ()
    return {
        "Face Monitor": version("face-monitor"),
        "Schema": str(schema),
        "Database": f"{dialect.name} {'.'.join(map(str, numbers))}".strip(),
        "Python": python_version(),
    }


def _waiting(session: Session, now: datetime) -> dict[str, int]:
    rows = session.execute(
        select(Job.priority, func.count()).where(is_due(now)).group_by(Job.priority)
    )
    counted = dict.fromkeys(WAITING_NAMES.values(), 0)
    for priority, count in rows:
        counted[WAITING_NAMES.get(priority, "frames")] += count
    return counted


def _rate(traffic: Traffic, window_seconds: int) -> Rate:
    return Rate(
        window_seconds,
        traffic.per_second(traffic.received, window_seconds),
        traffic.per_second(traffic.verified, window_seconds),
    )


def _latency(session: Session) -> Latency | None:
    newest = session.execute(
        select(Verification.received_at, Verification.created_at, Verification.frame_id)
        .order_by(Verification.id.desc())
        .limit(LATENCY_SAMPLE)
    )
    seconds = [
        (created_at - received_at).total_seconds()
        for received_at, created_at, frame_id in newest
        if frame_id is not None
    ]
    if not seconds:
        return None
    if len(seconds) == 1:
        return Latency(1, seconds[0], seconds[0])
    percentiles = quantiles(seconds, n=100, method="inclusive")
    return Latency(len(seconds), percentiles[49], percentiles[94])


def _alerts_waiting(session: Session) -> int:
    return sum(
        session.scalar(
            select(func.count()).select_from(table).where(table.state == DeliveryState.PENDING)
        )
        or 0
        for table in (WebhookDelivery, AlertMail)
    )
