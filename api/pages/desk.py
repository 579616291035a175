"""What admins decide: requests, identity checks, scores and outcomes.

Every form is sent without a script, and comes back with what was typed when it cannot be taken.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.alternative_requests.service import (
    answer_alternative,
    list_alternative_requests,
)
from api.attempts.answers import attempt_answers
from api.attempts.schemas import BreakOff
from api.attempts.sitting import break_off, check_identity, locked_own_attempt
from api.authorization import Action, load
from api.context import Ctx
from api.enrollments.approval import waits_for_approval
from api.pages.admin import attempt_page
from api.pages.dashboard import names_of
from api.pages.form_values import typed_lines, validated
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.paging import Page
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
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.granted import Granted
from models.statuses import AttemptState, FaceCheck

router = APIRouter(prefix="/admin", include_in_schema=False)

SHOWN = 100
"""Of each list; the rest is read over the API."""

_FIRST = Page(cursor=None, limit=SHOWN)


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


@router.get("/requests")
def show_requests(request: Request, context: Ctx, admin: AdminPerson) -> Response:
    """Show what waits for a person: wishes, identity checks and enrolled faces to approve."""
    with context.database.read() as session:
        asked, _ = list_alternative_requests(session, admin, _FIRST, only_open=True)
        unapproved = _waiting_for_approval(session)
        unseen = _waiting_for_a_person(session)
        subject_ids = {
            *(one.subject_id for one in asked),
            *(one.subject_id for one in unapproved),
            *(one.subject_id for one in unseen),
        }
        return render_page(
            request,
            "admin/requests.html",
            person=admin,
            asked=asked,
            unapproved=unapproved,
            unseen=attempt_answers(session, context, admin, unseen),
            names=names_of(session, subject_ids),
        )


@router.post("/requests/{alternative_request_id}")
def answer_request(
    alternative_request_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    decision: Annotated[str, Form()] = "",
) -> Response:
    """Grant or refuse a way without the camera."""
    if decision not in {"grant", "refuse"}:
        raise InvalidRequest.at("decision", "must be grant or refuse")
    with context.database.write() as session:
        asked = load(session, admin, Action.MANAGE, AlternativeRequest, alternative_request_id)
        granted = decision == "grant"
        answer_alternative(session, context, admin, asked, granted=granted, request_id=request_id)
    return see_other("/admin/requests")


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
    return see_other(f"/admin/attempts/{attempt_id}#decision")


def _waiting_for_approval(session: Session) -> list[FaceEnrollment]:
    """Return accepted faces nobody has approved, of those whose exam asks for it."""
    found = session.scalars(
        select(FaceEnrollment).where(waits_for_approval()).order_by(FaceEnrollment.id).limit(SHOWN)
    )
    return list(found)


def _waiting_for_a_person(session: Session) -> list[Attempt]:
    """Return attempts without a camera whose student nobody has seen yet."""
    created = session.scalars(
        select(Attempt)
        .where(
            Attempt.state == AttemptState.CREATED,
            Attempt.identity_checked_at.is_(None),
            Attempt.subject_id.in_(
                select(Allowance.subject_id).where(
                    Allowance.withdrawn_at.is_(None), Allowance.face_check == FaceCheck.PERSON
                )
            ),
        )
        .order_by(Attempt.id)
        .limit(SHOWN)
    )
    return [
        attempt
        for attempt in created
        if Granted.from_dict(attempt.allowances).face_check is FaceCheck.PERSON
    ]
