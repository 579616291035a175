"""Who is told what happened, and each message on its way out. The rows are the queue."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base
from models.sealing import KeyRing

SECRET_PREFIX = "whsec_"  # noqa: S105  # What every secret begins with, so that leaks are found.

URL_LENGTH = 1000


class Webhook(Base):
    """An address that is told. Owned by an API client, or by this house itself."""

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner_client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id"), index=True)
    """The system it belongs to, which hears of its own subjects alone; empty for the house."""
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    events: Mapped[list[Any]]
    """`AlertEvent`s it wants."""
    min_severity: Mapped[str] = mapped_column(String(10))
    """The `Severity` from which on it hears of incidents."""
    sealed_key: Mapped[bytes]
    """The key that signs, sealed by the outer key: see `webhook_secret`."""
    created_by: Mapped[str] = mapped_column(String(ID_LENGTH))
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    """When it last took something."""
    failing_since: Mapped[datetime | None]
    """The first failure since it last took something."""
    disabled_at: Mapped[datetime | None]
    disabled_note: Mapped[str | None] = mapped_column(Text)
    """Why nothing is sent any more, for a person."""


class Outgoing:
    """The columns of a message that is sent at least once, or given up in the end."""

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    """An `AlertEvent`."""
    event_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    """Of what happened: whoever hears of it twice knows by it."""
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    payload: Mapped[dict[str, Any]]
    """`{id, event, created_at, data, more, more_count}`: what is said, the same in each try."""
    told: Mapped[list[Any]]
    """`event:object id` of all it tells, so that nothing is told anew."""
    state: Mapped[str] = mapped_column(String(20))
    """A `DeliveryState`."""
    tries: Mapped[int] = mapped_column(default=0)
    """Counted before anything is sent."""
    not_before: Mapped[datetime]
    give_up_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(32))
    """The fencing token of the latest try."""
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class WebhookDelivery(Outgoing, Base):
    """One message to one webhook."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index(None, "state", "not_before"), CASE_SENSITIVE)

    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhook.id"), index=True)
    response_status: Mapped[int | None]
    """What the other side answered last."""


class AlertMail(Outgoing, Base):
    """One e-mail to those whom the settings name."""

    __tablename__ = "alert_mail"
    __table_args__ = (Index(None, "state", "not_before"), CASE_SENSITIVE)


def webhook_secret(key_ring: KeyRing, webhook: Webhook) -> str:
    """Return the text both sides sign with. It is kept sealed, and shown once.

    Raises
    ------
    SealBroken
        None of the outer keys opens it.
    """
    return SECRET_PREFIX + key_ring.open_key(webhook.id, webhook.sealed_key).hex()
