"""Every kind of job has a queue, a task, something to do and last words."""

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from models.settings import Settings
from models.statuses import JobKind
from worker import use_cases
from worker.celery_app import QUEUES
from worker.tasks import register_tasks


def test_every_kind_of_job_is_taken_care_of(settings: Settings) -> None:
    app = Celery("every-kind", set_as_current=False)
    starting, ending = worker_process_init.receivers[:], worker_process_shutdown.receivers[:]
    register_tasks(app, settings)
    worker_process_init.receivers, worker_process_shutdown.receivers = starting, ending
    kinds = set(JobKind)
    assert set(QUEUES) == kinds
    assert set(use_cases._USE_CASES) == kinds
    assert set(use_cases._LAST_WORDS) == kinds
    assert {name for name in app.tasks if not name.startswith("celery.")} == set(kinds)
