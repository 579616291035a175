"""Figures that take long to find: measured in the background, read at a glance."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base

STORAGE = "storage"
"""`{file_count, byte_count}` of the frame store, counted by housekeeping."""

TOTALS = "totals"
"""How many rows there were at a moment: see `models.totals`."""

AUDIT_CHECK = "audit_check"
"""How far the audit chain was checked: see `models.audit_check`."""


class Measurement(Base):
    """The newest value of one measurement."""

    __tablename__ = "measurement"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    figures: Mapped[dict[str, Any]]
    measured_at: Mapped[datetime]


def keep_measurement(
    session: Session, name: str, figures: dict[str, Any], *, now: datetime
) -> Measurement:
    """Put the newest value in place of the one before, in the caller's write transaction."""
    return session.merge(Measurement(name=name, figures=figures, measured_at=now))
