"""The notifier: sends what is due to webhooks and by e-mail, at least once each.

A message is claimed under a lease and counted before it is sent, sent with no transaction open,
and marked after. Killed in between, it is sent again once the lease is over. Several notifiers may
run: each claims other rows.
"""

import asyncio
import logging
import secrets
import smtplib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.database import Database, database_now
from models.sealing import KeyRing, SealBroken
from models.settings import Settings
from models.statuses import DeliveryState
from models.webhook import AlertMail, Outgoing, Webhook, WebhookDelivery, webhook_secret
from worker.mailer import MailMessage, send_mail
from worker.webhook_sender import Outcome, WebhookMessage, make_client, send

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Messages sent side by side, to one webhook one: a slow one keeps no other waiting."""

LEASE_SECONDS = 60.0
"""Longer than any try takes, so that no message is tried twice at once."""

PAUSES_SECONDS = (10, 30, 60, 300, 900, 1800, 3600, 7200, 14400)
"""Between the tries; the last one repeats until the message is given up."""

DISABLE_AFTER = timedelta(hours=24)
"""A webhook that took nothing for so long is switched off."""

PAUSE_AFTER_FAILURE_SECONDS = 5.0
"""How long to wait when the database is away."""

_NOT_SENT = "The secret cannot be opened: was FACE_MONITOR_KEY_ENCRYPTION_KEY changed?"


@dataclass(frozen=True)
class _Claimed:
    """A message that this notifier sends now."""

    table: type[WebhookDelivery] | type[AlertMail]
    id: str
    token: str
    content: WebhookMessage | MailMessage | None
    """None where it cannot be made."""


class Notifier:
    """Sends due messages. `sweep` may be called by several processes at once."""

    def __init__(self, settings: Settings, database: Database, key_ring: KeyRing) -> None:
        self._settings = settings
        self._database = database
        self._key_ring = key_ring

    def sweep(self) -> int:
        """Send what is due; return how many messages were tried.

        Raises
        ------
        Exception
            The database is away. What was sent and could not be marked is sent again.
        """
        with self._database.read() as session:
            now = database_now(session)
            hook_ids = session.scalars(_due_webhooks(now)).all()
            has_mail = session.scalar(_due_mail(now)) is not None
        if not hook_ids and not has_mail:
            return 0
        claimed = self._claim(hook_ids)
        outcomes = asyncio.run(self._send_all(claimed))
        for one, outcome in zip(claimed, outcomes, strict=True):
            self._mark(one, outcome)
        return len(claimed)

    def run(self, stopping: threading.Event) -> None:
        """Sweep until told to stop, through outages of the database."""
        while not stopping.is_set():
            try:
                # As long as there is something, at once again: a burst takes no seconds each.
                if self.sweep():
                    continue
            except Exception as error:  # noqa: BLE001  # Whatever is away comes back; the rows wait.
                logger.warning("no alerts for a moment: %s: %s", type(error).__name__, error)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)
            stopping.wait(self._settings.notify_interval_seconds)

    def _claim(self, hook_ids: Sequence[str]) -> list[_Claimed]:
        with self._database.write(survives_power_cut=False) as session:
            now = database_now(session)
            due = [
                *(_oldest_due(session, hook_id, now) for hook_id in hook_ids),
                session.scalars(_due_mail(now).with_for_update(skip_locked=True)).one_or_none(),
            ]
            return [self._take(session, message, now) for message in due if message is not None]

    def _take(
        self, session: Session, message: WebhookDelivery | AlertMail, now: datetime
    ) -> _Claimed:
        message.token = secrets.token_hex(16)
        message.lease_until = now + timedelta(seconds=LEASE_SECONDS)
        message.tries += 1
        return _Claimed(type(message), message.id, message.token, self._content(session, message))

    def _content(
        self, session: Session, message: WebhookDelivery | AlertMail
    ) -> WebhookMessage | MailMessage | None:
        if isinstance(message, AlertMail):
            return MailMessage(message.event_id, message.event, message.payload, message.created_at)
        hook = session.get_one(Webhook, message.webhook_id)
        try:
            secret = webhook_secret(self._key_ring, hook)
        except SealBroken:
            return None
        return WebhookMessage(
            message.id, message.event, message.event_id, hook.url, secret, message.payload
        )

    async def _send_all(self, claimed: Sequence[_Claimed]) -> list[Outcome]:
        async with make_client() as client:
            return await asyncio.gather(*(self._send(client, one) for one in claimed))

    async def _send(self, client: httpx.AsyncClient, claimed: _Claimed) -> Outcome:
        if claimed.content is None:
            return Outcome(error=_NOT_SENT)
        if isinstance(claimed.content, WebhookMessage):
            allow_private = self._settings.webhook_allow_private
            return await send(client, claimed.content, allow_private=allow_private)
        try:
            await asyncio.to_thread(send_mail, self._settings, claimed.content)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(error=f"{type(error).__name__}: {str(error)[:200]}")
        return Outcome()

    def _mark(self, claimed: _Claimed, outcome: Outcome) -> None:
        with self._database.write() as session:
            message: WebhookDelivery | AlertMail | None
            if claimed.table is WebhookDelivery:
                message = session.get(WebhookDelivery, claimed.id, with_for_update=True)
            else:
                message = session.get(AlertMail, claimed.id, with_for_update=True)
            if message is None or message.token != claimed.token:
                return  # It was removed, or given to another notifier meanwhile.
            record_outcome(session, message, outcome, now=database_now(session))


def record_outcome(
    session: Session, message: WebhookDelivery | AlertMail, outcome: Outcome, *, now: datetime
) -> None:
    """Record what became of a try: delivered, due again after a pause, or given up."""
    message.lease_until, message.token = None, None
    message.last_error = outcome.error
    if outcome.error is None:
        message.state, message.finished_at = DeliveryState.DELIVERED, now
    elif now >= message.give_up_at or outcome.is_gone:
        message.state, message.finished_at = DeliveryState.FAILED, now
        logger.warning("message %s was given up: %s", message.id, outcome.error)
    else:
        pause = PAUSES_SECONDS[min(message.tries, len(PAUSES_SECONDS)) - 1]
        message.not_before = min(now + timedelta(seconds=pause), message.give_up_at)
    if isinstance(message, WebhookDelivery):
        message.response_status = outcome.status
        _note(session.get_one(Webhook, message.webhook_id, with_for_update=True), outcome, now)


def _note(hook: Webhook, outcome: Outcome, now: datetime) -> None:
    """Remember how the webhook does; one that takes nothing for a day is switched off."""
    if outcome.error is None:
        hook.delivered_at, hook.failing_since = now, None
        return
    hook.failing_since = hook.failing_since or now
    if outcome.is_gone:
        note = "It answered 410: it wants nothing any more."
    elif now - hook.failing_since >= DISABLE_AFTER:
        note = f"It took nothing for {DISABLE_AFTER.days * 24} hours. {outcome.error}"
    else:
        return
    hook.disabled_at, hook.disabled_note = now, note
    logger.warning("webhook %s was switched off: %s", hook.id, note)


def _is_due(table: type[Outgoing], now: datetime) -> ColumnElement[bool]:
    return and_(
        table.state == DeliveryState.PENDING,
        table.not_before <= now,
        or_(table.lease_until.is_(None), table.lease_until <= now),
    )


def _due_webhooks(now: datetime) -> Select[str]:
    """Return who has something due and is sent nothing just now, the longest waiting first."""
    busy = select(WebhookDelivery.webhook_id).where(
        WebhookDelivery.state == DeliveryState.PENDING, WebhookDelivery.lease_until > now
    )
    return (
        select(WebhookDelivery.webhook_id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            _is_due(WebhookDelivery, now),
            Webhook.disabled_at.is_(None),
            WebhookDelivery.webhook_id.not_in(busy),
        )
        .group_by(WebhookDelivery.webhook_id)
        .order_by(func.min(WebhookDelivery.not_before))
        .limit(AT_ONCE)
    )


def _oldest_due(session: Session, hook_id: str, now: datetime) -> WebhookDelivery | None:
    return session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == hook_id, _is_due(WebhookDelivery, now))
        .order_by(WebhookDelivery.not_before, WebhookDelivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _due_mail(now: datetime) -> Select[AlertMail]:
    due = select(AlertMail).where(_is_due(AlertMail, now))
    return due.order_by(AlertMail.not_before, AlertMail.id).limit(1)
