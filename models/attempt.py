"""One subject's sitting of an exam, and the record of how its state changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class Attempt(Base):
    """One subject's sitting of an exam, or a monitored sitting that another system opened."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "subject_id", "state"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"))
    exam_id: Mapped[str | None] = mapped_column(ForeignKey("exam.id"), index=True)
    label: Mapped[str | None] = mapped_column(String(200))
    """What another system calls it."""
    state: Mapped[str] = mapped_column(String(30))
    enrollment_id: Mapped[str | None] = mapped_column(ForeignKey("face_enrollment.id"))
    """Frozen when the attempt becomes ready: enrolling another face later changes no verdict."""
    policy: Mapped[dict[str, Any]]
    """The match policy, frozen when the attempt was made."""
    duration_seconds: Mapped[int]
    frame_interval_seconds: Mapped[float]
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    """Start plus time limit, capped by the end of the exam's window."""
    submitted_at: Mapped[datetime | None]


class AttemptTransition(Base):
    """One change of an attempt's state. Appended, never edited."""

    __tablename__ = "attempt_transition"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), index=True)
    from_state: Mapped[str | None] = mapped_column(String(30))
    to_state: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The user or API client, or `system`."""
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
