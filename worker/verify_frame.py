"""Verify one frame of an attempt against the face enrolled for it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.database import database_now
from models.enrollment import FaceEnrollment
from models.frame import Frame
from models.granted import Granted
from models.job import arm
from models.sealed_images import SubjectErased
from models.statuses import FaceCheck, JobKind, Verdict
from models.subject import SubjectKey
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
from worker.find_incidents import may_change_incidents
from worker.job_protocol import Claim, finish_job
from worker.limits import frame_limits
from worker.record import NO_ENGINE_ID, answered, failed, milliseconds_between
from worker.references import open_references
from worker.renewal import renewing_templates
from worker.runtime import Runtime
from worker.sealed_encodings import EncodingPurpose, seal_encoding
from worker.signals import disagreement


@dataclass(frozen=True)
class _Sitting:
    """The frame's attempt and subject, read once: a verdict is of one moment, all of it."""

    attempt_id: str
    subject_id: str
    enrollment_id: str | None
    enrollment_version: int | None
    policy: dict[str, Any]
    granted: Granted
    storage_key: str
    sha256: str
    sealed_key: bytes | None
    """None once the subject was erased."""


@dataclass(frozen=True)
class _Evidence:
    """All that may decide about a frame. What the client claimed is not among it."""

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
    sitting = _sitting_of(runtime, claim)
    try:
        policy = MatchPolicy.from_dict(sitting.policy)
        evidence = renewing_templates(runtime, engine, lambda: _gather(runtime, sitting, engine))
        result = _look(runtime, engine, claim, policy, evidence)
    except LASTING_FAILURES as error:
        code, message = failure_of(error)
        _record_error(runtime, claim, sitting, code, message, engine.engine_id)
        return
    _record(runtime, claim, sitting, policy, result, evidence)


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
    sitting = _sitting_of(runtime, claim)
    _record_error(runtime, claim, sitting, error_code, SENTENCES[error_code], engine_id)


# Statements are made once: making one costs more than running it.
_SITTING = (
    select(
        Frame.attempt_id,
        Attempt.subject_id,
        Attempt.enrollment_id,
        FaceEnrollment.version.label("enrollment_version"),
        Attempt.policy,
        Attempt.allowances,
        Frame.storage_key,
        Frame.sha256,
        SubjectKey.sealed_key,
    )
    .join(Attempt, Attempt.id == Frame.attempt_id)
    .outerjoin(SubjectKey, SubjectKey.subject_id == Attempt.subject_id)
    .outerjoin(FaceEnrollment, FaceEnrollment.id == Attempt.enrollment_id)
    .where(Frame.id == bindparam("frame_id"))
)

_TESTIMONY = select(Frame.claim, Frame.signals, Frame.captured_at, Frame.received_at).where(
    Frame.id == bindparam("frame_id")
)


def _sitting_of(runtime: Runtime, claim: Claim) -> _Sitting:
    with runtime.database.read() as session:
        row = session.execute(_SITTING, {"frame_id": claim.target_id}).one()
    columns = row._asdict()
    return _Sitting(granted=Granted.from_dict(columns.pop("allowances")), **columns)


def _gather(runtime: Runtime, sitting: _Sitting, engine: FaceEngine) -> _Evidence:
    subject_id, granted = sitting.subject_id, sitting.granted
    if sitting.sealed_key is None:
        raise SubjectErased(subject_id)
    key = runtime.images.key_ring.open_key(subject_id, sitting.sealed_key)
    references = None
    if granted.face_check is FaceCheck.MATCH:
        with runtime.database.read() as session:
            references = open_references(
                session, sitting.enrollment_id, engine.engine_id, key=key, owner_id=subject_id
            )
    image = runtime.images.get(
        sitting.storage_key, key=key, owner_id=subject_id, sha256=sitting.sha256
    )
    return _Evidence(key, image, references, granted.second_person_allowed)


def _record(
    runtime: Runtime,
    claim: Claim,
    sitting: _Sitting,
    policy: MatchPolicy,
    result: VerificationResult,
    evidence: _Evidence,
) -> None:
    sealed_encoding = _sealed_encoding(result, sitting, evidence)
    with runtime.database.write() as session:
        about = _about(session, claim, sitting, Verdict(result.verdict))
        row = answered(result, policy, sealed_encoding=sealed_encoding, **about)
        _finish(session, claim, row)


def _sealed_encoding(
    result: VerificationResult, sitting: _Sitting, evidence: _Evidence
) -> bytes | None:
    if result.encoding is None:
        return None
    return seal_encoding(
        result.encoding,
        key=evidence.key,
        owner_id=sitting.subject_id,
        purpose=EncodingPurpose.FRAME,
    )


def _record_error(
    runtime: Runtime,
    claim: Claim,
    sitting: _Sitting,
    code: str,
    message: str,
    engine_id: str,
) -> None:
    with runtime.database.write() as session:
        about = _about(session, claim, sitting, Verdict.ERROR)
        _finish(session, claim, failed(code, message, sitting.policy, engine_id, **about))


def _finish(session: Session, claim: Claim, verification: Verification) -> None:
    verification.timings_ms = {
        **verification.timings_ms,
        "since_received": milliseconds_between(verification.received_at, verification.created_at),
    }
    # First the token: a stale holder must not even try to insert a second verdict.
    finish_job(session, claim, now=verification.created_at)
    session.add(verification)
    attempt_id = verification.attempt_id
    if attempt_id and may_change_incidents(session, claim.target_id, attempt_id, verification):
        arm(session, JobKind.FIND_INCIDENTS, attempt_id, now=verification.created_at)


def _about(session: Session, claim: Claim, sitting: _Sitting, verdict: Verdict) -> dict[str, Any]:
    # Signals are read in the transaction that copies them: an upload may add one until then.
    frame = session.execute(_TESTIMONY, {"frame_id": claim.target_id}).one()
    return {
        "id": new_id("ver"),
        "frame_id": claim.target_id,
        "attempt_id": sitting.attempt_id,
        "subject_id": sitting.subject_id,
        "enrollment_version": sitting.enrollment_version,
        "signals": [*frame.signals, *disagreement(frame.claim, verdict)],
        "captured_at": frame.captured_at,
        "received_at": frame.received_at,
        "created_at": database_now(session),
    }
