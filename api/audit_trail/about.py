"""Which entries of the audit chain are about a thing: those that name it or what belongs to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, Subquery, Text, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from api.wall.looks import LOOK_LASTS, LOOKED
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import first_id_at, made_at
from models.enrollment import FaceEnrollment, ReferenceImage
from models.frame import Frame
from models.incident import Incident

CLOCKS_DIFFER = timedelta(hours=1)
"""At most: the ids of a look and of what it showed may come from two machines."""


def entries_about(session: Session, object_id: str) -> Select[AuditEntry]:
    """Return the entries about an attempt, exam, subject, frame or any other thing.

    Who watched an attempt on the wall saw its frames as well: see decision 0017.
    """
    # Joined, not `IN`: MariaDB would look at every entry of the chain.
    ids = _what_belongs_to(session, object_id)
    return select(AuditEntry).join(ids, ids.c.id == AuditEntry.object_id)


def _what_belongs_to(session: Session, object_id: str) -> Subquery:
    own = select(literal(object_id).label("id"))
    if object_id.startswith("frm"):
        return union_all(own, *_looks_at_frame(session, object_id)).subquery()
    attempts = {
        "att": select(Attempt.id).where(Attempt.id == object_id),
        "exm": select(Attempt.id).where(Attempt.exam_id == object_id),
        "sub": select(Attempt.id).where(Attempt.subject_id == object_id),
    }.get(object_id[:3])
    if attempts is None:
        return own.subquery()
    parts = [own, *(select(t.id).where(t.attempt_id.in_(attempts)) for t in (Frame, Incident))]
    if object_id.startswith("exm"):
        parts.append(attempts)
    if object_id.startswith("sub"):
        sets = select(FaceEnrollment.id).where(FaceEnrollment.subject_id == object_id)
        parts += [
            attempts,
            sets,
            select(ReferenceImage.id).where(ReferenceImage.enrollment_id.in_(sets)),
            select(Allowance.id).where(Allowance.subject_id == object_id),
            select(AlternativeRequest.id).where(AlternativeRequest.subject_id == object_id),
        ]
    watched = session.scalars(attempts).all() if object_id.startswith("sub") else [object_id]
    return union_all(*parts, *_looks_at(watched)).subquery()


def _looks_at_frame(session: Session, frame_id: str) -> Sequence[Select[str]]:
    """Return the looks during which a frame was the newest picture of its attempt."""
    frame = session.get(Frame, frame_id)
    if frame is None:
        return ()
    newer = select(func.min(Frame.received_at)).where(
        Frame.attempt_id == frame.attempt_id, Frame.seq > frame.seq
    )
    return _looks_at([frame.attempt_id], frame.received_at, session.scalar(newer))


def _looks_at(
    named: Sequence[str], shown_from: datetime | None = None, shown_until: datetime | None = None
) -> Sequence[Select[str]]:
    """Return the looks that name one of these attempts, or the exam."""
    if not named:
        return ()
    detail = cast(AuditEntry.detail, Text)
    # None is older than what it names; the ids of looks stand together in their index.
    since = first_id_at("lok", made_at(min(named)) - CLOCKS_DIFFER)
    looks = select(AuditEntry.object_id).where(
        AuditEntry.object_id >= since,
        AuditEntry.action == LOOKED,
        or_(*(detail.contains(one, autoescape=True) for one in named)),
    )
    if shown_from is not None:
        looks = looks.where(AuditEntry.at > shown_from - LOOK_LASTS)
    if shown_until is not None:
        looks = looks.where(AuditEntry.at < shown_until)
    return (looks,)
