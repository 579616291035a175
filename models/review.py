"""What people decided about attempts, and what students answered. Appended, never edited."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class Review(Base):
    """A named person's decision on an attempt."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "attempt_id", "created_at"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    decision: Mapped[str] = mapped_column(String(30))
    reason_codes: Mapped[list[Any]]
    """Codes of `REVIEW_REASONS`."""
    note: Mapped[str] = mapped_column(Text, default="")
    """For other reviewers."""
    message: Mapped[str] = mapped_column(Text, default="")
    """For the student, in plain words."""
    reply_until: Mapped[datetime | None]
    """Until when the student can answer before it may be rejected."""
    created_at: Mapped[datetime]


class StudentReply(Base):
    """What a student answered to a question about their attempt."""

    __tablename__ = "student_reply"
    __table_args__ = (Index(None, "attempt_id", "created_at"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    review_id: Mapped[str] = mapped_column(ForeignKey("review.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
