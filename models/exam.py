"""What an admin sets up for students to sit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ID_LENGTH, Base


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
    created_by: Mapped[str] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
