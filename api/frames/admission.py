"""Whether a frame may come in: everything that can be refused before its body is read."""

import math
import re
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from api.attempts.answers import last_verification
from api.attempts.schemas import LastVerification
from api.attempts.sitting import check_takes_frames
from api.authorization import ID_PATTERN, Action, authorize
from api.context import Context
from api.frames.pace import Pace
from api.image_header import JPEG
from api.principal import Principal
from api.problems import (
    InvalidSeq,
    NotFound,
    StorageIsFull,
    TooManyRequests,
    UnsupportedImageType,
)
from api.throttle import Limit
from models.attempt import Attempt
from models.frame import Frame
from models.granted import Granted
from models.sealed_images import SubjectErased, subject_key
from models.subject import Subject, SubjectKey

LARGEST_SEQ = 1_000_000
"""Two months of a frame every five seconds."""

PACE_SECONDS = 60
LIVE_PACE = 2
"""Up to so many times its pace an attempt's frames count as captured now; more is a backlog."""

BACKLOG_FRAMES = 300
"""An attempt may send this many frames a minute beyond twice its pace: ten minutes offline at a
frame every two seconds arrive at once when the network returns."""

_SEQ = re.compile(r"[1-9][0-9]{0,6}\Z")


@dataclass(frozen=True)
class Admission:
    """The right to send one frame, and what its storing needs."""

    attempt_id: str
    subject_id: str
    seq: int
    key: bytes
    """Seals the subject's images."""
    interval_seconds: float
    known: Frame | None
    """The frame that came under this number before; it is only compared with."""
    last_verification: LastVerification | None
    """What the sender is told about the frames before this one; nothing with a repetition or a
    backlog, whose sender has more recent news."""
    is_backlog: bool = False
    """Whether the attempt sends faster than cameras capture: frames it kept while it was offline,
    which nobody waits for as for a frame of now."""


def admit_frame(
    context: Context,
    pace: Pace,
    principal: Principal,
    *,
    attempt_id: str,
    seq_text: str,
    content_type: str | None,
) -> Admission:
    """Return the right to send a frame now.

    A frame that came before is admitted whatever the state and the load: its sender only
    missed the answer, and no new image will be stored.

    Raises
    ------
    InvalidSeq, NotFound, NotAllowed, AttemptNotReady, AttemptClosed, UnsupportedImageType,
    TooManyRequests, StorageIsFull
    """
    seq = frame_seq(seq_text)
    with context.database.read() as session:
        attempt, known = _attempt_and_frame(session, attempt_id, seq)
        authorize(principal, Action.SEND, attempt)
        if known is None:
            check_takes_frames(attempt, context.clock())
        try:
            key = subject_key(session, context.key_ring, attempt.subject_id)
        except SubjectErased:
            raise NotFound("The subject was erased.") from None
        if (content_type or "").strip().lower() != JPEG:
            raise UnsupportedImageType("A frame is sent as it is, with Content-Type: image/jpeg.")
        is_backlog = False
        newest = None
        if known is None:
            _check_load(context, pace)
            is_backlog = _check_pace(context, attempt)
        if known is None and not is_backlog:
            newest = last_verification(session, attempt.id)
    return Admission(
        attempt_id=attempt.id,
        subject_id=attempt.subject_id,
        seq=seq,
        key=key,
        interval_seconds=Granted.from_dict(attempt.allowances).frame_interval_seconds(
            attempt.frame_interval_seconds
        ),
        known=known,
        last_verification=newest,
        is_backlog=is_backlog,
    )


def frame_seq(text: str) -> int:
    """Return a frame's number from an address.

    Raises
    ------
    InvalidSeq
        It is no whole number from 1 to `LARGEST_SEQ`.
    """
    if not _SEQ.match(text) or int(text) > LARGEST_SEQ:
        raise InvalidSeq
    return int(text)


# Made once: making a statement costs more than running it.
_ATTEMPT_AND_FRAME = (
    select(Attempt, Subject, SubjectKey, Frame)
    .join(Subject, Subject.id == Attempt.subject_id)
    .outerjoin(SubjectKey, SubjectKey.subject_id == Attempt.subject_id)
    .outerjoin(Frame, and_(Frame.attempt_id == Attempt.id, Frame.seq == bindparam("seq")))
    .where(Attempt.id == bindparam("attempt_id"))
)


def _attempt_and_frame(session: Session, attempt_id: str, seq: int) -> tuple[Attempt, Frame | None]:
    """Return both, with all that authorizing and sealing will ask for, in one query."""
    if not re.match(ID_PATTERN, attempt_id):
        raise NotFound
    wanted = {"attempt_id": attempt_id, "seq": seq}
    row = session.execute(_ATTEMPT_AND_FRAME, wanted).one_or_none()
    if row is None:
        raise NotFound
    # The session finds the subject and its key again only while somebody holds them.
    session.info["row"] = row
    return row.Attempt, row.Frame


def _check_pace(context: Context, attempt: Attempt) -> bool:
    """Refuse what nobody's camera needs; tell whether the frame belongs to a backlog.

    So one attempt cannot delay the others' verdicts.
    """
    live = math.ceil(LIVE_PACE * PACE_SECONDS / attempt.frame_interval_seconds)
    limit = Limit(times=BACKLOG_FRAMES + live, seconds=PACE_SECONDS)
    retry_after_seconds = context.throttle.count("frame", attempt.id, limit)
    if retry_after_seconds is not None:
        raise TooManyRequests(
            "The attempt sends far more frames than it is asked for.",
            retry_after_seconds=retry_after_seconds,
        )
    live_limit = Limit(times=live, seconds=PACE_SECONDS)
    return context.throttle.count("live_frame", attempt.id, live_limit) is not None


def _check_load(context: Context, pace: Pace) -> None:
    retry_after_seconds = pace.retry_after_seconds()
    if retry_after_seconds is not None:
        raise TooManyRequests(
            "Verifying is behind; no frame is taken until it has caught up.",
            retry_after_seconds=retry_after_seconds,
        )
    if context.images.store.free_bytes() < context.settings.storage_reserve_bytes:
        raise StorageIsFull
