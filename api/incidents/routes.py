"""Routes of incidents."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from api import audit, problems
from api.attempts.sitting import locked_own_attempt
from api.authorization import ID_PATTERN, Action, load
from api.context import Ctx
from api.exams.service import load_exam
from api.incidents.claims import claim_attempt, claim_of, free_attempt
from api.incidents.policies import change_policy, policy_answer
from api.incidents.schemas import (
    IncidentPage,
    IncidentPolicyAnswer,
    IncidentWithReviews,
    NewIncidentReview,
    ReviewClaimAnswer,
)
from api.incidents.service import (
    IncidentFilter,
    add_incident_review,
    incident_answers,
    list_incidents,
    locked_to_review,
    reviews_of,
)
from api.paging import WantedPage
from api.principal import AdminPerson, CurrentPerson, CurrentPrincipal
from api.request_id import RequestId
from models.attempt import Attempt
from models.incident import Incident
from models.statuses import IncidentKind, IncidentReviewState, Severity

router = APIRouter(
    prefix="/api/v1",
    tags=["incidents"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)


@router.get("/incidents")
def get_incidents(
    context: Ctx,
    principal: CurrentPrincipal,
    page: WantedPage,
    exam_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    attempt_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    kind: IncidentKind | None = None,
    severity: Severity | None = None,
    review_state: IncidentReviewState | None = None,
    is_open: bool | None = None,
    with_withdrawn: bool = False,
) -> IncidentPage:
    """List incidents, newest first. Other systems see those of their own subjects."""
    wanted = IncidentFilter(
        exam_id=exam_id,
        attempt_id=attempt_id,
        kind=kind,
        severity=severity,
        review_state=review_state,
        is_open=is_open,
        with_withdrawn=with_withdrawn,
    )
    with context.database.read() as session:
        incidents, next_cursor = list_incidents(session, principal, page, wanted)
        return IncidentPage(items=incident_answers(session, incidents), next_cursor=next_cursor)


@router.get("/incidents/{incident_id}")
def get_incident(
    incident_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> IncidentWithReviews:
    """Show an incident with every decision about it."""
    with context.database.read() as session:
        incident = load(session, principal, Action.READ, Incident, incident_id)
        [answer] = incident_answers(session, [incident])
        reviews = reviews_of(session, [incident.id])[incident.id]
    audit.record_look(context, principal, "attempt.seen", incident.attempt_id, request_id)
    return IncidentWithReviews(**answer.model_dump(), reviews=reviews)


@router.post(
    "/incidents/{incident_id}/reviews",
    status_code=201,
    responses=problems.responses(problems.CsrfFailed, problems.NotToReview, problems.ReviewClaimed),
)
def post_incident_review(
    incident_id: str,
    wanted: NewIncidentReview,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
) -> IncidentWithReviews:
    """Decide about an incident, as a named person. It says nothing yet about the attempt."""
    with context.database.write() as session:
        attempt, incident = locked_to_review(session, person, incident_id)
        add_incident_review(session, context, person, attempt, incident, wanted, request_id)
        [answer] = incident_answers(session, [incident])
        reviews = reviews_of(session, [incident.id])[incident.id]
        return IncidentWithReviews(**answer.model_dump(), reviews=reviews)


@router.put(
    "/attempts/{attempt_id}/review-claim",
    responses=problems.responses(problems.CsrfFailed, problems.ReviewClaimed),
)
def put_review_claim(attempt_id: str, context: Ctx, person: CurrentPerson) -> ReviewClaimAnswer:
    """Claim an attempt for reviewing, for five minutes from now; repeat it to go on."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        claim = claim_attempt(session, context, person, attempt)
        return ReviewClaimAnswer(
            attempt_id=attempt.id,
            reviewer_id=person.user_id,
            reviewer_name=person.display_name,
            claimed_until=claim.claimed_until,
        )


@router.get("/attempts/{attempt_id}/review-claim")
def get_review_claim(
    attempt_id: str, context: Ctx, person: CurrentPerson
) -> ReviewClaimAnswer | None:
    """Show who reviews an attempt just now; null if nobody does."""
    with context.database.read() as session:
        attempt = load(session, person, Action.REVIEW, Attempt, attempt_id)
        return claim_of(session, context, attempt.id)


@router.delete(
    "/attempts/{attempt_id}/review-claim",
    status_code=204,
    responses=problems.responses(problems.CsrfFailed),
)
def delete_review_claim(attempt_id: str, context: Ctx, person: CurrentPerson) -> None:
    """Leave an attempt to others. Somebody else's claim stays."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        free_attempt(session, person, attempt)


@router.get("/exams/{exam_id}/incident-policy")
def get_incident_policy(exam_id: str, context: Ctx, admin: AdminPerson) -> IncidentPolicyAnswer:
    """Show what is an incident in this exam, and how much it matters."""
    with context.database.read() as session:
        return policy_answer(load_exam(session, admin, Action.READ, exam_id))


@router.put(
    "/exams/{exam_id}/incident-policy",
    responses=problems.responses(problems.CsrfFailed),
)
def put_incident_policy(
    exam_id: str,
    wanted: Annotated[dict[str, Any], Body(examples=[{"away": {"severity": "medium"}}])],
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
) -> IncidentPolicyAnswer:
    """Change what is an incident; `{}` is the shipped policy, other values differ from it.

    The incidents of attempts that exist are computed anew from what is on record: no verdict
    changes, and no decision is lost.
    """
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        change_policy(session, context, admin, exam, wanted, request_id)
        return policy_answer(exam)
