"""The review desk: what waits for a person, and one incident with all that speaks about it."""

import re
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import audit
from api.attempts.answers import attempt_answer
from api.authorization import ID_PATTERN, Action, load
from api.context import Context, Ctx
from api.exams.listing import distinct_titles
from api.incidents.claims import claim_of
from api.incidents.reasons import REASON_WORDS, REASONS_FOR
from api.incidents.schemas import NewIncidentReview
from api.incidents.service import (
    add_incident_review,
    incidents_of_attempt,
    locked_to_review,
    reviews_of,
)
from api.pages.dashboard import names_of
from api.pages.form_values import typed_lines, validated
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.pages.review_queue import Narrowing, QueuePlace, neighbours, queue, waiting_count
from api.pages.warned_enrollments import warned_enrollment
from api.principal import AdminPerson, CurrentPerson, Person
from api.problems import InvalidRequest, NotToReview, Problem, ReviewClaimed
from api.request_id import RequestId
from api.reviews.answered import answered_attempts, answered_count
from api.reviews.service import decidable, reviews_answer
from models.attempt import Attempt
from models.enrollment import ReferenceImage
from models.exam import Exam
from models.incident import Incident
from models.statuses import (
    EnrollmentState,
    IncidentDecision,
    IncidentReviewState,
)

router = APIRouter(prefix="/admin", include_in_schema=False)

ShownState = Literal["waiting", "all"] | IncidentReviewState
"""Which incidents the queue shows; what waits for a person is the default."""

WorkedOn = Annotated[Narrowing, Depends()]
"""The part of the queue that the address carries."""

EXAMS_IN_FILTER = 200
"""Exams the queue can be narrowed to."""


class IncidentForm(BaseModel):
    """What the form holds, as text."""

    decision: str = ""
    reason_codes: list[str] = []
    note: str = ""
    seen_review_id: str | None = None
    """The newest decision that the page showed; `none` where it showed none."""
    seen_severity: str | None = None
    """The severity it showed."""
    seen_lasted_seconds: str | None = None
    """How long the incident had lasted."""


