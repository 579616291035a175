"""Showing a frame again: its claim beside its verdict, and its picture."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize, is_allowed, load
from api.context import Context
from api.frames.admission import frame_seq
from api.frames.schemas import FrameAnswer
from api.principal import Principal
from api.problems import NotFound, Problem
from api.verifications.newest import newest_by_frame
from api.verifications.schemas import (
    VerdictAnswer,
    VerificationAnswer,
    verdict_answer,
    verification_answer,
)
from models.attempt import Attempt
from models.frame import Frame
from models.frame_store import ImageMissing
from models.sealed_images import ImageChanged, SubjectErased, subject_key
from models.sealing import SealBroken
from models.verification import Verification

logger = logging.getLogger(__name__)


class PictureUnavailable(Problem):
    """The picture cannot be shown any more; what was found in it still stands."""

    status: ClassVar[int] = 410
    code: ClassVar[str] = "picture_unavailable"
    title: ClassVar[str] = "The picture cannot be shown"
    next_step: ClassVar[str] = "Judge by what was recorded, and give the operator the request id."


def frame_answer(
    session: Session, principal: Principal, attempt_id: str, seq_text: str
) -> FrameAnswer:
    """Return a frame as `principal` may see it: students get no figures.

    Raises
    ------
    NotFound
        There is none, or it is somebody else's.
    """
    frame = _load_frame(session, principal, Action.READ, attempt_id, seq_text)
    verification = newest_by_frame(session, [frame.id]).get(frame.id)
    sees_figures = is_allowed(principal, Action.SEE_FIGURES, frame)
    return FrameAnswer(
        attempt_id=frame.attempt_id,
        seq=frame.seq,
        sha256=frame.sha256,
        byte_count=frame.byte_count,
        captured_at=frame.captured_at,
        received_at=frame.received_at,
        claim=frame.claim,
        signals=frame.signals if sees_figures else [],
        verification=_shown(frame, verification, sees_figures=sees_figures),
    )


def open_frame_image(
    context: Context, principal: Principal, request_id: str, attempt_id: str, seq_text: str
) -> bytes:
    """Return the picture of a frame, once it is on record who looked at it.

    Raises
    ------
    NotFound
        There is none, or the principal may not look at it.
    PictureUnavailable
        The stored file is missing or was changed, or the subject was erased.
    """
    with context.database.read() as session:
        frame = _load_frame(session, principal, Action.SEE_FACE, attempt_id, seq_text)
        sealed = sealed_picture(session, context, frame)
    image = open_picture(context, sealed)
    with context.database.write() as session:
        audit.record(
            session,
            context,
            principal,
            "frame.seen",
            frame.id,
            request_id,
            {"attempt_id": attempt_id, "seq": frame.seq},
        )
    return image


@dataclass(frozen=True)
class SealedPicture:
    """A frame's picture and what opens it."""

    frame: Frame
    key: bytes
    owner_id: str


def sealed_picture(session: Session, context: Context, frame: Frame) -> SealedPicture:
    """Return the picture of a frame, unopened. Whoever opens it sees to the record of who looked.

    Raises
    ------
    PictureUnavailable
        The subject was erased.
    """
    owner_id = session.get_one(Attempt, frame.attempt_id).subject_id
    try:
        key = subject_key(session, context.key_ring, owner_id)
    except (SubjectErased, SealBroken):
        raise PictureUnavailable("The subject was erased.") from None
    return SealedPicture(frame, key, owner_id)


def open_picture(context: Context, sealed: SealedPicture) -> bytes:
    """Return the JPEG. Needs no session, so that none waits for a disk.

    Raises
    ------
    PictureUnavailable
        The stored file is missing or was changed.
    """
    frame = sealed.frame
    try:
        return context.images.get(
            frame.storage_key, key=sealed.key, owner_id=sealed.owner_id, sha256=frame.sha256
        )
    except ImageMissing:
        trouble = "The stored file is missing."
    except ImageChanged:
        trouble = "The stored file is not what was sent."
    logger.error("frame %s: %s", frame.id, trouble)
    raise PictureUnavailable(trouble)


def _load_frame(
    session: Session, principal: Principal, action: Action, attempt_id: str, seq_text: str
) -> Frame:
    attempt = load(session, principal, Action.READ, Attempt, attempt_id)
    seq = frame_seq(seq_text)
    frame = session.scalars(
        select(Frame).where(Frame.attempt_id == attempt.id, Frame.seq == seq)
    ).one_or_none()
    if frame is None:
        raise NotFound
    authorize(principal, action, frame)
    return frame


def _shown(
    frame: Frame, verification: Verification | None, *, sees_figures: bool
) -> VerificationAnswer | VerdictAnswer | None:
    if verification is None:
        return None
    return (
        verification_answer(verification, frame.seq)
        if sees_figures
        else verdict_answer(verification)
    )
