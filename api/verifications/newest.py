"""Which verification of a frame counts: the newest, should it have been verified again."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from models.verification import Verification


def is_newest_of_its_frame() -> ColumnElement[bool]:
    """Return the condition that no later verification of the same frame exists."""
    later = aliased(Verification)
    return ~exists().where(later.frame_id == Verification.frame_id, later.id > Verification.id)


def newest_by_frame(session: Session, frame_ids: Collection[str]) -> dict[str, Verification]:
    """Return the newest verification of each frame that has one, by frame id, in one query."""
    found = session.scalars(
        select(Verification).where(Verification.frame_id.in_(frame_ids)).order_by(Verification.id)
    )
    return {verification.frame_id: verification for verification in found if verification.frame_id}
