"""Verify an image that another system sent, against a subject or against a second image."""

from typing import Any

from sqlalchemy.orm import Session

from models.database import database_now
from models.enrollment import FaceEnrollment
from models.frame import VerificationRequest
from models.sealed_images import subject_key
from models.verification import Verification
from verifier import (
    FaceEngine,
    Look,
    MatchPolicy,
    VerificationResult,
    compare_images,
    verify_image,
)
from worker.failures import LASTING_FAILURES, SENTENCES, failure_of
from worker.job_protocol import Claim, finish_job
from worker.limits import reference_limits
from worker.record import NO_ENGINE_ID, answered, failed
from worker.references import open_references
from worker.renewal import renewing_templates
from worker.runtime import Runtime


def verify_requested_image(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:
    """Record the answer to the claimed verification request.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    with runtime.database.read() as session:
        request = session.get_one(VerificationRequest, claim.target_id)
    try:
        policy = MatchPolicy.from_dict(request.policy)
        result = renewing_templates(
            runtime, engine, lambda: _compare(runtime, engine, policy, request)
        )
    except LASTING_FAILURES as error:
        code, message = failure_of(error)
        with runtime.database.write() as session:
            about = _about(session, request)
            _finish(
                session, claim, failed(code, message, request.policy, engine.engine_id, **about)
            )
        return
    with runtime.database.write() as session:
        _finish(session, claim, answered(result, policy, **_about(session, request)))


def record_image_error(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """Record the verdict `error` without touching the image's bytes."""
    engine_id = runtime.engine.engine_id if runtime.engine else NO_ENGINE_ID
    with runtime.database.write() as session:
        request = session.get_one(VerificationRequest, claim.target_id)
        about = _about(session, request)
        row = failed(error_code, SENTENCES[error_code], request.policy, engine_id, **about)
        _finish(session, claim, row)


def _compare(
    runtime: Runtime, engine: FaceEngine, policy: MatchPolicy, request: VerificationRequest
) -> VerificationResult:
    limits = reference_limits(runtime.settings)
    owner_id = request.subject_id or request.id
    key_ring = runtime.images.key_ring
    with runtime.database.read() as session:
        if request.sealed_key is None:
            key = subject_key(session, key_ring, owner_id)
            references = open_references(
                session, request.enrollment_id, engine.engine_id, key=key, owner_id=owner_id
            )
        else:
            key, references = key_ring.open_key(owner_id, request.sealed_key), None
    image = runtime.images.get(
        request.storage_key, key=key, owner_id=owner_id, sha256=request.sha256
    )
    if references is not None:
        return verify_image(engine, policy, image, references, limits, last_look=Look.THOROUGH)
    reference = runtime.images.get(
        request.reference_storage_key or "",
        key=key,
        owner_id=owner_id,
        sha256=request.reference_sha256 or "",
    )
    return compare_images(engine, policy, reference, image, limits)


def _about(session: Session, request: VerificationRequest) -> dict[str, Any]:
    enrollment = session.get(FaceEnrollment, request.enrollment_id or "")
    return {
        "id": request.id,
        "subject_id": request.subject_id,
        "enrollment_version": enrollment.version if enrollment else None,
        "signals": [],
        "received_at": request.received_at,
        "created_at": database_now(session),
    }


def _finish(session: Session, claim: Claim, verification: Verification) -> None:
    finish_job(session, claim)
    session.add(verification)
