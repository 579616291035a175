"""What students see: the way into an exam, their face, and the exam itself."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api.alternative_requests.schemas import AlternativeRequestAnswer, NewAlternativeRequest
from api.alternative_requests.service import (
    alternative_request_answer,
    ask_for_alternative,
    newest_request,
)
from api.attempts.answers import attempt_answer, attempt_answers
from api.attempts.service import list_attempts, open_attempt_for_exam, open_practice_attempt
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action
from api.context import Context, Ctx
from api.enrollments.service import list_enrollments
from api.exams.service import find_exam_to_join
from api.pages.page import render_page
from api.paging import Page
from api.principal import CurrentPerson, Person
from api.problems import (
    AttemptClosed,
    ExamNotOpen,
    InvalidRequest,
    NotAllowed,
    NotFound,
    NotToReview,
    Problem,
    TooManyRequests,
)
from api.reviews.schemas import NewReply
from api.reviews.service import add_reply
from api.subjects.schemas import NewConsent
from api.subjects.service import (
    accepted_enrollment,
    give_consent,
    load_locked_subject,
    standing_consent,
    withdraw_consent,
)
from models.attempt_states import make_ready_if_possible
from models.enrollment import FaceEnrollment
from models.exam import Exam
from models.granted import granted_to
from models.statuses import FaceCheck, Role
from models.subject import Consent

router = APIRouter(include_in_schema=False)

ATTEMPTS_SHOWN = 50
"""On the start page, newest first: more exams than anybody sits in a year."""

_SHOWN_AT_THE_CODE = (AttemptClosed, ExamNotOpen, InvalidRequest, NotFound, TooManyRequests)


@router.get("/")
def show_home(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Show a student the steps into an exam; others go on to their desk."""
    if person.role is not Role.STUDENT:
        return RedirectResponse("/admin/dashboard", status_code=303)
    return _home(request, context, person)


@router.post("/consent")
def agree(
    context: Ctx, person: CurrentPerson, text_version: Annotated[str, Form()] = ""
) -> Response:
    """Record the student's yes to the text that was on the page."""
    subject_id = _subject_id(person)
    try:
        wanted = NewConsent(text_version=text_version)
    except ValidationError:
        raise InvalidRequest.at("text_version", "is missing") from None
    if wanted.text_version != context.settings.consent_text_version:
        raise InvalidRequest(
            "The text has changed since you opened the page. Nothing was recorded.",
            next_step="Go back to the start page and read it again.",
        )
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
        give_consent(session, context, person, subject, wanted)
    return RedirectResponse("/", status_code=303)


@router.post("/consent/withdraw")
def take_back(context: Ctx, person: CurrentPerson) -> Response:
    """Take the student's yes back."""
    subject_id = _subject_id(person)
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
        withdraw_consent(session, context, person, subject)
    return RedirectResponse("/", status_code=303)


@router.post("/consent/alternative")
def ask_otherwise(
    context: Ctx,
    person: CurrentPerson,
    text_version: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
) -> Response:
    """Ask for a person's check instead of the camera."""
    subject_id = _subject_id(person)
    try:
        wanted = NewAlternativeRequest(
            text_version=text_version, message=message.replace("\r\n", "\n")
        )
    except ValidationError:
        raise InvalidRequest.at("message", "must have at most 2000 characters") from None
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
        ask_for_alternative(session, context, person, subject, wanted)
    return RedirectResponse("/", status_code=303)


