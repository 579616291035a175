"""People whose faces are compared, their keys and their consent."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class Subject(Base):
    """A person whose face is enrolled. Owned by another system, or by this house itself."""

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("owner_client_id", "external_ref"),
        CASE_SENSITIVE,
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner_client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id"))
    """The system it belongs to; empty for a student of this house."""
    external_ref: Mapped[str] = mapped_column(String(190))
    """The owner's own name for the person; never shown to anybody else."""
    display_name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class SubjectKey(Base):
    """The key that seals a subject's images and encodings, itself sealed by the outer key.

    Deleting the row makes everything sealed with it unreadable, in every backup too.
    """

    __tablename__ = "subject_key"

    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Consent(Base):
    """A subject's yes to a version of the text that says what is recorded and why."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    text_version: Mapped[str] = mapped_column(String(40))
    recorded_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The user or API client that passed it on."""
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
