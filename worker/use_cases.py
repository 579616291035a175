"""From a hint to a recorded result: claim, do, and decide what an exception means."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import NoResultFound

from models.database import is_database_outage
from models.job import Job
from models.statuses import JobKind
from verifier import FaceEngine
from worker.enroll_face import enroll_face, refuse_enrollment
from worker.failures import POISON
from worker.find_incidents import give_up_on_incidents, update_incidents
from worker.job_protocol import Claim, StaleClaim, claim_job, finish_job, put_back_job
from worker.rescore_attempt import pass_over_frame, rescore_attempt
from worker.runtime import Runtime
from worker.verify_frame import record_frame_error, verify_frame
from worker.verify_image import record_image_error, verify_requested_image

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60.0
"""A job that keeps failing is tried at least once a minute."""

_USE_CASES: dict[JobKind, Callable[[Runtime, FaceEngine, Claim], None]] = {
    JobKind.VERIFY_FRAME: verify_frame,
    JobKind.VERIFY_IMAGE: verify_requested_image,
    JobKind.ENROLL_FACE: enroll_face,
    JobKind.FIND_INCIDENTS: update_incidents,
    JobKind.RESCORE_ATTEMPT: rescore_attempt,
}

_LAST_WORDS: dict[JobKind, Callable[[Runtime, Claim, str], None]] = {
    JobKind.VERIFY_FRAME: record_frame_error,
    JobKind.VERIFY_IMAGE: record_image_error,
    JobKind.ENROLL_FACE: refuse_enrollment,
    JobKind.FIND_INCIDENTS: give_up_on_incidents,
    JobKind.RESCORE_ATTEMPT: pass_over_frame,
}


def do_job(runtime: Runtime, job_id: str) -> None:
    """Do the job if it is due; running this twice, or at once in two places, is harmless."""
    settings = runtime.settings
    engine = runtime.engine
    if engine is None:
        return
    claim = claim_job(runtime.database, job_id, lease_seconds=settings.lease_seconds)
    if claim is None:
        return
    try:
        if claim.attempts > settings.job_attempts_allowed:
            _LAST_WORDS[claim.kind](runtime, claim, POISON)
        else:
            _USE_CASES[claim.kind](runtime, engine, claim)
    except NoResultFound:
        _finish_without_target(runtime, claim)
    except StaleClaim:
        logger.warning("job %s was given to another worker meanwhile", job_id)
    except Exception as error:  # One frame's trouble must not take the worker down.
        if is_database_outage(error):
            raise  # Nothing can be recorded now; the lease runs out and the job is due again.
        logger.exception("job %s failed", job_id)
        put_back_job(
            runtime.database,
            claim,
            error=type(error).__name__,
            delay_seconds=min(
                settings.job_retry_seconds * 2 ** (claim.attempts - 1), LONGEST_PAUSE_SECONDS
            ),
        )


def _finish_without_target(runtime: Runtime, claim: Claim) -> None:
    """End a job whose row is gone: there is nothing a verdict could be about."""
    logger.error("job %s is about %s, which does not exist", claim.job_id, claim.target_id)
    with runtime.database.write() as session:
        finish_job(session, claim)
        session.get_one(Job, claim.job_id).last_error = "target_missing"
