"""What webhooks look like in requests and answers."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.field_types import Moment
from models.statuses import AlertEvent, DeliveryState, Severity
from models.webhook import URL_LENGTH, Outgoing, Webhook, WebhookDelivery

EVENTS = tuple(event for event in AlertEvent if event is not AlertEvent.TEST)
"""What can be subscribed to."""


class NewWebhook(BaseModel):
    """An address that wants to be told."""

    url: Annotated[str, Field(min_length=1, max_length=URL_LENGTH)]
    events: Annotated[list[AlertEvent], Field(min_length=1, max_length=len(EVENTS))]
    min_severity: Severity = Severity.LOW
    """Incidents below it are not told."""


class WebhookAnswer(BaseModel):
    """A webhook. Its secret is told once, when it is made."""

    id: str
    owner_client_id: str | None
    url: str
    events: list[AlertEvent]
    min_severity: Severity
    created_at: Moment
    delivered_at: Moment | None
    failing_since: Moment | None
    disabled_at: Moment | None
    disabled_note: str | None


class NewWebhookAnswer(WebhookAnswer):
    """A webhook that was just made."""

    secret: str
    """Signs every message. It is not shown again."""


class WebhookPage(BaseModel):
    """Webhooks, newest first."""

    items: list[WebhookAnswer]
    next_cursor: str | None


class DeliveryAnswer(BaseModel):
    """One message and what became of it."""

    id: str
    webhook_id: str
    event: str
    event_id: str
    state: DeliveryState
    tries: int
    response_status: int | None
    last_error: str | None
    created_at: Moment
    next_try_at: Moment | None
    finished_at: Moment | None
    payload: dict[str, Any]


class DeliveryPage(BaseModel):
    """Messages, newest first."""

    items: list[DeliveryAnswer]
    next_cursor: str | None


def webhook_answer(hook: Webhook) -> WebhookAnswer:
    """Return the webhook as its owner sees it."""
    return WebhookAnswer(**_columns(hook, WebhookAnswer))


def new_webhook_answer(hook: Webhook, secret: str) -> NewWebhookAnswer:
    """Return a new webhook with its secret."""
    return NewWebhookAnswer(**_columns(hook, WebhookAnswer), secret=secret)


def delivery_answer(delivery: WebhookDelivery) -> DeliveryAnswer:
    """Return the message as the webhook's owner sees it."""
    names = DeliveryAnswer.model_fields.keys() - {"next_try_at"}
    columns = {name: getattr(delivery, name) for name in names}
    return DeliveryAnswer(**columns, next_try_at=next_try_at(delivery))


def next_try_at(message: Outgoing) -> Any:
    """Return when the message is tried next; None when it is over."""
    return message.not_before if message.state == DeliveryState.PENDING else None


def _columns(hook: Webhook, model: type[BaseModel]) -> dict[str, Any]:
    return {name: getattr(hook, name) for name in model.model_fields}
