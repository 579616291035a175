"""Frames of an attempt, and images that another system asks about."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class Frame(Base):
    """One JPEG of an attempt, stored before its upload was answered."""

    __tablename__ = "frame"
    __table_args__ = (
        UniqueConstraint("attempt_id", "seq"),
        Index(None, "attempt_id", "received_at"),
        # Each frame that is verified asks whether its bytes came before.
        Index(None, "attempt_id", "sha256"),
        CASE_SENSITIVE,
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the bytes as they were sent."""
    byte_count: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    captured_at: Mapped[datetime | None]
    """The client's clock: testimony."""
    received_at: Mapped[datetime]
    """The server's clock."""
    claim: Mapped[dict[str, Any] | None]
    """What the client said it saw: stored, shown, and never read by what decides."""
    signals: Mapped[list[Any]]
    """What was noticed on arrival: `[{code, …figures}]`."""


class VerificationRequest(Base):
    """An image that another system wants compared, outside any attempt.

    The verification that answers it takes over its id.
    """

    __tablename__ = "verification_request"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner_client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id"), index=True)
    subject_id: Mapped[str | None] = mapped_column(ForeignKey("subject.id"))
    enrollment_id: Mapped[str | None] = mapped_column(ForeignKey("face_enrollment.id"))
    storage_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    reference_storage_key: Mapped[str | None] = mapped_column(String(200))
    """Set when the image is compared with another image instead of a subject."""
    reference_sha256: Mapped[str | None] = mapped_column(String(64))
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key that seals both images where no subject owns them."""
    policy: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
