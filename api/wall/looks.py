"""Watching faces: who is about to watch whom goes on record once, not picture by picture.

A wall shows the newest picture of hundreds of attempts, again and again. An entry of the audit
record for each would bury every other entry, and say less than this one: from then on, for an
hour at most, this person could see the newest pictures of these attempts. The entry itself is the
right to see them, so that no picture is shown without it.
"""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import ID_PATTERN, Action, authorize, load, visible_to
from api.context import Context
from api.frames.lookup import SealedPicture, sealed_picture
from api.principal import Principal
from api.problems import NotFound
from api.wall.schemas import LookAnswer, NewLook
from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import new_id
from models.frame import Frame

LOOKED: Final = "wall.looked"
"""The action in the audit record."""

LOOK_LASTS = timedelta(hours=1)
"""Whoever watches longer says so anew."""


def begin_look(
    session: Session, context: Context, principal: Principal, wanted: NewLook, request_id: str
) -> LookAnswer:
    """Record that `principal` watches the pictures of these attempts from now on.

    Raises
    ------
    NotAllowed
        The principal may see no pictures.
    NotFound
        None of the attempts is there for the principal.
    """
    authorize(principal, Action.SEE_FACE, Frame)
    visible = _visible(session, principal, wanted.attempt_ids)
    if not visible:
        raise NotFound
    attempt_ids = list(visible)
    exam_ids = sorted({exam_id for exam_id in visible.values() if exam_id})
    look_id = new_id("lok")
    entry = audit.record(
        session,
        context,
        principal,
        LOOKED,
        look_id,
        request_id,
        {"exam_id": wanted.exam_id, "exam_ids": exam_ids, "attempt_ids": attempt_ids},
    )
    return LookAnswer(id=look_id, attempt_ids=attempt_ids, expires_at=entry.at + LOOK_LASTS)


def newest_picture(
    session: Session, context: Context, principal: Principal, look_id: str, attempt_id: str
) -> SealedPicture:
    """Return the newest picture of an attempt that a look of the same principal names.

    Raises
    ------
    NotFound
        There is no such look, it is over, or does not name the attempt; or there is no picture.
    PictureUnavailable
        The subject was erased.
    """
    if not re.match(ID_PATTERN, look_id):
        raise NotFound
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.object_id == look_id, AuditEntry.action == LOOKED)
    ).one_or_none()
    stands = (
        entry is not None
        and entry.actor == principal.actor
        and context.clock() < entry.at + LOOK_LASTS
        and attempt_id in entry.detail["attempt_ids"]
    )
    if not stands:
        raise NotFound
    load(session, principal, Action.READ, Attempt, attempt_id)
    frame = session.scalars(
        select(Frame).where(Frame.attempt_id == attempt_id).order_by(Frame.seq.desc()).limit(1)
    ).one_or_none()
    if frame is None:
        raise NotFound
    authorize(principal, Action.SEE_FACE, frame)
    return sealed_picture(session, context, frame)


def _visible(
    session: Session, principal: Principal, attempt_ids: Collection[str]
) -> dict[str, str | None]:
    """Return the attempts the principal may see, each with its exam."""
    wanted: Select[*tuple[Any, ...]] = select(Attempt.id, Attempt.exam_id)
    wanted = wanted.where(Attempt.id.in_(attempt_ids)).order_by(Attempt.id)
    return {row.id: row.exam_id for row in session.execute(visible_to(principal, wanted, Attempt))}
