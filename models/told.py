"""What a channel was told of an incident, and taking back what waits and no longer holds."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.statuses import AlertEvent, DeliveryState
from models.webhook import Outgoing

TAKEN_BACK = "Not sent again: the incident was withdrawn."


def key_of(event: str, object_id: str) -> str:
    """Return what stands in `Outgoing.told` for one thing told."""
    return f"{event}:{object_id}"


def heard_of(messages: Iterable[Outgoing], incident_id: str) -> list[str]:
    """Return the events a channel was told of an incident since its last withdrawal, in order.

    Parameters
    ----------
    messages
        Of the channel about the attempt, oldest first; what waits counts as told.
    """
    heard: list[str] = []
    for key in (key for message in messages for key in message.told):
        event, _, object_id = key.partition(":")
        if object_id == incident_id:
            heard = [] if event == AlertEvent.INCIDENT_WITHDRAWN else [*heard, event]
    return heard


def is_waiting(message: Outgoing) -> bool:
    """Tell whether a message was never tried: it may still be changed."""
    return message.state == DeliveryState.PENDING and message.tries == 0


def take_back(session: Session, message: Outgoing, keys: Collection[str], now: datetime) -> None:
    """Take things out of what a locked message will tell.

    One that waits tells of the rest, or is removed where nothing is left. One that was tried is
    the same in each try: it is given up if it tells of nothing else.
    """
    left = [key for key in message.told if key not in keys]
    if len(left) == len(message.told):
        return
    if is_waiting(message) and left:
        _leave_out(message, keys, left)
    elif is_waiting(message):
        session.delete(message)
    elif not left and _may_be_tried(message, now):
        message.state, message.finished_at = DeliveryState.FAILED, now
        message.last_error = TAKEN_BACK


def _leave_out(message: Outgoing, keys: Collection[str], left: list[str]) -> None:
    kept = [item for item in (message.payload, *message.payload["more"]) if _key(item) not in keys]
    first, more = kept[0], kept[1:]
    message.told, message.event, message.event_id = left, first["event"], first["id"]
    message.payload = {**first, "more": more, "more_count": len(left) - 1}


def _key(item: dict[str, Any]) -> str:
    return key_of(item["event"], item["data"]["incident_id"])


def _may_be_tried(message: Outgoing, now: datetime) -> bool:
    """Tell whether a message is pending and nobody sends it in this moment."""
    is_leased = message.lease_until is not None and message.lease_until > now
    return message.state == DeliveryState.PENDING and not is_leased
