"""Taking a frame in, so that what was answered with 2xx reaches a verdict whatever is killed.

The file is durable before the row, and the row, with its job, before the answer. A file whose
row never came is swept by housekeeping.
"""

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from api.attempts.sitting import check_takes_frames
from api.context import Context
from api.frames.admission import Admission
from api.frames.capture import CaptureHeaders, read_capture, sha256_of_content_digest
from api.frames.conflicts import record_conflict
from api.frames.pace import Pace
from api.frames.schemas import FrameReceipt, NextFrame
from api.frames.ticket import issue_ticket
from api.image_header import FRAME_TYPES, ImageHeader, check_image
from api.problems import DigestMismatch, FrameConflict, NotFound, Problem
from models.attempt_states import locked_attempt
from models.base import new_id
from models.database import database_now
from models.frame import Frame
from models.job import BACKLOG_PRIORITY, FRAME_PRIORITY, enqueue
from models.statuses import JobKind
from models.subject import SubjectKey


@dataclass(frozen=True)
class FrameUpload:
    """A body that was read whole, and the headers that came with it."""

    image: bytes
    capture: CaptureHeaders
    content_digest: str | None


@dataclass(frozen=True)
class _StoredImage:
    frame_id: str
    storage_key: str
    sha256: str
    byte_count: int
    header: ImageHeader


def take_frame(
    context: Context, pace: Pace, admission: Admission, upload: FrameUpload
) -> FrameReceipt:
    """Store the frame durably and return its receipt; a repeated one gets its first receipt.

    Raises
    ------
    FrameConflict
        Other bytes came under this number before.
    EmptyImage, UnsupportedImageType, TruncatedImage, …, DigestMismatch
        The body is no whole JPEG of a size taken here.
    AttemptClosed
        The attempt was closed while the body came in.
    """
    settings = context.settings
    header = check_image(
        upload.image,
        types=FRAME_TYPES,
        max_bytes=settings.frame_max_bytes,
        max_pixels=settings.frame_max_pixels,
    )
    digest = hashlib.sha256(upload.image)
    _check_digest(upload.content_digest, digest.digest())
    frame = admission.known
    if frame is None:
        frame = _store(context, admission, upload, header, digest.hexdigest())
    if frame.sha256 != digest.hexdigest():
        record_conflict(context, frame.id, digest.hexdigest())
        raise FrameConflict(f"Frame {frame.seq} was stored before with other bytes.")
    return _receipt(context, pace, admission, frame)


def _store(
    context: Context,
    admission: Admission,
    upload: FrameUpload,
    header: ImageHeader,
    sha256: str,
) -> Frame:
    """Return the new frame's row, or the one that somebody else inserted meanwhile."""
    frame_id = new_id("frm")
    stored = _StoredImage(
        frame_id=frame_id,
        storage_key=f"frames/{admission.attempt_id}/{frame_id}",
        sha256=sha256,
        byte_count=len(upload.image),
        header=header,
    )
    context.images.put(
        stored.storage_key, upload.image, key=admission.key, owner_id=admission.subject_id
    )
    try:
        with context.database.write() as session:
            frame = _insert(session, context, admission, upload.capture, stored)
    except Problem:
        # Raised before the commit. After any other failure the row may be there; whatever
        # has none then is left to the sweep of orphans.
        context.images.store.delete(stored.storage_key)
        raise
    if frame.id != stored.frame_id:
        context.images.store.delete(stored.storage_key)
    return frame


def _insert(
    session: Session,
    context: Context,
    admission: Admission,
    capture_headers: CaptureHeaders,
    stored: _StoredImage,
) -> Frame:
    # The lock makes uploads of one attempt take turns: of two with the same number, the second
    # finds the first one's row, and none slips in after the attempt was handed in.
    attempt = locked_attempt(session, admission.attempt_id)
    if attempt is None:
        raise NotFound
    known = _frame_unless_erased(session, admission)
    if known is not None:
        return known
    received_at = context.clock()
    check_takes_frames(attempt, received_at)
    capture = read_capture(
        capture_headers,
        attempt_id=attempt.id,
        secret_key=context.secret_key,
        received_at=received_at,
        late_seconds=context.settings.frame_late_seconds,
    )
    frame = Frame(
        id=stored.frame_id,
        attempt_id=attempt.id,
        seq=admission.seq,
        storage_key=stored.storage_key,
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        width=stored.header.width,
        height=stored.header.height,
        captured_at=capture.captured_at,
        received_at=received_at,
        claim=capture.claim,
        signals=list(capture.signals),
    )
    # Jobs fall due on the database's clock, which all workers share. It is asked before anything is
    # added, so that frame and job are flushed at once.
    now = database_now(session)
    session.add(frame)
    priority = BACKLOG_PRIORITY if admission.is_backlog else FRAME_PRIORITY
    enqueue(session, JobKind.VERIFY_FRAME, frame.id, now=now, priority=priority)
    return frame


# Made once: making a statement costs more than running it.
_KEY_AND_FRAME = (
    select(SubjectKey.subject_id, Frame)
    .outerjoin(
        Frame,
        and_(Frame.attempt_id == bindparam("attempt_id"), Frame.seq == bindparam("seq")),
    )
    .where(SubjectKey.subject_id == bindparam("subject_id"))
)


def _frame_unless_erased(session: Session, admission: Admission) -> Frame | None:
    wanted = {
        "subject_id": admission.subject_id,
        "attempt_id": admission.attempt_id,
        "seq": admission.seq,
    }
    row = session.execute(_KEY_AND_FRAME, wanted).one_or_none()
    if row is None:
        raise NotFound("The subject was erased.")
    frame: Frame | None = row.Frame
    return frame


def _check_digest(content_digest: str | None, sha256: bytes) -> None:
    if content_digest is None:
        return
    try:
        named = sha256_of_content_digest(content_digest)
    except ValueError as error:
        raise DigestMismatch(f"{error}.") from None
    if named is not None and not hmac.compare_digest(named, sha256):
        raise DigestMismatch("The body's sha-256 is another than Content-Digest names.")


def _receipt(context: Context, pace: Pace, admission: Admission, frame: Frame) -> FrameReceipt:
    ticket = issue_ticket(context.secret_key, admission.attempt_id, context.clock())
    interval_seconds = pace.interval_seconds(admission.interval_seconds)
    return FrameReceipt(
        attempt_id=frame.attempt_id,
        seq=frame.seq,
        sha256=frame.sha256,
        byte_count=frame.byte_count,
        received_at=frame.received_at,
        next=NextFrame(ticket=ticket, interval_seconds=interval_seconds),
        last_verification=admission.last_verification,
    )
