"""Face enrollments: reference images, what was found in them, and the templates compared."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import CASE_SENSITIVE, ID_LENGTH, Base


class FaceEnrollment(Base):
    """One version of a subject's set of reference images."""

    __tablename__ = "face_enrollment"
    __table_args__ = (UniqueConstraint("subject_id", "version"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"))
    version: Mapped[int]
    """1, 2, 3 … of this subject."""
    state: Mapped[str] = mapped_column(String(20))
    engine_id: Mapped[str | None] = mapped_column(String(80))
    """The engine that decided; templates of later engines are made from the same images."""
    warnings: Mapped[list[Any] | None]
    """`[{code, message, …figures}]` for those who may see figures, as other subjects whose face is
    alike; empty when nobody's is, None when it was never compared with others."""
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    """When a person found that it shows the right one; exams can ask for it."""
    approved_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    withdrawn_at: Mapped[datetime | None]
    """When a person found that it must not serve any more."""
    withdrawn_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    withdrawn_reason: Mapped[str | None] = mapped_column(String(500))
    """What the student reads about it."""

    images: Mapped[list["ReferenceImage"]] = relationship(
        order_by="ReferenceImage.position", back_populates="enrollment"
    )


class ReferenceImage(Base):
    """One image offered for enrollment, with the server's answer to it."""

    __tablename__ = "reference_image"
    __table_args__ = (UniqueConstraint("enrollment_id", "position"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    enrollment_id: Mapped[str] = mapped_column(ForeignKey("face_enrollment.id"))
    position: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the bytes as they were sent."""
    byte_count: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[Any]]
    """`[{code, message}]`: why it was refused, or what would make it better."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    box: Mapped[dict[str, Any] | None]
    quality: Mapped[dict[str, Any] | None]

    enrollment: Mapped[FaceEnrollment] = relationship(back_populates="images")


class FaceTemplate(Base):
    """The sealed encoding of one accepted reference image."""

    __tablename__ = "face_template"
    __table_args__ = (UniqueConstraint("reference_image_id", "engine_id"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    enrollment_id: Mapped[str] = mapped_column(ForeignKey("face_enrollment.id"), index=True)
    reference_image_id: Mapped[str] = mapped_column(ForeignKey("reference_image.id"))
    engine_id: Mapped[str] = mapped_column(String(80))
    """Encodings of different engines are never compared."""
    sealed_encoding: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
    """The database's clock, in the transaction that recorded it."""
