"""The server's answers."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base
from models.match_policy import POLICY_ID_LENGTH, keep_policy


class Verification(Base):
    """The server's answer for one image, with every figure that went into it."""

    __tablename__ = "verification"
    __table_args__ = (
        UniqueConstraint("frame_id", "engine_id", "policy_id"),
        Index(None, "attempt_id", "verdict"),
        CASE_SENSITIVE,
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    """For a verification request: the request's own id."""
    frame_id: Mapped[str | None] = mapped_column(ForeignKey("frame.id"))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"))
    subject_id: Mapped[str | None] = mapped_column(ForeignKey("subject.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(40))
    """Why the verdict is `error`: poison, integrity, or what was wrong with the image."""
    distance: Mapped[float | None]
    """Euclidean, of the closest face to its closest reference; lower is closer."""
    match_score: Mapped[float | None]
    """0 to 100, higher is closer."""
    match_threshold: Mapped[float]
    mismatch_threshold: Mapped[float]
    distances: Mapped[list[Any]]
    """Of the subject's face to each reference."""
    reference_agreement: Mapped[dict[str, Any] | None]
    """How many references agree: `{best, median, agreeing, count}`."""
    face_count: Mapped[int | None]
    faces: Mapped[list[Any]]
    unmatched_faces: Mapped[list[Any]]
    quality: Mapped[dict[str, Any]]
    reasons: Mapped[list[Any]]
    """`[{code, message}]` a page can show."""
    signals: Mapped[list[Any]]
    """What stands beside the verdict: `[{code, …figures}]`."""
    image_width: Mapped[int | None]
    image_height: Mapped[int | None]
    look: Mapped[str | None] = mapped_column(String(20))
    """How closely the image had to be looked at; null where nobody looked."""
    engine_id: Mapped[str] = mapped_column(String(80))
    policy_id: Mapped[str] = mapped_column(String(POLICY_ID_LENGTH))
    policy_numbers: Mapping[str, float] = MappingProxyType({})
    """No column: what `policy_id` stands for. Given with a new row, it goes to `match_policy`,
    once for all rows with this id; read it there."""
    enrollment_version: Mapped[int | None]
    timings_ms: Mapped[dict[str, Any]]
    sealed_encoding: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Of the subject's face of a frame, sealed for the subject: later frames of the attempt can be
    compared with it. Read only where it is asked for by name, and served nowhere."""
    captured_at: Mapped[datetime | None]
    """The client's clock."""
    received_at: Mapped[datetime]
    """The server's clock, when the image came in."""
    created_at: Mapped[datetime]
    """The server's clock, when the answer was recorded."""


@event.listens_for(Verification, "before_insert")
def _keep_policy(
    _mapper: Mapper[Verification], connection: Connection, verification: Verification
) -> None:
    """Let no verdict be stored without the numbers it was made with, whoever stores it."""
    if verification.policy_numbers:
        keep_policy(
            connection,
            verification.policy_id,
            verification.policy_numbers,
            now=verification.created_at,
        )
