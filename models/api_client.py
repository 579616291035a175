"""Other systems that call the API, their keys, and answers kept for repeated requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ID_LENGTH, Base


class ApiClient(Base):
    """Another system. It sees only the subjects, attempts and verifications it made."""

    __tablename__ = "api_client"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(190), unique=True)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class ApiKey(Base):
    """One secret of an API client. Only its hash is kept."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    """A plain hash suffices: the secret has 256 random bits and cannot be guessed."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class IdempotentAnswer(Base):
    """The answer to a POST that carried an `Idempotency-Key`, kept for its repetition."""

    __tablename__ = "idempotent_answer"

    principal_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    """Of method, path and body: the same key with another request is refused."""
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
