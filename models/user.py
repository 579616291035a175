"""People who sign in, and their sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ID_LENGTH, Base


class User(Base):
    """A person with a password. A student has one subject; admins and reviewers have none."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    login: Mapped[str] = mapped_column(String(150))
    """The name as it was typed at registration."""
    login_key: Mapped[str] = mapped_column(String(190), unique=True)
    """The name in the one spelling that uniqueness and sign-in look at."""
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))
    """Argon2id, in its encoded form; empty until the person has set one by an invitation."""
    role: Mapped[str] = mapped_column(String(20))
    is_disabled: Mapped[bool] = mapped_column(default=False)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    """Wrong passwords in a row."""
    locked_until: Mapped[datetime | None]
    subject_id: Mapped[str | None] = mapped_column(ForeignKey("subject.id"), unique=True)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """When the person left for good. The row stays: exams, reviews and the audit name its id."""


def name_of_erased(user_id: str) -> str:
    """Return what stands in place of login and name once they are gone."""
    return f"erased:{user_id}"


class SignIn(Base):
    """One browser's stay. The cookie holds a random token; only its hash is kept here."""

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
