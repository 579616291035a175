"""What a subject is granted: more time, a slower pace, another way of being checked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base
from models.statuses import FaceCheck


class Allowance(Base):
    """One grant, for all exams of a subject or for one. Withdrawn, never edited."""

    __tablename__ = "allowance"
    __table_args__ = (Index(None, "subject_id", "exam_id"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"))
    exam_id: Mapped[str | None] = mapped_column(ForeignKey("exam.id"))
    """Empty: for every exam."""
    extra_time_percent: Mapped[int] = mapped_column(default=0)
    """Of the exam's time limit."""
    extra_time_seconds: Mapped[int] = mapped_column(default=0)
    frame_interval_factor: Mapped[float] = mapped_column(default=1.0)
    """2.0 asks for a frame half as often."""
    face_check: Mapped[str] = mapped_column(String(20), default=FaceCheck.MATCH)
    second_person_allowed: Mapped[bool] = mapped_column(default=False)
    """An assistant may be in the picture."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Why, for those who review."""
    granted_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class AlternativeRequest(Base):
    """A student's wish to be checked by a person instead of a camera."""

    __tablename__ = "alternative_request"
    __table_args__ = (Index(None, "subject_id", "answered_at"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"))
    text_version: Mapped[str] = mapped_column(String(40))
    """The version of the consent text the student did not agree to."""
    message: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("user.id"))
    allowance_id: Mapped[str | None] = mapped_column(ForeignKey("allowance.id"))
    """What was granted; empty while nobody has answered, and when it was refused."""
