"""Rules of incidents and of decisions about them. Nothing here commits.

What an incident says is computed by the workers; a person decides what it means.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from api import audit
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action, authorize, load, visible_to
from api.context import Context
from api.field_types import NONE_SEEN
from api.incidents.claims import claim_attempt
from api.incidents.reasons import REASONS_FOR, IncidentReason
from api.incidents.schemas import (
    IncidentAnswer,
    IncidentReviewAnswer,
    NewIncidentReview,
)
from api.paging import Page, newest_first
from api.principal import Person, Principal
from api.problems import InvalidRequest, NotToReview
from models.attempt import Attempt
from models.base import new_id
from models.incident import (
    GROWS_BY_ITSELF,
    Incident,
    IncidentReview,
    has_outgrown,
    outgrown_seconds,
)
from models.job import arm
from models.statuses import IncidentDecision, IncidentKind, IncidentReviewState, JobKind, Severity
from models.user import User


@dataclass(frozen=True)
class IncidentFilter:
    """Which incidents are wanted; what is None does not matter."""

    exam_id: str | None = None
    attempt_id: str | None = None
    kind: IncidentKind | None = None
    severity: Severity | None = None
    review_state: IncidentReviewState | None = None
    is_open: bool | None = None
    """Whether it still goes on."""
    with_withdrawn: bool = False


def list_incidents(
    session: Session, principal: Principal, page: Page, wanted: IncidentFilter
) -> tuple[list[Incident], str | None]:
    """Return incidents, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, Incident)
    statement = visible_to(principal, matching(wanted), Incident)
    return newest_first(session, statement, Incident.id, page)


def matching(wanted: IncidentFilter) -> Select[Incident]:
    """Return the statement for the incidents a filter lets through."""
    statement = select(Incident)
    if not wanted.with_withdrawn:
        statement = statement.where(Incident.withdrawn_at.is_(None))
    if wanted.exam_id is not None:
        of_exam = select(Attempt.id).where(Attempt.exam_id == wanted.exam_id)
        statement = statement.where(Incident.attempt_id.in_(of_exam))
    if wanted.is_open is not None:
        is_open = Incident.closed_at.is_(None)
        statement = statement.where(is_open if wanted.is_open else ~is_open)
    for name in ("attempt_id", "kind", "severity", "review_state"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(Incident, name) == value)
    return statement


def incidents_of_attempt(session: Session, attempt_id: str) -> list[Incident]:
    """Return the incidents of an attempt that stand, in the order they opened."""
    rows = session.scalars(
        matching(IncidentFilter(attempt_id=attempt_id)).order_by(Incident.opened_at, Incident.id)
    )
    return list(rows)


def incident_answers(session: Session, incidents: Sequence[Incident]) -> list[IncidentAnswer]:
    """Return incidents as callers see them, with one query for all."""
    attempts = _attempts(session, {incident.attempt_id for incident in incidents})
    return [_answer(incident, attempts[incident.attempt_id]) for incident in incidents]


def reviews_of(
    session: Session, incident_ids: Collection[str]
) -> dict[str, list[IncidentReviewAnswer]]:
    """Return every decision, oldest first, by incident id."""
    rows = session.execute(
        select(IncidentReview, User.display_name)
        .join(User, User.id == IncidentReview.reviewer_id)
        .where(IncidentReview.incident_id.in_(incident_ids))
        .order_by(IncidentReview.id)
    )
    found: dict[str, list[IncidentReviewAnswer]] = {one: [] for one in incident_ids}
    for review, name in rows:
        names = IncidentReviewAnswer.model_fields.keys() - {"reviewer_name"}
        columns = {field: getattr(review, field) for field in names}
        answer = IncidentReviewAnswer(**columns, reviewer_name=name)
        found[review.incident_id].append(answer)
    return found


def locked_to_review(
    session: Session, person: Person, incident_id: str
) -> tuple[Attempt, Incident]:
    """Return an incident and its attempt, locked, both as they are now.

    Workers who bring incidents up to date hold the attempt: what one of them committed while
    this waited for the lock is read.
    """
    incident = load(session, person, Action.REVIEW, Incident, incident_id)
    attempt = locked_own_attempt(session, person, Action.REVIEW, incident.attempt_id)
    session.refresh(incident)
    return attempt, incident


def add_incident_review(
    session: Session,
    context: Context,
    person: Person,
    attempt: Attempt,
    incident: Incident,
    wanted: NewIncidentReview,
    request_id: str,
) -> IncidentReview:
    """Record a named person's decision on an incident of a locked attempt.

    Whoever asked for a second review does not give it. The same decision sent twice is one.

    Raises
    ------
    ReviewClaimed
        Somebody else reviews the attempt just now.
    NotToReview
        It was withdrawn, the person asked for another pair of eyes, somebody decided unseen, or
        it has grown well beyond what was seen.
    InvalidRequest
        The reasons do not go with the decision, or a note is missing.
    """
    claim_attempt(session, context, person, attempt)
    _check_decidable(session, person, incident)
    _check_reasons(wanted)
    earlier = _newest_review(session, incident.id)
    if earlier is not None and _is_same(earlier, person, incident, wanted):
        return earlier
    if wanted.seen_review_id not in {None, earlier.id if earlier else NONE_SEEN}:
        raise NotToReview(
            "Somebody decided about this incident since you opened it.",
            next_step="Read that decision, then decide again if you still want to.",
        )
    _check_has_not_grown(incident, wanted)
    review = IncidentReview(
        id=new_id("rev"),
        incident_id=incident.id,
        reviewer_id=person.user_id,
        decision=wanted.decision.value,
        reason_codes=[code.value for code in wanted.reason_codes],
        note=wanted.note,
        severity=incident.severity,
        lasted_seconds=_seen_seconds(incident, wanted),
        created_at=context.clock(),
    )
    session.add(review)
    incident.review_state = IncidentReviewState(wanted.decision.value)
    incident.updated_at = review.created_at
    _arm_look_after(session, incident, review)
    detail = {"decision": wanted.decision.value, "attempt_id": attempt.id}
    audit.record(session, context, person, "incident.reviewed", incident.id, request_id, detail)
    session.flush()
    return review


