"""How the processes of the verifying side log: one line each, ids only, to standard error."""

import logging


def set_up_logging(process_name: str) -> None:
    """Log from INFO on; Celery's line per hint is left out, the database has the facts."""
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {process_name} %(levelname)s %(message)s"
    )
    for chatty in ("celery.worker.strategy", "celery.app.trace", "alembic", "kombu"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