@router.post("/practice")
def practise(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Open a practice attempt, or go on with the one that is open."""
    _subject_id(person)
    try:
        with context.database.write() as session:
            attempt, _ = open_practice_attempt(session, context, person)
            address = f"/attempts/{attempt.id}"
    except _SHOWN_AT_THE_CODE as problem:
        return _home(request, context, person, problem=problem)
    return RedirectResponse(address, status_code=303)


@router.post("/join")
def join(
    request: Request, context: Ctx, person: CurrentPerson, join_code: Annotated[str, Form()] = ""
) -> Response:
    """Open the student's attempt of the exam with this code, or the one that is open."""
    _subject_id(person)
    try:
        with context.database.write() as session:
            exam = find_exam_to_join(session, context, person, join_code[:40])
            attempt, _ = open_attempt_for_exam(session, context, person, exam)
            address = f"/attempts/{attempt.id}"
    except _SHOWN_AT_THE_CODE as problem:
        return _home(request, context, person, problem=problem, join_code=join_code)
    return RedirectResponse(address, status_code=303)


@router.get("/enrollment")
def show_enrollment(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Show the camera, and what the server answered to earlier pictures."""
    subject_id = _subject_id(person)
    with context.database.read() as session:
        enrollments = list_enrollments(session, person, subject_id)
        return render_page(
            request,
            "student/enrollment.html",
            person=person,
            consent=standing_consent(session, subject_id),
            accepted_enrollment=accepted_enrollment(session, subject_id),
            newest_enrollment=enrollments[0] if enrollments else None,
            image_max_bytes=context.settings.reference_image_max_bytes,
        )


@router.get("/attempts/{attempt_id}")
def show_attempt(
    request: Request, attempt_id: str, context: Ctx, person: CurrentPerson
) -> Response:
    """Show a student their exam with the camera, or what became of it."""
    if person.role is not Role.STUDENT:
        return RedirectResponse(f"/admin/attempts/{attempt_id}", status_code=303)
    return _attempt_page(request, context, person, attempt_id)


@router.post("/attempts/{attempt_id}/reply")
def reply(
    request: Request,
    attempt_id: str,
    context: Ctx,
    person: CurrentPerson,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Take the student's answer to what they were asked."""
    _subject_id(person)
    try:
        wanted = _new_reply(text)
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.CHANGE, attempt_id)
            add_reply(session, context, attempt, wanted)
    except (InvalidRequest, NotToReview) as problem:
        return _attempt_page(request, context, person, attempt_id, problem=problem, text=text)
    return RedirectResponse(f"/attempts/{attempt_id}", status_code=303)


def _new_reply(text: str) -> NewReply:
    try:
        return NewReply(text=text.replace("\r\n", "\n"))
    except ValidationError:
        raise InvalidRequest(
            "The answer is empty or too long.", next_step="Write 1 to 5000 characters."
        ) from None


def _attempt_page(
    request: Request,
    context: Context,
    person: Person,
    attempt_id: str,
    *,
    problem: Problem | None = None,
    text: str = "",
) -> Response:
    now = context.clock()
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.READ, attempt_id)
        make_ready_if_possible(session, attempt, now)
        return render_page(
            request,
            "student/attempt.html",
            person=person,
            status_code=problem.status if problem else 200,
            problem=problem,
            reply_text=text,
            attempt=attempt_answer(session, context, person, attempt),
            exam=session.get(Exam, attempt.exam_id) if attempt.exam_id else None,
            now=now,
        )


def _home(
    request: Request,
    context: Context,
    person: Person,
    *,
    problem: Problem | None = None,
    join_code: str = "",
) -> Response:
    subject_id = _subject_id(person)
    with context.database.read() as session:
        consent = standing_consent(session, subject_id)
        enrollments = list_enrollments(session, person, subject_id)
        accepted = accepted_enrollment(session, subject_id)
        check = granted_to(session, subject_id, None).face_check
        attempts, _ = list_attempts(session, person, Page(cursor=None, limit=ATTEMPTS_SHOWN))
        page = render_page(
            request,
            "student/home.html",
            person=person,
            status_code=problem.status if problem else 200,
            problem=problem,
            join_code=join_code,
            consent=consent,
            consent_text_version=context.settings.consent_text_version,
            accepted_enrollment=accepted,
            newest_enrollment=enrollments[0] if enrollments else None,
            alternative=_alternative(session, subject_id),
            check=check,
            is_prepared=_is_prepared(check, consent, accepted),
            has_practised=any(one.is_practice and one.started_at for one in attempts),
            attempts=attempt_answers(session, context, person, attempts),
        )
    page.headers.update(problem.headers or {} if problem else {})
    return page


def _alternative(session: Session, subject_id: str) -> AlternativeRequestAnswer | None:
    request = newest_request(session, subject_id)
    return alternative_request_answer(request) if request else None


def _is_prepared(
    check: FaceCheck, consent: Consent | None, accepted: FaceEnrollment | None
) -> bool:
    if check is FaceCheck.PERSON:
        return True
    return consent is not None and (accepted is not None or check is FaceCheck.PRESENCE)


def _subject_id(person: Person) -> str:
    if person.subject_id is None:
        raise NotAllowed(
            "This page is for students.", next_step="Go back to the start page of your own desk."
        )
    return person.subject_id
