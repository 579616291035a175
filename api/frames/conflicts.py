"""Other bytes under a number that is taken: refused, and noted on the frame that has it."""

from datetime import datetime

from sqlalchemy import select

from api.context import Context
from api.field_types import moment_text
from models.frame import Frame

CONFLICTS_KEPT = 10
"""Signals of conflicting uploads one frame keeps; a client that repeats its mistake for hours
must not grow the row."""


def record_conflict(context: Context, frame_id: str, sha256: str) -> None:
    """Note on the frame that other bytes were sent under its number, in a transaction of its own.

    The refusal that follows would roll back the caller's.
    """
    with context.database.write() as session:
        frame = session.scalars(
            select(Frame).where(Frame.id == frame_id).with_for_update()
        ).one_or_none()
        if frame is None:
            return
        conflicts = [signal for signal in frame.signals if signal["code"] == "conflicting_upload"]
        is_known = any(signal["sha256"] == sha256 for signal in conflicts)
        if not is_known and len(conflicts) < CONFLICTS_KEPT:
            frame.signals = [*frame.signals, _conflict(sha256, context.clock())]


def _conflict(sha256: str, at: datetime) -> dict[str, str]:
    return {"code": "conflicting_upload", "sha256": sha256, "at": moment_text(at)}