@router.get("/review")
def show_queue(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    narrowing: WorkedOn,
    state: ShownState = "waiting",
    after: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """Show what waits for a reviewer, the plainest first."""
    review_state = state if isinstance(state, IncidentReviewState) else None
    wanted = replace(narrowing.wanted, review_state=review_state)
    with context.database.read() as session:
        lines, next_place = queue(
            session,
            context,
            admin,
            wanted,
            only_waiting=state == "waiting",
            after=_place(after) if after else None,
        )
        exams = session.execute(
            select(Exam.id, Exam.title, Exam.join_code)
            .where(Exam.archived_at.is_(None))
            .order_by(Exam.id.desc())
            .limit(EXAMS_IN_FILTER)
        )
        return render_page(
            request,
            "admin/review.html",
            person=admin,
            lines=lines,
            next_place=next_place,
            waiting=waiting_count(session),
            waiting_here=waiting_count(session, narrowing.wanted),
            answered=answered_attempts(session, admin, narrowing.wanted.exam_id),
            answered_count=answered_count(session, narrowing.wanted.exam_id),
            titles=distinct_titles(exams.all()),
            narrowing=narrowing,
            chosen={"state": state, **asdict(narrowing)},
        )


@router.get("/incidents/{incident_id}")
def show_incident(
    request: Request,
    incident_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    narrowing: WorkedOn,
) -> Response:
    """Show an incident with all that speaks about it."""
    return _incident_page(request, context, admin, incident_id, request_id, narrowing)


@router.post("/incidents/{incident_id}/decide")
def decide_incident(
    request: Request,
    incident_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    narrowing: WorkedOn,
    form: Annotated[IncidentForm, Form()],
) -> Response:
    """Decide about an incident, and go on with the next that waits."""
    try:
        wanted = _wanted(form)
        with context.database.write() as session:
            attempt, incident = locked_to_review(session, person, incident_id)
            _, following = neighbours(session, incident, narrowing.wanted)
            add_incident_review(session, context, person, attempt, incident, wanted, request_id)
    except (InvalidRequest, NotToReview, ReviewClaimed) as problem:
        return _incident_page(
            request,
            context,
            person,
            incident_id,
            request_id,
            narrowing,
            problem=problem,
            typed=form,
        )
    address = f"/admin/incidents/{following}" if following else "/admin/review"
    return see_other(address + narrowing.query)


def _wanted(form: IncidentForm) -> NewIncidentReview:
    if not form.decision:
        raise InvalidRequest.at("decision", "must be chosen")
    fitting = {code.value for code in REASONS_FOR.get(_decision(form.decision), ())}
    values = {
        "decision": form.decision,
        # Without a script the page shows the reasons of all decisions.
        "reason_codes": [code for code in form.reason_codes if code in fitting],
        "note": typed_lines(form.note).strip(),
        "seen_review_id": form.seen_review_id,
        "seen_severity": form.seen_severity,
        "seen_lasted_seconds": form.seen_lasted_seconds,
    }
    return validated(NewIncidentReview, values)


def _decision(text: str) -> IncidentDecision:
    try:
        return IncidentDecision(text)
    except ValueError:
        raise InvalidRequest.at("decision", "is none of those on the page") from None


def _incident_page(
    request: Request,
    context: Context,
    person: Person,
    incident_id: str,
    request_id: str,
    narrowing: Narrowing,
    *,
    problem: Problem | None = None,
    typed: IncidentForm | None = None,
) -> Response:
    with context.database.read() as session:
        incident = load(session, person, Action.READ, Incident, incident_id)
        attempt = load(session, person, Action.SEE_TIMELINE, Attempt, incident.attempt_id)
        before, following = neighbours(session, incident, narrowing.wanted)
        claim = claim_of(session, context, attempt.id)
        page = render_page(
            request,
            "admin/incident.html",
            person=person,
            status_code=problem.status if problem else 200,
            problem=problem,
            typed=typed or IncidentForm(),
            incident=incident,
            reviews=reviews_of(session, [incident.id])[incident.id],
            others=incidents_of_attempt(session, attempt.id),
            attempt=attempt_answer(session, context, person, attempt),
            policy=attempt.policy,
            name=names_of(session, [attempt.subject_id])[attempt.subject_id],
            references=_references(session, attempt.enrollment_id),
            warned=warned_enrollment(session, person, attempt.enrollment_id),
            replies=reviews_answer(session, attempt.id).replies,
            can_decide_attempt=bool(decidable(attempt)),
            claimed_by=claim.reviewer_name if claim and claim.reviewer_id != person.user_id else "",
            before=before,
            following=following,
            narrowing=narrowing,
            **_words(),
        )
    audit.record_look(context, person, "attempt.seen", attempt.id, request_id)
    return page


def _words() -> dict[str, Any]:
    return {
        "reason_words": REASON_WORDS,
        "reasons_for": REASONS_FOR,
        "decisions": {
            IncidentDecision.CONFIRMED: ("c", "Confirm", "It happened, and it matters."),
            IncidentDecision.DISMISSED: ("d", "Dismiss", "It did not happen, or is harmless."),
            IncidentDecision.SECOND_REVIEW: ("s", "Ask for a second review", "I cannot tell."),
        },
    }


def _references(session: Session, enrollment_id: str | None) -> list[ReferenceImage]:
    """Return the pictures that frames of the attempt are compared with."""
    rows = session.scalars(
        select(ReferenceImage)
        .where(
            ReferenceImage.enrollment_id == enrollment_id,
            ReferenceImage.state == EnrollmentState.ACCEPTED,
        )
        .order_by(ReferenceImage.position)
    )
    return list(rows)


def _place(text: str) -> QueuePlace:
    evidence, _, incident_id = text.partition("_")
    try:
        place = QueuePlace(float(evidence), incident_id)
    except ValueError:
        raise InvalidRequest.at("after", "is no place in the queue") from None
    if place.evidence != place.evidence or not re.match(ID_PATTERN, incident_id):
        raise InvalidRequest.at("after", "is no place in the queue")
    return place
