"""The first face-monitor's events, bound to an attempt of whoever sends them."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.attempts.sitting import locked_own_attempt
from api.authorization import Action
from api.context import Context
from api.events.schemas import EventsReceipt, NewEvent
from api.events.service import store_events
from api.monitor.schemas import FaceEvent, TabEvent
from api.principal import Person
from api.problems import AttemptNotStarted, InvalidRequest
from models.attempt import Attempt
from models.client_event import ClientEventKind
from models.statuses import FRAME_STATES


def store_monitor_events(
    session: Session,
    context: Context,
    person: Person,
    kind: ClientEventKind,
    events: Sequence[FaceEvent | TabEvent],
    attempt_id: str | None,
) -> EventsReceipt:
    """Store the events for the named attempt, else for the person's only open one.

    These clients send no event ids, so that an id is made from what an event says: the same
    reason at the same moment is the same event, however often it is sent.

    Raises
    ------
    AttemptNotStarted
        The person has no open attempt.
    InvalidRequest
        There are several, and none is named.
    """
    if attempt_id is None:
        attempt_id = _only_open_attempt_id(session, person)
    attempt = locked_own_attempt(session, person, Action.SEND, attempt_id)
    named = [_with_id(kind, event) for event in events]
    return store_events(session, attempt, named, context.clock())


def _only_open_attempt_id(session: Session, person: Person) -> str:
    open_ids = session.scalars(
        select(Attempt.id)
        .where(Attempt.subject_id == person.subject_id, Attempt.state.in_(FRAME_STATES))
        .limit(2)
    ).all()
    if not open_ids:
        raise AttemptNotStarted("You have no open attempt.")
    if len(open_ids) > 1:
        raise InvalidRequest.at("attempt_id", "you have several open attempts; name one")
    return open_ids[0]


def _with_id(kind: ClientEventKind, event: FaceEvent | TabEvent) -> NewEvent:
    said = f"{kind}|{event.reason}|{event.timestamp.isoformat(timespec='microseconds')}"
    return NewEvent(
        id=f"said-{hashlib.sha256(said.encode()).hexdigest()[:40]}",
        kind=kind,
        reason=event.reason,
        client_at=event.timestamp,
    )
