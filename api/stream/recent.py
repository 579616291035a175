"""Verifications of frames, as events and the wall tell them."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from api.stream.schemas import VerificationEvent
from models.attempt import Attempt
from models.frame import Frame
from models.subject import Subject
from models.verification import Verification

VERIFICATIONS: Select[*tuple[Any, ...]] = (
    select(
        Verification.id,
        Verification.attempt_id,
        Verification.received_at,
        Verification.created_at,
        Verification.verdict,
        Verification.distance,
        Verification.match_threshold,
        Verification.mismatch_threshold,
        Verification.signals,
        Frame.seq,
        Frame.claim,
        Attempt.exam_id,
        Subject.owner_client_id,
    )
    .join(Frame, Frame.id == Verification.frame_id)
    .join(Attempt, Attempt.id == Verification.attempt_id)
    .join(Subject, Subject.id == Attempt.subject_id)
)
"""What is told of a verification, and to whom."""


def verification_event(row: Row[*tuple[Any, ...]]) -> VerificationEvent:
    """Return what is told of a row of `VERIFICATIONS`."""
    return VerificationEvent(
        id=row.id,
        attempt_id=row.attempt_id,
        exam_id=row.exam_id,
        seq=row.seq,
        received_at=row.received_at,
        created_at=row.created_at,
        verdict=row.verdict,
        distance=row.distance,
        match_threshold=row.match_threshold,
        mismatch_threshold=row.mismatch_threshold,
        claim_status=(row.claim or {}).get("status"),
        signals=[signal["code"] for signal in row.signals],
    )


def verification_events(
    session: Session, condition: ColumnElement[bool]
) -> list[VerificationEvent]:
    """Return the verifications that fulfil the condition, oldest first."""
    rows = session.execute(VERIFICATIONS.where(condition).order_by(Verification.id))
    return [verification_event(row) for row in rows]
