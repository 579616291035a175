"""Verify one frame of an attempt against the face enrolled for it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.database import database_now
from models.enrollment import FaceEnrollment
from models.frame import Frame
from models.granted import Granted
from models.sealed_images import subject_key
from models.statuses import FaceCheck, Verdict
from models.verification import Verification
from verifier import (
    FaceEngine,
    Look,
    MatchPolicy,
    VerificationResult,
    check_presence,
    verify_image,
)
from worker.failures import LASTING_FAILURES, SENTENCES, failure_of
from worker.job_protocol import Claim, finish_job
from worker.limits import frame_limits
from worker.record import NO_ENGINE_ID, answered, failed, milliseconds_between
from worker.references import open_references
from worker.renewal import renewing_templates
from worker.runtime import Runtime
from worker.sealed_encodings import EncodingPurpose, seal_encoding
from worker.signals import disagreement


@dataclass(frozen=True)
class _Evidence:
    """All that may decide about a frame. What the client claimed is not among it."""

    subject_id: str
    key: bytes
    """The subject's: what is kept of the frame is sealed with it."""
    image: bytes
    references: NDArray[np.float32] | None
    """(n, 128) float32; None where by an allowance nothing is compared."""
    second_person_allowed: bool


def verify_frame(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:
    """Record the verdict of the claimed frame.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    numbers = _policy_of(runtime, claim)
    try:
        policy = MatchPolicy.from_dict(numbers)
        evidence = renewing_templates(runtime, engine, lambda: _gather(runtime, claim, engine))
        result = _look(runtime, engine, claim, policy, evidence)
    except LASTING_FAILURES as error:
        code, message = failure_of(error)
        _record_error(runtime, claim, numbers, code, message, engine.engine_id)
        return
    _record(runtime, claim, policy, result, evidence)


def _look(
    runtime: Runtime,
    engine: FaceEngine,
    claim: Claim,
    policy: MatchPolicy,
    evidence: _Evidence,
) -> VerificationResult:
    limits = frame_limits(runtime.settings)
    first_look = _first_look(claim.target_id, runtime.settings.close_look_every_frames)
    allowed = evidence.second_person_allowed
    if evidence.references is None:
        return check_presence(
            engine,
            policy,
            evidence.image,
            limits,
            first_look=first_look,
            second_person_allowed=allowed,
        )
    return verify_image(
        engine,
        policy,
        evidence.image,
        evidence.references,
        limits,
        first_look=first_look,
        second_person_allowed=allowed,
    )


def _first_look(frame_id: str, close_look_every_frames: int) -> Look:
    """Return how closely a frame is looked at even if it seems fine.

    A helper whom the cheap detector misses must not sit there unseen for hours. Which frames are
    looked at closely follows from the frame's id, which the server draws and no client knows
    beforehand; a frame that is verified again gets the same look.
    """
    if close_look_every_frames == 0:
        return Look.GLANCE
    number = int.from_bytes(hashlib.sha256(frame_id.encode()).digest()[:8])
    return Look.CLOSE if number % close_look_every_frames == 0 else Look.GLANCE


def record_frame_error(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """Record the verdict `error` without touching the frame's bytes."""
    engine_id = runtime.engine.engine_id if runtime.engine else NO_ENGINE_ID
    numbers = _policy_of(runtime, claim)
    _record_error(runtime, claim, numbers, error_code, SENTENCES[error_code], engine_id)


def _gather(runtime: Runtime, claim: Claim, engine: FaceEngine) -> _Evidence:
    with runtime.database.read() as session:
        frame = session.get_one(Frame, claim.target_id)
        attempt = session.get_one(Attempt, frame.attempt_id)
        subject_id = attempt.subject_id
        key = subject_key(session, runtime.images.key_ring, subject_id)
        granted = Granted.from_dict(attempt.allowances)
        references = None
        if granted.face_check is FaceCheck.MATCH:
            references = open_references(
                session, attempt.enrollment_id, engine.engine_id, key=key, owner_id=subject_id
            )
        storage_key, sha256 = frame.storage_key, frame.sha256
    image = runtime.images.get(storage_key, key=key, owner_id=subject_id, sha256=sha256)
    return _Evidence(subject_id, key, image, references, granted.second_person_allowed)


def _policy_of(runtime: Runtime, claim: Claim) -> dict[str, Any]:
    with runtime.database.read() as session:
        frame = session.get_one(Frame, claim.target_id)
        return session.get_one(Attempt, frame.attempt_id).policy


def _record(
    runtime: Runtime,
    claim: Claim,
    policy: MatchPolicy,
    result: VerificationResult,
    evidence: _Evidence,
) -> None:
    sealed_encoding = _sealed_encoding(result, evidence)
    with runtime.database.write() as session:
        about = _about(session, claim, Verdict(result.verdict))
        row = answered(result, policy, sealed_encoding=sealed_encoding, **about)
        _finish(session, claim, row)


def _sealed_encoding(result: VerificationResult, evidence: _Evidence) -> bytes | None:
    if result.encoding is None:
        return None
    return seal_encoding(
        result.encoding,
        key=evidence.key,
        owner_id=evidence.subject_id,
        purpose=EncodingPurpose.FRAME,
    )


def _record_error(
    runtime: Runtime,
    claim: Claim,
    numbers: dict[str, Any],
    code: str,
    message: str,
    engine_id: str,
) -> None:
    with runtime.database.write() as session:
        about = _about(session, claim, Verdict.ERROR)
        _finish(session, claim, failed(code, message, numbers, engine_id, **about))


def _finish(session: Session, claim: Claim, verification: Verification) -> None:
    verification.timings_ms = {
        **verification.timings_ms,
        "since_received": milliseconds_between(verification.received_at, verification.created_at),
    }
    # First the token: a stale holder must not even try to insert a second verdict.
    finish_job(session, claim)
    session.add(verification)


def _about(session: Session, claim: Claim, verdict: Verdict) -> dict[str, Any]:
    frame = session.get_one(Frame, claim.target_id)
    attempt = session.get_one(Attempt, frame.attempt_id)
    enrollment = session.get(FaceEnrollment, attempt.enrollment_id or "")
    return {
        "id": new_id("ver"),
        "frame_id": frame.id,
        "attempt_id": attempt.id,
        "subject_id": attempt.subject_id,
        "enrollment_version": enrollment.version if enrollment else None,
        "signals": [*frame.signals, *disagreement(frame.claim, verdict)],
        "captured_at": frame.captured_at,
        "received_at": frame.received_at,
        "created_at": database_now(session),
    }
