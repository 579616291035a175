"""Messages on their way out: which are due, and what is recorded of a try."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from models.statuses import DeliveryState
from models.webhook import AlertMail, Outgoing, Webhook, WebhookDelivery
from worker.webhook_sender import Outcome

logger = logging.getLogger(__name__)

PAUSES_SECONDS = (10, 30, 60, 300, 900, 1800, 3600, 7200, 14400)
"""Between the tries; the last one repeats until the message is given up."""

DISABLE_AFTER = timedelta(hours=24)
"""A webhook that took nothing for so long is switched off."""

SWITCHED_OFF = "Not sent: the webhook was switched off for too long."


def due_webhooks(now: datetime, *, failing: bool, limit: int) -> Select[str]:
    """Return who has something due and is sent nothing just now, the longest waiting first."""
    busy = select(WebhookDelivery.webhook_id).where(
        WebhookDelivery.state == DeliveryState.PENDING, WebhookDelivery.lease_until > now
    )
    is_failing = Webhook.failing_since.is_not(None)
    return (
        select(WebhookDelivery.webhook_id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            _is_due(WebhookDelivery, now),
            Webhook.disabled_at.is_(None),
            is_failing if failing else ~is_failing,
            WebhookDelivery.webhook_id.not_in(busy),
        )
        .group_by(WebhookDelivery.webhook_id)
        .order_by(func.min(WebhookDelivery.not_before))
        .limit(limit)
    )


def oldest_due(session: Session, hook_id: str, now: datetime) -> WebhookDelivery | None:
    """Return what a webhook has waited for longest, locked; None when another notifier has it."""
    return session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == hook_id, _is_due(WebhookDelivery, now))
        .order_by(WebhookDelivery.not_before, WebhookDelivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def due_mail(now: datetime) -> Select[AlertMail]:
    """Return the e-mail that has waited longest."""
    due = select(AlertMail).where(_is_due(AlertMail, now))
    return due.order_by(AlertMail.not_before, AlertMail.id).limit(1)


def overdue_of_disabled(now: datetime) -> Select[str]:
    """Return what waited until it was too late for its webhook to be switched on again."""
    return (
        select(WebhookDelivery.id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            _is_due(WebhookDelivery, now),
            WebhookDelivery.give_up_at <= now,
            Webhook.disabled_at.is_not(None),
        )
        .limit(500)
    )


def give_up_overdue(session: Session, now: datetime) -> None:
    """Give up what waits for a switched-off webhook and is too old to be sent."""
    ids = session.scalars(overdue_of_disabled(now)).all()
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(ids), _is_due(WebhookDelivery, now))
        .values(state=DeliveryState.FAILED, finished_at=now, last_error=SWITCHED_OFF)
        .execution_options(synchronize_session=False)
    )


def record_outcome(
    message: WebhookDelivery | AlertMail, outcome: Outcome, *, now: datetime
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


def note_outcome(hook: Webhook, outcome: Outcome, *, now: datetime) -> None:
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
