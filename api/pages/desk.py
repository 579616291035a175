"""What admins decide about people: requests, allowances, approvals, scores and outcomes.

Every form is sent without a script, and comes back with what was typed when it cannot be taken.
"""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import audit
from api.allowances.schemas import NewAllowance
from api.allowances.service import grant, list_allowances, withdraw
from api.alternative_requests.service import (
    answer_alternative,
    list_alternative_requests,
    newest_request,
)
from api.attempts.answers import attempt_answers
from api.attempts.schemas import BreakOff
from api.attempts.service import list_attempts
from api.attempts.sitting import break_off, check_identity, locked_own_attempt
from api.authorization import Action, load
from api.context import Context, Ctx
from api.enrollments.service import approve_enrollment, find_enrollment, list_enrollments
from api.pages.admin import attempt_page
from api.pages.dashboard import names_of
from api.pages.page import render_page
from api.paging import Page
from api.papers.schemas import NewScore
from api.papers.service import score_by_person
from api.principal import AdminPerson, CurrentPerson, Person
from api.problems import (
    AttemptClosed,
    AttemptNotStarted,
    InvalidRequest,
    NotToReview,
    Problem,
    ReplyPending,
)
from api.request_id import RequestId
from api.reviews.schemas import NewReview
from api.reviews.service import add_review
from api.subjects.service import load_locked_subject, standing_consent
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.exam import Exam
from models.face_templates import is_current_enrollment
from models.granted import Granted
from models.statuses import AttemptState, FaceCheck
from models.subject import Subject

router = APIRouter(prefix="/admin", include_in_schema=False)

Model = TypeVar("Model", bound=BaseModel)

SHOWN = 100
"""Of each list; the rest is read over the API."""

_FIRST = Page(cursor=None, limit=SHOWN)


class AllowanceForm(BaseModel):
    """What the form holds, as text."""

    exam_id: str = ""
    extra_time_percent: str = "0"
    extra_time_minutes: str = "0"
    frame_interval_factor: str = "1"
    face_check: str = FaceCheck.MATCH.value
    second_person_allowed: str = ""
    note: str = ""


class DecisionForm(BaseModel):
    """What the form holds, as text."""

    decision: str = ""
    reason_codes: list[str] = []
    note: str = ""
    message: str = ""