def _check_decidable(session: Session, person: Person, incident: Incident) -> None:
    if incident.withdrawn_at is not None:
        raise NotToReview(
            "The incident was withdrawn: the record no longer shows it.",
            next_step="Go on with the next one.",
        )
    if incident.review_state != IncidentReviewState.SECOND_REVIEW:
        return
    newest = _newest_review(session, incident.id)
    if newest is not None and newest.reviewer_id == person.user_id:
        raise NotToReview(
            "You asked for a second review of this incident.",
            next_step="Somebody else has to decide it.",
        )


def _check_has_not_grown(incident: Incident, wanted: NewIncidentReview) -> None:
    """Return when what the person saw is what there is: a dismissal holds for no more."""
    severity = Severity(incident.severity)
    seen_severity = wanted.seen_severity or severity
    if severity.rank > seen_severity.rank:
        raise NotToReview(
            f"The incident has become {severity}; it was {seen_severity} when you opened it.",
            next_step="Look at it again, then decide.",
        )
    is_longer = has_outgrown(
        severity=severity,
        lasted_seconds=incident.lasted_seconds,
        seen_severity=severity,
        seen_seconds=wanted.seen_lasted_seconds,
    )
    if is_longer and wanted.decision is IncidentDecision.DISMISSED:
        raise NotToReview(
            "The incident has gone on for long since you opened it.",
            next_step="Look at what came since, then decide.",
        )


def _seen_seconds(incident: Incident, wanted: NewIncidentReview) -> float:
    """Return how much of the incident the person saw, and never more than there is."""
    if wanted.seen_lasted_seconds is None:
        return incident.lasted_seconds
    return min(wanted.seen_lasted_seconds, incident.lasted_seconds)


def _arm_look_after(session: Session, incident: Incident, review: IncidentReview) -> None:
    """Have it looked at when a dismissed incident that grows by itself is more than was seen."""
    goes_on = incident.closed_at is None and incident.kind in GROWS_BY_ITSELF
    if review.decision != IncidentDecision.DISMISSED or not goes_on:
        return
    seen_seconds = review.lasted_seconds or 0.0
    left = timedelta(seconds=outgrown_seconds(seen_seconds) - incident.lasted_seconds)
    arm(session, JobKind.FIND_INCIDENTS, incident.attempt_id, now=review.created_at + left)


def _newest_review(session: Session, incident_id: str) -> IncidentReview | None:
    return session.scalars(
        select(IncidentReview)
        .where(IncidentReview.incident_id == incident_id)
        .order_by(IncidentReview.id.desc())
        .limit(1)
    ).one_or_none()


def _is_same(
    earlier: IncidentReview, person: Person, incident: Incident, wanted: NewIncidentReview
) -> bool:
    """Tell whether this is the decision that stands, by the same person in the same words."""
    return (
        incident.review_state == wanted.decision.value == earlier.decision
        and earlier.reviewer_id == person.user_id
        and earlier.reason_codes == [code.value for code in wanted.reason_codes]
        and earlier.note == wanted.note
    )


def _check_reasons(wanted: NewIncidentReview) -> None:
    if not wanted.reason_codes:
        raise InvalidRequest.at("reason_codes", "must name at least one reason")
    unfit = [code for code in wanted.reason_codes if code not in REASONS_FOR[wanted.decision]]
    if unfit:
        fit = ", ".join(REASONS_FOR[wanted.decision])
        raise InvalidRequest.at(
            "reason_codes", f"{unfit[0]} does not go with {wanted.decision}; these do: {fit}"
        )
    if IncidentReason.OTHER in wanted.reason_codes and not wanted.note:
        raise InvalidRequest.at("note", "must say what the other reason is")


def _attempts(
    session: Session, attempt_ids: Collection[str]
) -> dict[str, Row[str, str | None, str]]:
    rows = session.execute(
        select(Attempt.id, Attempt.exam_id, Attempt.subject_id).where(Attempt.id.in_(attempt_ids))
    )
    return {row.id: row for row in rows}


def _answer(incident: Incident, attempt: Row[str, str | None, str]) -> IncidentAnswer:
    names = IncidentAnswer.model_fields.keys() - {"exam_id", "subject_id"}
    columns = {name: getattr(incident, name) for name in names}
    return IncidentAnswer(**columns, exam_id=attempt.exam_id, subject_id=attempt.subject_id)
