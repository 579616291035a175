"""`python -m worker`: one Celery worker with a child for each core."""

import os
import sys

from models.garbage import spare_what_stays
from models.settings import SettingsProblem, read_settings
from worker.celery_app import QUEUES, make_celery
from worker.holder import this_holder
from worker.logs import set_up_logging
from worker.niceness import step_back
from worker.tasks import register_tasks


def main() -> None:
    """Work until told to stop."""
    set_up_logging("worker")
    try:
        settings = read_settings()
        settings.required_encryption_keys()
    except SettingsProblem as problem:
        sys.exit(str(problem))
    step_back()
    app = make_celery(settings)
    register_tasks(app, settings)
    spare_what_stays()
    concurrency = settings.worker_concurrency or len(os.sched_getaffinity(0))
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--concurrency={concurrency}",
            f"--queues={','.join(sorted(set(QUEUES.values())))}",
            f"--hostname=worker-{os.getpid()}@{this_holder().split('/')[0]}",
            # Gossip, mingle and heartbeat stall reconnects (celery#8030) and serve nothing here.
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=INFO",
        ]
    )


if __name__ == "__main__":
    main()
