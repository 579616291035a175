"""What an admin sets up for students to sit: the exam and its questions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class Exam(Base):
    """An exam with its window, its time limit and its proctoring policy."""

    __tablename__ = "exam"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    join_code: Mapped[str] = mapped_column(String(20), unique=True)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    duration_seconds: Mapped[int]
    frame_interval_seconds: Mapped[float]
    policy: Mapped[dict[str, Any]]
    """The match policy new attempts start under; an attempt keeps its own copy."""
    incident_policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is an incident and how much it matters, where it differs from the shipped policy.
    Changing it computes the incidents of all attempts anew; verdicts stay."""
    rejection_needs_two: Mapped[bool] = mapped_column(default=False)
    """Whether an attempt is rejected only by somebody else than who questioned the student."""
    is_practice: Mapped[bool] = mapped_column(default=False)
    """For getting used to it: sat as often as wished, without counting."""
    shuffles_questions: Mapped[bool] = mapped_column(default=False)
    shuffles_choices: Mapped[bool] = mapped_column(default=False)
    needs_approved_enrollment: Mapped[bool] = mapped_column(default=False)
    """Whether a person has to approve the enrolled face before an attempt can be ready."""
    shows_points: Mapped[bool] = mapped_column(default=False)
    """Whether students see their points once the attempt was verified."""
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class Question(Base):
    """One question of an exam."""

    __tablename__ = "question"
    __table_args__ = (Index(None, "exam_id", "position"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exam.id"))
    position: Mapped[int]
    """1, 2, 3 … in the order the examiner gave them."""
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    points: Mapped[float]
    choices: Mapped[list[Any]]
    """`[{id, text}]`; empty where text is asked for."""
    correct: Mapped[list[Any]]
    """Ids of the right choices, or accepted short answers. Never leaves the server for a student;
    empty where a person scores."""
    created_at: Mapped[datetime]
