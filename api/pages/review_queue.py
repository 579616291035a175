"""What waits for a reviewer, the plainest first. Practice is never decided, and not in it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from api.authorization import ID_PATTERN, Action, authorize, visible_to
from api.context import Context
from api.incidents.service import IncidentFilter, matching
from api.principal import Person
from api.subjects.names import shown_name
from models.attempt import Attempt
from models.exam import Exam
from models.incident import WAITING_FOR_REVIEW, Incident, ReviewClaim
from models.statuses import IncidentKind, Severity
from models.subject import Subject
from models.user import User

QUEUE_SHOWN = 50

WHOLE_QUEUE = IncidentFilter()


@dataclass(frozen=True)
class Narrowing:
    """The part of the queue somebody works on; addresses carry it from incident to incident."""

    exam: str = ""
    kind: IncidentKind | Literal[""] = ""
    severity: Severity | Literal[""] = ""

    @property
    def exam_id(self) -> str | None:
        """The exam, unless what was given is no id."""
        return self.exam if re.match(ID_PATTERN, self.exam) else None

    @property
    def wanted(self) -> IncidentFilter:
        """The filter for this part, whatever was decided."""
        return IncidentFilter(
            exam_id=self.exam_id, kind=self.kind or None, severity=self.severity or None
        )

    @property
    def query(self) -> str:
        """What an address carries of it; empty for the whole queue."""
        given = {"exam": self.exam_id, "kind": self.kind, "severity": self.severity}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"?{query}" if query else ""


@dataclass(frozen=True)
class QueuedIncident:
    """One line of the queue."""

    incident: Incident
    name: str
    title: str
    claimed_by: str | None
    """Somebody else who reviews the attempt just now."""


@dataclass(frozen=True)
class QueuePlace:
    """Where a page of the queue begins: the last line of the page before."""

    evidence: float
    incident_id: str

    def __str__(self) -> str:
        return f"{self.evidence!r}_{self.incident_id}"


def queue(
    session: Session,
    context: Context,
    person: Person,
    wanted: IncidentFilter,
    *,
    only_waiting: bool,
    after: QueuePlace | None = None,
) -> tuple[list[QueuedIncident], QueuePlace | None]:
    """Return the part of the queue that follows `after`, and where the next part begins."""
    authorize(person, Action.LIST, Incident)
    statement = _queued(visible_to(person, matching(wanted), Incident), only_waiting=only_waiting)
    if after is not None:
        statement = statement.where(
            or_(
                Incident.evidence < after.evidence,
                and_(Incident.evidence == after.evidence, Incident.id < after.incident_id),
            )
        )
    found = session.scalars(statement.limit(QUEUE_SHOWN + 1)).all()
    lines = _lines(session, context.clock(), person, list(found[:QUEUE_SHOWN]))
    if len(found) <= QUEUE_SHOWN:
        return lines, None
    last = found[QUEUE_SHOWN - 1]
    return lines, QueuePlace(last.evidence, last.id)


def neighbours(
    session: Session, incident: Incident, wanted: IncidentFilter
) -> tuple[str | None, str | None]:
    """Return the waiting incidents before and after this one in a part of the queue."""
    waiting = _queued(matching(wanted), only_waiting=True).with_only_columns(Incident.id)
    same = Incident.evidence == incident.evidence
    behind = or_(Incident.evidence < incident.evidence, and_(same, Incident.id < incident.id))
    ahead = or_(Incident.evidence > incident.evidence, and_(same, Incident.id > incident.id))
    following = session.scalars(waiting.where(behind).limit(1)).one_or_none()
    backwards = waiting.where(ahead).order_by(None).order_by(Incident.evidence, Incident.id)
    return session.scalars(backwards.limit(1)).one_or_none(), following


def waiting_count(session: Session, wanted: IncidentFilter = WHOLE_QUEUE) -> int:
    """Return how many incidents of a part of the queue wait for a person."""
    waiting = _queued(matching(wanted), only_waiting=True).order_by(None)
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def _queued(statement: Select[Incident], *, only_waiting: bool) -> Select[Incident]:
    is_practice = exists().where(Attempt.id == Incident.attempt_id, Attempt.is_practice)
    statement = statement.where(~is_practice)
    if only_waiting:
        statement = statement.where(Incident.review_state.in_(WAITING_FOR_REVIEW))
    return statement.order_by(Incident.evidence.desc(), Incident.id.desc())


def _lines(
    session: Session, now: datetime, person: Person, incidents: list[Incident]
) -> list[QueuedIncident]:
    attempt_ids = {incident.attempt_id for incident in incidents}
    rows = session.execute(
        select(Attempt.id, Subject.display_name, Subject.erased_at, Exam.title, Attempt.label)
        .join(Subject, Subject.id == Attempt.subject_id)
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .where(Attempt.id.in_(attempt_ids))
    )
    about: dict[str, Any] = {row.id: row for row in rows}
    claims = session.execute(
        select(ReviewClaim.attempt_id, User.display_name)
        .join(User, User.id == ReviewClaim.reviewer_id)
        .where(
            ReviewClaim.attempt_id.in_(attempt_ids),
            ReviewClaim.claimed_until > now,
            ReviewClaim.reviewer_id != person.user_id,
        )
    )
    claimed: dict[str, str] = dict(claims.all())
    return [
        QueuedIncident(
            incident=incident,
            name=shown_name(row.display_name, row.erased_at),
            title=_title(row),
            claimed_by=claimed.get(incident.attempt_id),
        )
        for incident in incidents
        for row in [about[incident.attempt_id]]
    ]


def _title(row: Any) -> str:
    title: str = row.title or row.label or "Without an exam"
    return title
