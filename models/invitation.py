"""Links with which people set their password: after an import, or instead of one they forgot."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ID_LENGTH, Base


class Invitation(Base):
    """One link. It holds a random token, works once, and only the token's hash is kept here."""

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    """The user who made it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When the password was set."""
    replaced_at: Mapped[datetime | None]
    """When a newer link was made for the same person: only the newest works."""
