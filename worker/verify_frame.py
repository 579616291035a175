"""Verify one frame of an attempt against the face enrolled for it."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.base import new_id
from models.database import database_now
from models.frame import Frame
from models.job import arm
from models.statuses import JobKind, Verdict
from models.verification import Verification
from verifier import FaceEngine, MatchPolicy, VerificationResult
from worker.failures import LASTING_FAILURES, SENTENCES, failure_of
from worker.find_incidents import may_change_incidents
from worker.frame_evidence import Evidence, Sitting, gather_evidence, look_at_frame, sitting_of
from worker.job_protocol import Claim, finish_job
from worker.record import NO_ENGINE_ID, answered, failed, milliseconds_between
from worker.runtime import Runtime
from worker.sealed_encodings import EncodingPurpose, seal_encoding
from worker.signals import disagreement


def verify_frame(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:
    """Record the verdict of the claimed frame.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    sitting = sitting_of(runtime, claim.target_id)
    try:
        policy = MatchPolicy.from_dict(sitting.policy)
        evidence = gather_evidence(runtime, engine, sitting)
        result = look_at_frame(runtime, engine, policy, claim.target_id, evidence)
    except LASTING_FAILURES as error:
        code, message = failure_of(error)
        _record_error(runtime, claim, sitting, code, message, engine.engine_id)
        return
    _record(runtime, claim, sitting, policy, result, evidence)


def record_frame_error(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """Record the verdict `error` without touching the frame's bytes."""
    engine_id = runtime.engine.engine_id if runtime.engine else NO_ENGINE_ID
    sitting = sitting_of(runtime, claim.target_id)
    _record_error(runtime, claim, sitting, error_code, SENTENCES[error_code], engine_id)


# Made once: making a statement costs more than running it.
_TESTIMONY = select(Frame.claim, Frame.signals, Frame.captured_at, Frame.received_at).where(
    Frame.id == bindparam("frame_id")
)


def _record(
    runtime: Runtime,
    claim: Claim,
    sitting: Sitting,
    policy: MatchPolicy,
    result: VerificationResult,
    evidence: Evidence,
) -> None:
    sealed_encoding = _sealed_encoding(result, sitting, evidence)
    with runtime.database.write() as session:
        about = _about(session, claim, sitting, Verdict(result.verdict))
        row = answered(result, policy, sealed_encoding=sealed_encoding, **about)
        _finish(session, claim, row)


def _sealed_encoding(
    result: VerificationResult, sitting: Sitting, evidence: Evidence
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
    sitting: Sitting,
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


def _about(session: Session, claim: Claim, sitting: Sitting, verdict: Verdict) -> dict[str, Any]:
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
