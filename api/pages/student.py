"""What students see: the way into an exam, their face, and the exam itself."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.attempts.answers import attempt_answer, attempt_answers
from api.attempts.service import list_attempts, open_attempt_for_exam
from api.authorization import Action, load
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
    Problem,
    TooManyRequests,
)
from api.subjects.schemas import NewConsent
from api.subjects.service import (
    accepted_enrollment,
    give_consent,
    load_locked_subject,
    standing_consent,
)
from models.attempt import Attempt
from models.exam import Exam
from models.statuses import Role

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
    with context.database.read() as session:
        attempt = load(session, person, Action.READ, Attempt, attempt_id)
        return render_page(
            request,
            "student/attempt.html",
            person=person,
            attempt=attempt_answer(session, context, person, attempt),
            exam=session.get(Exam, attempt.exam_id) if attempt.exam_id else None,
            now=context.clock(),
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
            is_prepared=consent is not None and accepted is not None,
            attempts=attempt_answers(session, context, person, attempts),
        )
    page.headers.update(problem.headers or {} if problem else {})
    return page


def _subject_id(person: Person) -> str:
    if person.subject_id is None:
        raise NotAllowed(
            "This page is for students.", next_step="Go back to the start page of your own desk."
        )
    return person.subject_id
