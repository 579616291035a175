"""Storing what clients report: once each, with the client's clock and the server's."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.events.schemas import EventsReceipt, NewEvent
from api.problems import AttemptClosed, AttemptNotReady
from models.attempt import Attempt
from models.base import new_id
from models.client_event import LEAVING_REASONS, RETURNING_REASONS, ClientEvent
from models.job import arm
from models.statuses import FRAME_STATES, AttemptState, JobKind

LOOK_AFTER = timedelta(seconds=1)
"""Reports come in swarms, as when a window is left and hidden at once: one look serves them all."""

EVENTS_AFTER_SUBMIT = timedelta(minutes=10)
"""How long after handing in a client may still deliver what it reported during the attempt."""


def store_events(
    session: Session, attempt: Attempt, events: Sequence[NewEvent], now: datetime
) -> EventsReceipt:
    """Store the events of a locked attempt that are new, in the order they were sent in.

    The lock makes reports of one attempt take turns, so that none is stored twice.

    Raises
    ------
    AttemptNotReady, AttemptClosed
        The attempt takes no events at `now`.
    """
    check_takes_events(attempt, now)
    sent = {event.id: event for event in events}
    known = set(
        session.scalars(
            select(ClientEvent.client_event_id).where(
                ClientEvent.attempt_id == attempt.id, ClientEvent.client_event_id.in_(sent)
            )
        )
    )
    new = [event for event in sent.values() if event.id not in known]
    session.add_all(_row(attempt.id, event, now) for event in new)
    bears = any(event.reason in LEAVING_REASONS | RETURNING_REASONS for event in new)
    if bears and not attempt.is_practice:
        arm(session, JobKind.FIND_INCIDENTS, attempt.id, now=now + LOOK_AFTER)
    return EventsReceipt(accepted=len(new), duplicates=len(events) - len(new), received_at=now)


def check_takes_events(attempt: Attempt, now: datetime) -> None:
    """Return when the attempt takes events at `now`.

    Raises
    ------
    AttemptNotReady, AttemptClosed
        It does not yet, or does not any more.
    """
    if attempt.state == AttemptState.CREATED:
        raise AttemptNotReady("It takes no events before it is ready.")
    if attempt.state in FRAME_STATES:
        return
    submitted_at = attempt.submitted_at
    if submitted_at is None or now > submitted_at + EVENTS_AFTER_SUBMIT:
        raise AttemptClosed(f"The attempt is {attempt.state} and takes no events.")


def _row(attempt_id: str, event: NewEvent, now: datetime) -> ClientEvent:
    return ClientEvent(
        id=new_id("evt"),
        attempt_id=attempt_id,
        client_event_id=event.id,
        kind=event.kind,
        reason=event.reason,
        client_at=event.client_at,
        received_at=now,
        detail=event.detail,
    )