_SHOWN_ON_THE_PAGE = (
    AttemptClosed,
    AttemptNotStarted,
    InvalidRequest,
    NotToReview,
    ReplyPending,
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
    return _see("/admin/requests")


@router.get("/students/{subject_id}")
def show_student(
    request: Request, subject_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Show what is known of a student, and what was granted."""
    page = _student_page(request, context, admin, subject_id, AllowanceForm())
    audit.record_look(context, admin, "student.seen", subject_id, request_id)
    return page


@router.post("/students/{subject_id}/allowances")
def grant_allowance(
    request: Request,
    subject_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[AllowanceForm, Form()],
) -> Response:
    """Grant something to a student."""
    try:
        wanted = _new_allowance(subject_id, form)
        with context.database.write() as session:
            grant(session, context, admin, wanted, request_id)
    except InvalidRequest as problem:
        return _student_page(request, context, admin, subject_id, form, problem)
    return _see(f"/admin/students/{subject_id}#allowances")


@router.post("/allowances/{allowance_id}/withdraw")
def withdraw_allowance(
    allowance_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """End an allowance; attempts that run keep it."""
    with context.database.write() as session:
        allowance = load(session, admin, Action.MANAGE, Allowance, allowance_id)
        withdraw(session, context, admin, allowance, request_id)
    return _see(f"/admin/students/{allowance.subject_id}#allowances")


@router.post("/students/{subject_id}/approve")
def approve(
    subject_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    version: Annotated[int, Form()],
) -> Response:
    """Approve an enrolled face."""
    with context.database.write() as session:
        load_locked_subject(session, person, Action.REVIEW, subject_id)
        enrollment = find_enrollment(session, person, subject_id, version)
        approve_enrollment(session, context, person, enrollment, request_id)
    return _see(f"/admin/students/{subject_id}")


@router.post("/attempts/{attempt_id}/identity-check")
def identity_checked(
    attempt_id: str, context: Ctx, person: CurrentPerson, request_id: RequestId
) -> Response:
    """Record that somebody saw who sits the attempt."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        check_identity(session, context, person, attempt, request_id)
    return _see(f"/admin/attempts/{attempt_id}")


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
        wanted = _valid(BreakOff, {"reason": reason})
        with context.database.write() as session:
            attempt = locked_own_attempt(session, admin, Action.MANAGE, attempt_id)
            break_off(session, context, admin, attempt, wanted.reason, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        typed = {"form": "stop", "reason": reason}
        return attempt_page(request, context, admin, attempt_id, problem=problem, typed=typed)
    return _see(f"/admin/attempts/{attempt_id}")


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
        wanted = _valid(NewScore, {"awarded_points": points, "comment": _lines(comment)})
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            score_by_person(session, context, person, attempt, question_id, wanted, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return attempt_page(request, context, person, attempt_id, problem=problem, typed=typed)
    return _see(f"/admin/attempts/{attempt_id}#answers")


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
        wanted = _valid(
            NewReview,
            form.model_dump() | {"note": _lines(form.note), "message": _lines(form.message)},
        )
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            add_review(session, context, person, attempt, wanted, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return attempt_page(request, context, person, attempt_id, problem=problem, typed=typed)
    return _see(f"/admin/attempts/{attempt_id}#decision")


def _student_page(
    request: Request,
    context: Context,
    admin: Person,
    subject_id: str,
    form: AllowanceForm,
    problem: Problem | None = None,
) -> Response:
    with context.database.read() as session:
        subject = load(session, admin, Action.READ, Subject, subject_id)
        allowances, _ = list_allowances(session, admin, _FIRST, subject_id=subject.id)
        attempts, _ = list_attempts(session, admin, _FIRST, subject_id=subject.id)
        enrollments = list_enrollments(session, admin, subject.id)
        exams = session.execute(
            select(Exam.id, Exam.title).where(Exam.archived_at.is_(None)).order_by(Exam.id.desc())
        )
        titles: dict[str, str] = dict(exams.all())
        return render_page(
            request,
            "admin/student.html",
            person=admin,
            status_code=problem.status if problem else 200,
            problem=problem,
            form=form,
            subject=subject,
            allowances=allowances,
            attempts=attempt_answers(session, context, admin, attempts),
            names=names_of(session, [subject.id]),
            newest_enrollment=enrollments[0] if enrollments else None,
            consent=standing_consent(session, subject.id),
            asked=newest_request(session, subject.id),
            titles=titles,
        )


def _new_allowance(subject_id: str, form: AllowanceForm) -> NewAllowance:
    try:
        extra_seconds = round(60 * float(form.extra_time_minutes.replace(",", ".") or 0))
    except (ValueError, OverflowError):
        raise InvalidRequest.at("extra_time_minutes", "must be a number") from None
    values = form.model_dump(exclude={"extra_time_minutes", "exam_id", "note"})
    return _valid(
        NewAllowance,
        values
        | {
            "subject_id": subject_id,
            "exam_id": form.exam_id or None,
            "extra_time_seconds": extra_seconds,
            "second_person_allowed": form.second_person_allowed == "on",
            "note": _lines(form.note),
        },
    )


def _valid(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors = [
            {"field": ".".join(map(str, one["loc"])) or "form", "message": one["msg"]}
            for one in error.errors()
        ]
        said = ", ".join(f"{one['field']}: {one['message']}" for one in errors)
        raise InvalidRequest(f"The form holds something that cannot be used: {said}.") from None


def _waiting_for_approval(session: Session) -> list[FaceEnrollment]:
    """Return accepted faces nobody has approved, of those whose exam asks for it."""
    asking = select(Attempt.subject_id).where(
        Attempt.state == AttemptState.CREATED,
        Attempt.exam_id.in_(select(Exam.id).where(Exam.needs_approved_enrollment.is_(True))),
    )
    found = session.scalars(
        select(FaceEnrollment)
        .where(
            FaceEnrollment.subject_id.in_(asking),
            FaceEnrollment.approved_at.is_(None),
            is_current_enrollment(),
        )
        .order_by(FaceEnrollment.id)
        .limit(SHOWN)
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


def _lines(text: str) -> str:
    """Return the text with the line ends of everybody but browsers."""
    return text.replace("\r\n", "\n")


def _see(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303)
