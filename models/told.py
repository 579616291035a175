"""What a channel was told of an incident, and taking back what waits and no longer holds."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.statuses import AlertEvent, DeliveryState
from models.webhook import Outgoing

TAKEN_BACK = "Not sent again: the incident was withdrawn."


def is_about(key: str, events: Collection[str], incident_id: str) -> bool:
    """Tell whether an entry of `Outgoing.told` is one of the events of an incident."""
    event, object_id, *_ = key.split(":")
    return event in events and object_id == incident_id


def heard_of(messages: Iterable[Outgoing], incident_id: str) -> list[str]:
    """Return what a channel was told of an incident since its last withdrawal, as keys, in order.

    Parameters
    ----------
    messages
        Of the channel about the attempt, oldest first; what waits counts as told.
    """
    heard: list[str] = []
    for key in (key for message in messages for key in message.told):
        if is_about(key, (AlertEvent.INCIDENT_WITHDRAWN,), incident_id):
            heard = []
        elif is_about(key, tuple(AlertEvent), incident_id):
            heard.append(key)
    return heard


def is_waiting(message: Outgoing) -> bool:
    """Tell whether a message was never tried: it may still be changed."""
    return message.state == DeliveryState.PENDING and message.tries == 0


def take_back(
    session: Session, message: Outgoing, events: Collection[str], incident_id: str, now: datetime
) -> None:
    """Take events of an incident out of what a locked message will tell.

    One that waits tells of the rest, or is removed where nothing is left. One that was tried is
    the same in each try: it is given up if it tells of nothing else.
    """
    left = [key for key in message.told if not is_about(key, events, incident_id)]
    if len(left) == len(message.told):
        return
    if is_waiting(message) and left:
        kept = [
            item
            for item in (message.payload, *message.payload["more"])
            if item["event"] not in events or item["data"]["incident_id"] != incident_id
        ]
        _tell_only(message, kept, left)
    elif is_waiting(message):
        session.delete(message)
    elif not left and _may_be_tried(message, now):
        message.state, message.finished_at = DeliveryState.FAILED, now
        message.last_error = TAKEN_BACK


def _tell_only(message: Outgoing, items: list[dict[str, Any]], told: list[str]) -> None:
    first, more = items[0], items[1:]
    message.told, message.event, message.event_id = told, first["event"], first["id"]
    message.payload = {**first, "more": more, "more_count": len(told) - 1}


def _may_be_tried(message: Outgoing, now: datetime) -> bool:
    """Tell whether a message is pending and nobody sends it in this moment."""
    is_leased = message.lease_until is not None and message.lease_until > now
    return message.state == DeliveryState.PENDING and not is_leased
