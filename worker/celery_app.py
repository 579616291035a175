"""The Celery application. Each option says what goes wrong without it."""

from pathlib import Path
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue

from models.settings import Settings
from models.statuses import JobKind

INTERACTIVE_QUEUE = "interactive"
"""Hints for work somebody waits for; it has its own queue, so that frames never stand before it."""

FRAME_QUEUE = "frames"

QUEUES: dict[JobKind, str] = {
    JobKind.VERIFY_FRAME: FRAME_QUEUE,
    JobKind.VERIFY_IMAGE: INTERACTIVE_QUEUE,
    JobKind.ENROLL_FACE: INTERACTIVE_QUEUE,
    JobKind.FIND_INCIDENTS: INTERACTIVE_QUEUE,
    JobKind.RESCORE_ATTEMPT: FRAME_QUEUE,
}
"""Where hints of each kind go. A task is named after the kind of its jobs."""

EMBEDDED_POLL_SECONDS = 0.05
"""How often the embedded broker looks into its folder; kombu's default of 1 s is a frame's age."""

HINTS_AHEAD = 4
"""Hints a worker holds for each of its processes, the one that is followed included."""

VISIBILITY_SECONDS = 60
"""Above the lease: Redis hands an unacknowledged hint out again only after the row is due again."""


def make_celery(settings: Settings) -> Celery:
    """Return the application for these settings; nothing is connected yet."""
    app = Celery("face_monitor", set_as_current=False)
    app.conf.update(_delivery(settings), **_worker(settings), **_broker(settings))
    return app


def _delivery(settings: Settings) -> dict[str, Any]:
    return {
        "task_queues": [_queue(name) for name in sorted(set(QUEUES.values()))],
        "task_default_queue": FRAME_QUEUE,
        # A killed child's hint comes back; safe, because the row counts attempts and fences.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        # The database owns retries: the broker must not loop over a hint that failed.
        "task_acks_on_failure": True,
        "task_acks_on_timeout": True,
        # The database is the result; JSON, because a pickled message runs code.
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        # A publish that fails is repeated by the next sweep, not by blocking this one.
        "task_publish_retry": False,
        "task_soft_time_limit": settings.task_soft_limit_seconds,
        "task_time_limit": settings.task_hard_limit_seconds,
    }


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)  # type: ignore[no-untyped-call]


def _worker(settings: Settings) -> dict[str, Any]:
    return {
        "worker_pool": "worker.pool:TaskPool",
        # A small window of hints lost with a worker, and nobody hoards what others could do. With 1
        # a process that is done waits for the broker's next answer (0.05 s from the embedded
        # one), which is longer than most frames take.
        "worker_prefetch_multiplier": HINTS_AHEAD,
        # Leaks of native libraries end with the child.
        "worker_max_tasks_per_child": settings.worker_tasks_per_child,
        "worker_max_memory_per_child": settings.worker_max_memory_kib,
        # At its default of 10 s a crash counts as a time limit, is acknowledged and never returns.
        "worker_lost_wait": 1.0,
        # The engine loads in the child; the default of 4 s is too short on a busy machine.
        "worker_proc_alive_timeout": 60.0,
        # Let running frames end when the service is stopped.
        "worker_soft_shutdown_timeout": 15.0,
        # Nothing uses remote control or events, and both keep reconnecting workers busy.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        # The default gives up after 100 tries; a broker may be away for a night.
        "broker_connection_max_retries": None,
        "broker_connection_retry_on_startup": True,
        "broker_channel_error_retry": True,
    }


def _broker(settings: Settings) -> dict[str, Any]:
    if settings.broker.startswith("filesystem:"):
        folder = _make_folder(settings.broker_folder)
        return {
            "broker_url": "filesystem://localhost",
            "broker_transport": "worker.broker:Transport",
            "broker_transport_options": {
                "data_folder_in": str(folder / "hints"),
                "data_folder_out": str(folder / "hints"),
                "control_folder": str(folder / "exchanges"),
                "polling_interval": EMBEDDED_POLL_SECONDS,
            },
        }
    if not settings.broker.startswith(("redis:", "rediss:")):
        return {"broker_url": settings.broker}
    return {
        "broker_url": settings.broker,
        "visibility_timeout": VISIBILITY_SECONDS,
        "result_backend_transport_options": {"visibility_timeout": VISIBILITY_SECONDS},
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 5,
            # Without a timeout a publish can wait for ever on a connection that died silently.
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "health_check_interval": 10,
        },
    }


def _make_folder(folder: Path) -> Path:
    for name in ("hints", "exchanges"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
