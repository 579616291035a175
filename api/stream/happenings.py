"""What happened to attempts, read from the database: the same rows whichever process wrote them.

Verdicts and changes of state are found by their ids, which sort by time; incidents by
`updated_at`. Rows become visible out of this order, so whoever follows reads `OVERLAP` again.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.authorization import visible_to
from api.field_types import moment_text
from api.principal import Principal
from api.stream.recent import VERIFICATIONS, verification_event
from api.stream.schemas import AttemptEvent, IncidentEvent, VerificationEvent, incident_event
from api.subjects.names import shown_name
from models.attempt import Attempt, AttemptTransition
from models.base import first_id_at
from models.exam import Exam
from models.incident import Incident
from models.statuses import AttemptState
from models.subject import Subject
from models.verification import Verification

OVERLAP = timedelta(seconds=10)
"""How far behind its own id or stamp a row may become visible: the 5 s a writer waits for its turn,
and clocks of hosts that differ by as much again."""

Kind = Literal["verification", "incident", "attempt"]
Key = tuple[str, str]
"""A row and its version: the id, and `updated_at` of what changes."""


@dataclass(frozen=True)
class Happening:
    """One event, made once for all who are told."""

    kind: Kind
    key: Key
    at: datetime
    attempt_id: str
    exam_id: str | None
    owner_client_id: str | None
    """The system whose subject it is about."""
    data: str
    """JSON."""


@dataclass(frozen=True)
class Wish:
    """What a listener wants to hear."""

    principal: Principal
    exam_id: str | None = None
    attempt_id: str | None = None
    since: datetime | None = None
    """The cursor of the last event it knows."""


@dataclass
class News:
    """What a reading found."""

    keys: set[Key]
    """All that was in the range."""
    happenings: list[Happening] = field(default_factory=list)
    """What was new, in order of time."""
    is_too_much: bool = False
    """More was new than can be told."""


def read_news(session: Session, since: datetime, *, seen: Container[Key], most: int) -> News:
    """Return what happened since then and is not in `seen`, with six queries at most."""
    verifications = _ids(session, Verification.id, "ver", since)
    transitions = _ids(session, AttemptTransition.id, "trn", since)
    changed = session.execute(
        select(Incident.id, Incident.updated_at).where(Incident.updated_at >= since)
    )
    incidents = {(row.id, moment_text(row.updated_at)) for row in changed}
    news = News({*verifications, *transitions, *incidents})
    new = [[key for key in keys if key not in seen] for keys in (verifications, transitions)]
    changed_ids = [key for key in incidents if key not in seen]
    if sum(map(len, (*new, changed_ids))) > most:
        news.is_too_much = True
        return news
    news.happenings = _in_order(
        [
            *_read(session, VERIFICATIONS, Verification.id, new[0], _verification),
            *_read(session, _TRANSITIONS, AttemptTransition.id, new[1], _transition),
            *_read(session, _INCIDENTS, Incident.id, changed_ids, _incident),
        ]
    )
    # Changed once more between the two readings: the version that is told is the one seen.
    news.keys |= {happening.key for happening in news.happenings}
    return news


def read_missed(session: Session, wish: Wish, since: datetime, *, most: int) -> News:
    """Return what a listener may hear of and happened since then, with three queries."""
    sources = (
        (VERIFICATIONS.where(Verification.id >= first_id_at("ver", since)), _verification),
        (_TRANSITIONS.where(AttemptTransition.id >= first_id_at("trn", since)), _transition),
        (_INCIDENTS.where(Incident.updated_at >= since), _incident),
    )
    happenings: list[Happening] = []
    for statement, describe in sources:
        wanted = visible_to(wish.principal, statement, Attempt)
        if wish.exam_id is not None:
            wanted = wanted.where(Attempt.exam_id == wish.exam_id)
        if wish.attempt_id is not None:
            wanted = wanted.where(Attempt.id == wish.attempt_id)
        happenings += map(describe, session.execute(wanted.limit(most + 1)))
    keys = {happening.key for happening in happenings}
    if len(happenings) > most:
        return News(keys, is_too_much=True)
    return News(keys, _in_order(happenings))


def _ids(
    session: Session, column: InstrumentedAttribute[str], prefix: str, since: datetime
) -> list[Key]:
    found = session.scalars(select(column).where(column >= first_id_at(prefix, since)))
    return [(row_id, "") for row_id in found]


def _read(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    column: InstrumentedAttribute[str],
    keys: Sequence[Key],
    describe: Callable[[Row[*tuple[Any, ...]]], Happening],
) -> list[Happening]:
    if not keys:
        return []
    rows = session.execute(statement.where(column.in_([row_id for row_id, _ in keys])))
    return [describe(row) for row in rows]


def _in_order(happenings: list[Happening]) -> list[Happening]:
    return sorted(happenings, key=lambda happening: (happening.at, happening.key))


_WHOSE = (Attempt.exam_id, Subject.owner_client_id)

_TRANSITIONS: Select[*tuple[Any, ...]] = (
    select(
        AttemptTransition,
        Attempt.subject_id,
        Attempt.label,
        Attempt.is_practice,
        Attempt.state,
        Subject.display_name,
        Subject.erased_at,
        Exam.title,
        *_WHOSE,
    )
    .join(Attempt, Attempt.id == AttemptTransition.attempt_id)
    .join(Subject, Subject.id == Attempt.subject_id)
    .outerjoin(Exam, Exam.id == Attempt.exam_id)
)

_INCIDENTS: Select[*tuple[Any, ...]] = (
    select(Incident, Subject.display_name, Subject.erased_at, *_WHOSE)
    .join(Attempt, Attempt.id == Incident.attempt_id)
    .join(Subject, Subject.id == Attempt.subject_id)
    .where(Attempt.is_practice.is_(False))
)


def _verification(row: Row[*tuple[Any, ...]]) -> Happening:
    event = verification_event(row)
    return _happening("verification", event, row, event.created_at)


def _transition(row: Row[*tuple[Any, ...]]) -> Happening:
    transition: AttemptTransition = row.AttemptTransition
    event = AttemptEvent(
        id=transition.id,
        attempt_id=transition.attempt_id,
        exam_id=row.exam_id,
        subject_id=row.subject_id,
        display_name=row.display_name,
        shown_name=shown_name(row.display_name, row.erased_at),
        title=row.title or row.label,
        is_practice=row.is_practice,
        from_state=AttemptState(transition.from_state) if transition.from_state else None,
        to_state=AttemptState(transition.to_state),
        at=transition.at,
        reason=transition.reason,
        state=row.state,
    )
    return _happening("attempt", event, row, event.at)


def _incident(row: Row[*tuple[Any, ...]]) -> Happening:
    incident: Incident = row.Incident
    event = incident_event(
        incident,
        exam_id=row.exam_id,
        display_name=row.display_name,
        erased_at=row.erased_at,
    )
    return _happening("incident", event, row, event.updated_at, moment_text(event.updated_at))


def _happening(
    kind: Kind,
    event: VerificationEvent | IncidentEvent | AttemptEvent,
    row: Row[*tuple[Any, ...]],
    at: datetime,
    version: str = "",
) -> Happening:
    return Happening(
        kind=kind,
        key=(event.id, version),
        at=at,
        attempt_id=event.attempt_id,
        exam_id=row.exam_id,
        owner_client_id=row.owner_client_id,
        data=event.model_dump_json(by_alias=True),
    )
