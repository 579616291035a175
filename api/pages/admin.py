"""What admins and reviewers see: dashboard, attempts and an attempt's timeline."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import audit
from api.attempts.answers import attempt_answer, attempt_answers
from api.attempts.service import list_attempts
from api.audit_trail.names import people
from api.authorization import Action, load
from api.context import Context, Ctx
from api.field_types import storable_moment
from api.health.service import readiness
from api.incidents.claims import claim_of
from api.incidents.service import incidents_of_attempt
from api.pages import wording
from api.pages.dashboard import figures, is_unused, latest_problems, names_of
from api.pages.page import render_page
from api.pages.timeline_part import (
    TimelinePart,
    actor_ids,
    filtered_timeline,
    timeline_after,
    timeline_part,
)
from api.pages.warned_enrollments import newest_warned, warned_enrollment
from api.paging import Page
from api.papers.service import scored_answers
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest, Problem
from api.rescores.service import rescores_of
from api.reviews.reasons import SENTENCES
from api.reviews.schemas import ReplyAnswer, ReviewAnswer, ReviewsAnswer
from api.reviews.service import decidable, reviews_answer
from api.reviews.to_decide import to_decide_beside
from api.subjects.names import shown_name
from api.timeline.position import position_of
from models.attempt import Attempt
from models.attempt_states import SYSTEM_ACTOR
from models.incident import WAITING_FOR_REVIEW
from models.statuses import AttemptState, ReviewDecision, Verdict
from models.subject import Subject

router = APIRouter(prefix="/admin", include_in_schema=False)

OPEN_SHOWN = 50
"""Attempts in progress on the dashboard."""

Shown = Literal["", "attention"] | Verdict
"""Filters of the timeline. Everything is the default."""


@router.get("/dashboard")
def show_dashboard(request: Request, context: Ctx, admin: AdminPerson) -> Response:
    """Show what runs now, what needs a look, and how the service is."""
    health = readiness(context, request.app.state.schema_check)
    page = Page(cursor=None, limit=OPEN_SHOWN)
    with context.database.read() as session:
        open_attempts = [
            attempt
            for state in (AttemptState.STARTED, AttemptState.READY, AttemptState.CREATED)
            for attempt in list_attempts(session, admin, page, state=state, is_practice=False)[0]
        ][:OPEN_SHOWN]
        return render_page(
            request,
            "admin/dashboard.html",
            person=admin,
            is_unused=is_unused(session),
            figures=figures(session),
            problems=latest_problems(session, admin),
            warned_enrollments=newest_warned(session, admin),
            open_attempts=attempt_answers(session, context, admin, open_attempts),
            names=names_of(session, (attempt.subject_id for attempt in open_attempts)),
            checks=health.checks,
        )


@router.get("/attempts/{attempt_id}")
def show_timeline(
    request: Request,
    attempt_id: str,
    context: Ctx,
    admin: AdminPerson,
    show: Shown = "",
    before: Annotated[str | None, Query(max_length=40)] = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
    decided: Annotated[bool, Query(description="Whether this person just decided.")] = False,
) -> Response:
    """Show what was received for an attempt: each frame with claim and verdict side by side."""
    return attempt_page(
        request,
        context,
        admin,
        attempt_id,
        show=show,
        before=before,
        after=after,
        has_decided=decided,
    )


def attempt_page(
    request: Request,
    context: Context,
    person: Person,
    attempt_id: str,
    *,
    show: Shown = "",
    before: str | None = None,
    after: str | None = None,
    has_decided: bool = False,
    problem: Problem | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    """Return the attempt's page; `typed` comes back in the form that could not be taken.

    Who has just decided reads so, and what to go on with.
    """
    with context.database.read() as session:
        attempt = load(session, person, Action.SEE_TIMELINE, Attempt, attempt_id)
        claim = claim_of(session, context, attempt.id)
        part = _part(session, attempt, show=show, before=before, after=after)
        subject = session.get_one(Subject, attempt.subject_id)
        reviews = reviews_answer(session, attempt.id)
        incidents = incidents_of_attempt(session, attempt.id)
        page = render_page(
            request,
            "admin/timeline.html",
            person=person,
            status_code=problem.status if problem else 200,
            problem=problem,
            typed=typed or {},
            attempt=attempt_answer(session, context, person, attempt),
            name=shown_name(subject.display_name, subject.erased_at),
            is_erased=subject.erased_at is not None,
            policy=attempt.policy,
            warned=warned_enrollment(session, person, attempt.enrollment_id),
            part=part,
            incidents=incidents,
            to_review=[one for one in incidents if one.review_state in WAITING_FOR_REVIEW],
            show=show,
            answers=scored_answers(session, person, attempt),
            reviews=reviews.model_dump(),
            history=_in_order(reviews),
            decided=wording.DECIDED,
            has_decided=has_decided and bool(reviews.items),
            beside=to_decide_beside(session, person, attempt, context.clock()),
            decisions=_decisions(attempt),
            claimed_by=claim.reviewer_name if claim and claim.reviewer_id != person.user_id else "",
            decision_words=wording.DECISIONS,
            rescores=rescores_of(session, person, attempt.id),
            engine_in_use=context.settings.engine,
            review_reasons=SENTENCES,
            actors=_actor_names(session, part),
        )
    # Whatever was asked for: a form that cannot be taken shows as much as the page itself.
    audit.record_look(context, person, "attempt.seen", attempt_id, request.state.request_id)
    return page


def _part(
    session: Session, attempt: Attempt, *, show: Shown, before: str | None, after: str | None
) -> TimelinePart:
    if show:
        earlier = _moment(before) if before else None
        return filtered_timeline(session, attempt, show, before=earlier)
    if after is not None:
        return timeline_after(session, attempt, position_of(after))
    return timeline_part(session, attempt, before=_moment(before) if before else None)


def _in_order(reviews: ReviewsAnswer) -> list[ReviewAnswer | ReplyAnswer]:
    """Return what was decided, asked and answered, as it came."""
    return sorted([*reviews.items, *reviews.replies], key=lambda one: one.created_at)


def _decisions(attempt: Attempt) -> list[ReviewDecision]:
    """Return what can be decided now, in the order of the form."""
    possible = decidable(attempt)
    return [decision for decision in ReviewDecision if decision in possible]


def _moment(text: str) -> datetime:
    try:
        return storable_moment(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidRequest.at("before", "is not a moment") from None


def _actor_names(session: Session, part: TimelinePart) -> dict[str, str]:
    ids = actor_ids(part.items)
    return {SYSTEM_ACTOR: "the service"} | people(session, ids, ids)
