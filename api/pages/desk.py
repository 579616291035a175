"""What admins decide about an attempt: identity checks, scores and outcomes.

Every form is sent without a script, and comes back with what was typed when it cannot be taken.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.attempts.schemas import BreakOff
from api.attempts.sitting import break_off, check_identity, locked_own_attempt
from api.authorization import Action
from api.context import Ctx
from api.pages.admin import attempt_page
from api.pages.form_values import typed_lines, validated
from api.pages.posted_form import see_other
from api.papers.schemas import NewScore
from api.papers.service import score_by_person
from api.principal import AdminPerson, CurrentPerson
from api.problems import (
    AttemptClosed,
    AttemptNotStarted,
    InvalidRequest,
    NotToReview,
    ReplyPending,
    ReviewClaimed,
)
from api.request_id import RequestId
from api.reviews.schemas import NewReview
from api.reviews.service import add_review

router = APIRouter(prefix="/admin", include_in_schema=False)


class DecisionForm(BaseModel):
    """What the form holds, as text."""

    decision: str = ""
    reason_codes: list[str] = []
    note: str = ""
    message: str = ""
    seen_review_id: str | None = None
    """The newest decision that the page showed; `none` where it showed none."""
    seen_reply_id: str | None = None
    """The student's newest reply likewise."""


_SHOWN_ON_THE_PAGE = (
    AttemptClosed,
    AttemptNotStarted,
    InvalidRequest,
    NotToReview,
    ReplyPending,
    ReviewClaimed,
)
"""What went wrong with what was typed; it comes back on the page of the attempt."""


@router.post("/attempts/{attempt_id}/identity-check")
def identity_checked(
    attempt_id: str, context: Ctx, person: CurrentPerson, request_id: RequestId
) -> Response:
    """Record that somebody saw who sits the attempt."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        check_identity(session, context, person, attempt, request_id)
    return see_other(f"/admin/attempts/{attempt_id}")


@router.post("/attempts/{attempt_id}/break-off")
def stop_for_now(
    request: Request,
    attempt_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Stop a running attempt; it goes on with the time that is left."""
    try:
        wanted = validated(BreakOff, {"reason": reason})
        with context.database.write() as session:
            attempt = locked_own_attempt(session, admin, Action.MANAGE, attempt_id)
            break_off(session, context, admin, attempt, wanted.reason, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        typed = {"form": "stop", "reason": reason}
        return attempt_page(request, context, admin, attempt_id, problem=problem, typed=typed)
    return see_other(f"/admin/attempts/{attempt_id}")


@router.post("/attempts/{attempt_id}/answers/{question_id}/score")
def score(
    request: Request,
    attempt_id: str,
    question_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    awarded_points: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Score an answer."""
    typed = {"form": question_id, "awarded_points": awarded_points, "comment": comment}
    try:
        points = awarded_points.replace(",", ".")
        wanted = validated(NewScore, {"awarded_points": points, "comment": typed_lines(comment)})
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            score_by_person(session, context, person, attempt, question_id, wanted, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return attempt_page(request, context, person, attempt_id, problem=problem, typed=typed)
    return see_other(f"/admin/attempts/{attempt_id}#answers")


@router.post("/attempts/{attempt_id}/decide")
def decide(
    request: Request,
    attempt_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Decide about an attempt, as a named person."""
    typed = {"form": "decide", **form.model_dump()}
    try:
        wanted = validated(
            NewReview,
            form.model_dump()
            | {"note": typed_lines(form.note), "message": typed_lines(form.message)},
        )
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            add_review(session, context, person, attempt, wanted, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return attempt_page(request, context, person, attempt_id, problem=problem, typed=typed)
    return see_other(f"/admin/attempts/{attempt_id}?decided=true#decided")
