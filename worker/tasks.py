"""The Celery tasks: each turns a hint into a job done, and runs as often as it is hinted."""

import logging
import os

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from models.garbage import spare_what_stays
from models.settings import Settings
from models.statuses import JobKind
from worker.runtime import Runtime, open_runtime
from worker.use_cases import do_job

logger = logging.getLogger(__name__)


def register_tasks(app: Celery, settings: Settings) -> None:
    """Give the application its tasks, and each of its processes a runtime after the fork."""
    process = _Process(settings)
    worker_process_init.connect(process.start, weak=False)
    worker_process_shutdown.connect(process.stop, weak=False)

    @app.task(name=JobKind.VERIFY_FRAME.value)  # type: ignore[untyped-decorator]
    def verify_frame(job_id: str) -> None:
        do_job(process.runtime, job_id)

    @app.task(name=JobKind.VERIFY_IMAGE.value)  # type: ignore[untyped-decorator]
    def verify_image(job_id: str) -> None:
        do_job(process.runtime, job_id)

    @app.task(name=JobKind.ENROLL_FACE.value)  # type: ignore[untyped-decorator]
    def enroll_face(job_id: str) -> None:
        do_job(process.runtime, job_id)

    @app.task(name=JobKind.FIND_INCIDENTS.value)  # type: ignore[untyped-decorator]
    def find_incidents(job_id: str) -> None:
        do_job(process.runtime, job_id)

    @app.task(name=JobKind.RESCORE_ATTEMPT.value)  # type: ignore[untyped-decorator]
    def rescore_attempt(job_id: str) -> None:
        do_job(process.runtime, job_id)


class _Process:
    """One child of the pool. Everything is opened after the fork: nothing of it survives one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime: Runtime | None = None

    @property
    def runtime(self) -> Runtime:
        if self._runtime is None:
            message = "this process never started: tasks run in Celery's prefork pool only"
            raise RuntimeError(message)
        return self._runtime

    def start(self, **_signal: object) -> None:
        try:
            self._runtime = open_runtime(self._settings)
            self._runtime.load_engine()
            self._runtime.start_heartbeat()
            spare_what_stays()
        except Exception:
            # Celery swallows what a signal's receiver raises, and would keep a useless process.
            logger.exception("this process cannot work and ends; the pool starts another")
            os._exit(1)

    def stop(self, **_signal: object) -> None:
        if self._runtime is not None:
            self._runtime.stop()
