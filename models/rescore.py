"""An attempt scored again, by other thresholds or another engine. It decides nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base
from models.match_policy import POLICY_ID_LENGTH


class Rescore(Base):
    """One look through all frames of an attempt with other numbers or another engine.

    Its results stand in `RescoredFrame`, beside the verdicts: those on record are never touched,
    and no incident and no decision follows from it.
    """

    __tablename__ = "rescore"
    __table_args__ = (CASE_SENSITIVE,)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The user who wanted it."""
    engine: Mapped[str] = mapped_column(String(20))
    """By the name it is loaded by, as "onnx" or "dlib"."""
    engine_id: Mapped[str | None] = mapped_column(String(80))
    """Of the engine that looked; empty before the first frame."""
    policy: Mapped[dict[str, Any]]
    """All numbers by name, the changed ones among them."""
    policy_id: Mapped[str | None] = mapped_column(String(POLICY_ID_LENGTH))
    """The digest of `policy`; empty before the first frame."""
    state: Mapped[str] = mapped_column(String(20))
    """A `RescoreState`."""
    error_code: Mapped[str | None] = mapped_column(String(40))
    """Why it failed as a whole."""
    last_seq: Mapped[int] = mapped_column(BigInteger)
    """The newest frame when it was asked for; later ones are not looked at."""
    done_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """Frames up to here are done."""
    frame_count: Mapped[int]
    """Frames that were there when it was asked for."""
    scored_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RescoredFrame(Base):
    """What one look through the attempt found in one frame."""

    __tablename__ = "rescored_frame"
    __table_args__ = (CASE_SENSITIVE,)

    rescore_id: Mapped[str] = mapped_column(ForeignKey("rescore.id"), primary_key=True)
    frame_id: Mapped[str] = mapped_column(ForeignKey("frame.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    verdict: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(40))
    distance: Mapped[float | None]
    """As `Verification.distance`."""
    match_score: Mapped[float | None]
    face_count: Mapped[int | None]
    reasons: Mapped[list[Any]]
    """`[{code, message}]` a page can show."""
    look: Mapped[str | None] = mapped_column(String(20))
