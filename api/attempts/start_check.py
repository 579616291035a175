"""Whether the server has just seen the right person: what opens the start of an attempt."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.frame import Frame
from models.granted import Granted
from models.statuses import AttemptState, FaceCheck, Verdict
from models.verification import Verification

_OPENING: dict[FaceCheck, tuple[Verdict, ...]] = {
    FaceCheck.MATCH: (Verdict.MATCH,),
    FaceCheck.PRESENCE: (Verdict.MATCH, Verdict.PRESENT),
    FaceCheck.PERSON: (),
}
"""Verdicts that open the start, by what the camera is used for."""

_WAITING = (AttemptState.READY, AttemptState.ERROR)


def needs_verified_frame(attempt: Attempt) -> bool:
    """Tell whether a frame has to open the start; where a person checks, none does."""
    check = Granted.from_dict(attempt.allowances).face_check
    return attempt.needs_verified_frame and check is not FaceCheck.PERSON


def verified_frames(
    session: Session, attempts: Sequence[Attempt], now: datetime, *, within_seconds: float
) -> dict[str, datetime]:
    """Return when the newest opening frame of each waiting attempt came in, by attempt id.

    A match with a face that was enrolled before the one the attempt compares with now opens
    nothing: whoever enrols another face has to be recognised by it.
    """
    waiting = [
        attempt
        for attempt in attempts
        if attempt.state in _WAITING and needs_verified_frame(attempt)
    ]
    if not waiting:
        return {}
    since = now - timedelta(seconds=within_seconds)
    rows = session.execute(
        select(Frame.attempt_id, Verification.verdict, func.max(Frame.received_at))
        .join(Verification, Verification.frame_id == Frame.id)
        .join(Attempt, Attempt.id == Frame.attempt_id)
        .outerjoin(FaceEnrollment, FaceEnrollment.id == Attempt.enrollment_id)
        .where(
            or_(
                Verification.verdict != Verdict.MATCH,
                FaceEnrollment.id.is_(None),
                Verification.enrollment_version == FaceEnrollment.version,
            ),
            Frame.attempt_id.in_([attempt.id for attempt in waiting]),
            Frame.received_at >= since,
            is_newest_of_its_frame(),
        )
        .group_by(Frame.attempt_id, Verification.verdict)
    ).all()
    opening = {
        attempt.id: _OPENING[Granted.from_dict(attempt.allowances).face_check]
        for attempt in waiting
    }
    found: dict[str, datetime] = {}
    for attempt_id, verdict, received_at in rows:
        if verdict in opening[attempt_id]:
            found[attempt_id] = max(received_at, found.get(attempt_id, received_at))
    return found
