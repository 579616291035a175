"""One subject's sitting of an exam, its answers, and the record of how its state changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
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
    state: Mapped[str] = mapped_column(String(30), index=True)
    enrollment_id: Mapped[str | None] = mapped_column(ForeignKey("face_enrollment.id"))
    """Frozen by the start: enrolling another face later changes no verdict."""
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
    remaining_seconds: Mapped[int | None]
    """What was left when it broke off; resuming sets the deadline anew from it."""
    is_practice: Mapped[bool] = mapped_column(default=False)
    needs_verified_frame: Mapped[bool] = mapped_column(default=False)
    """Whether it starts only after the server found the subject in a frame just before."""
    allowances: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the subject was granted, frozen at the start: see `models.allowance`."""
    paper: Mapped[dict[str, Any] | None]
    """`{question_ids, choice_ids}`: the order of questions and choices, frozen at the start."""
    identity_checked_at: Mapped[datetime | None]
    """When a person saw who sits it, where no camera is used."""
    identity_checked_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    awarded_points: Mapped[float | None]
    """The server's sum; empty before handing in and while a person has yet to score."""
    possible_points: Mapped[float | None]


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


class Answer(Base):
    """The newest answer of an attempt to one question."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("attempt_id", "question_id"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    question_id: Mapped[str] = mapped_column(ForeignKey("question.id"))
    revision: Mapped[int]
    """1, 2, 3 …: who saves names the one it saw last, so that no tab undoes another's work."""
    value: Mapped[dict[str, Any]]
    """`{choice_ids}` or `{text}`."""
    client_at: Mapped[datetime | None]
    """The client's clock: testimony."""
    received_at: Mapped[datetime]
    """The server's clock."""
    awarded_points: Mapped[float | None]
    """Empty until scored."""
    scored_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    """The user, or `system`."""
    comment: Mapped[str | None] = mapped_column(Text)
    """What the person who scored it wants the student to know."""
