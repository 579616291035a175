"""Rules of webhooks. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize, load, visible_to
from api.context import Context
from api.paging import Page, newest_first
from api.principal import Principal, System
from api.problems import InvalidRequest, NotFound, WebhookDisabled
from api.webhooks.schemas import EVENTS, NewWebhook
from models.alerts import GIVE_UP_AFTER, queue_test
from models.base import new_id
from models.database import database_now
from models.outbound_address import AddressRefused, checked_url
from models.statuses import DeliveryState
from models.webhook import Outgoing, Webhook, WebhookDelivery, webhook_secret

WEBHOOKS_MAX = 20
"""Of one owner. Each is asked for at every incident."""


def add_webhook(
    session: Session, context: Context, principal: Principal, wanted: NewWebhook, request_id: str
) -> tuple[Webhook, str]:
    """Add a webhook of the system, or of the house when an admin adds it; return its secret too.

    Raises
    ------
    InvalidRequest
        The address cannot be used, or the owner has too many.
    """
    authorize(principal, Action.CREATE, Webhook)
    try:
        checked_url(wanted.url, allow_private=context.settings.webhook_allow_private)
    except AddressRefused as refused:
        raise InvalidRequest.at("url", str(refused)) from None
    if not set(wanted.events) <= set(EVENTS):
        raise InvalidRequest.at("events", f"must be among {', '.join(EVENTS)}")
    owner_id = principal.client_id if isinstance(principal, System) else None
    own = select(func.count()).select_from(Webhook).where(Webhook.owner_client_id == owner_id)
    if (session.scalar(own) or 0) >= WEBHOOKS_MAX:
        raise InvalidRequest.at("url", f"is one too many: there can be {WEBHOOKS_MAX}, remove one")
    hook_id = new_id("whk")
    hook = Webhook(
        id=hook_id,
        owner_client_id=owner_id,
        url=wanted.url,
        events=[event.value for event in EVENTS if event in wanted.events],
        min_severity=wanted.min_severity,
        sealed_key=context.key_ring.new_sealed_key(hook_id),
        created_by=principal.actor,
        created_at=context.clock(),
    )
    session.add(hook)
    session.flush()
    audit.record(session, context, principal, "webhook.created", hook.id, request_id)
    return hook, webhook_secret(context.key_ring, hook)


def list_webhooks(
    session: Session, principal: Principal, page: Page
) -> tuple[list[Webhook], str | None]:
    """Return the principal's webhooks, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, Webhook)
    return newest_first(session, visible_to(principal, select(Webhook), Webhook), Webhook.id, page)


def list_deliveries(
    session: Session, principal: Principal, webhook_id: str, page: Page
) -> tuple[list[WebhookDelivery], str | None]:
    """Return what was sent to a webhook, newest first, and the cursor of the next page."""
    hook = load(session, principal, Action.READ, Webhook, webhook_id)
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id)
    return newest_first(session, statement, WebhookDelivery.id, page)


def remove_webhook(
    session: Session, context: Context, principal: Principal, webhook_id: str, request_id: str
) -> None:
    """Remove a webhook and what is on its way to it."""
    hook = _locked(session, principal, webhook_id)
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id))
    session.delete(hook)
    audit.record(session, context, principal, "webhook.deleted", hook.id, request_id)


def enable_webhook(
    session: Session, context: Context, principal: Principal, webhook_id: str, request_id: str
) -> Webhook:
    """Switch a webhook on again; what still waits for it is sent."""
    hook = _locked(session, principal, webhook_id)
    if hook.disabled_at is not None:
        hook.disabled_at = hook.disabled_note = hook.failing_since = None
        audit.record(session, context, principal, "webhook.enabled", hook.id, request_id)
    return hook


def send_test(
    session: Session, context: Context, principal: Principal, webhook_id: str, request_id: str
) -> None:
    """Queue a message by which the owner sees whether messages arrive.

    Raises
    ------
    WebhookDisabled
    """
    hook = _locked(session, principal, webhook_id)
    _check_enabled(hook)
    queue_test(session, hook, now=database_now(session))
    audit.record(session, context, principal, "webhook.tested", hook.id, request_id)


def redeliver(
    session: Session,
    context: Context,
    principal: Principal,
    webhook_id: str,
    delivery_id: str,
    request_id: str,
) -> WebhookDelivery:
    """Send a message again, as it was, and with new time to be tried; one that waits goes at once.

    Raises
    ------
    NotFound
        The webhook has no such message.
    WebhookDisabled
    """
    hook = _locked(session, principal, webhook_id)
    _check_enabled(hook)
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.webhook_id != hook.id:
        raise NotFound
    send_again(delivery, database_now(session))
    audit.record(session, context, principal, "webhook.redelivered", hook.id, request_id)
    return delivery


def send_again(message: Outgoing, now: datetime) -> None:
    """Make a locked message due now."""
    message.state, message.finished_at = DeliveryState.PENDING, None
    message.not_before, message.give_up_at = now, now + GIVE_UP_AFTER


def latest_deliveries(session: Session, limit: int) -> Sequence[WebhookDelivery]:
    """Return the newest messages of all webhooks, for admins."""
    return session.scalars(
        select(WebhookDelivery).order_by(WebhookDelivery.id.desc()).limit(limit)
    ).all()


def _locked(session: Session, principal: Principal, webhook_id: str) -> Webhook:
    hook = load(session, principal, Action.MANAGE, Webhook, webhook_id)
    return session.get_one(Webhook, hook.id, with_for_update=True, populate_existing=True)


def _check_enabled(hook: Webhook) -> None:
    if hook.disabled_at is not None:
        raise WebhookDisabled
