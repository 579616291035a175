"""The student's start page: consent or another way, practice, joining, and their attempts."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.alternative_requests.schemas import AlternativeRequestAnswer, NewAlternativeRequest
from api.alternative_requests.service import (
    alternative_request_answer,
    ask_for_alternative,
    newest_request,
)
from api.attempts.answers import attempt_answers
from api.attempts.schemas import AttemptAnswer
from api.attempts.service import list_attempts, open_attempt_for_exam, open_practice_attempt
from api.authorization import Action
from api.context import Context, Ctx
from api.enrollments.service import list_enrollments
from api.exams.service import find_exam_to_join
from api.pages.form_values import typed_lines
from api.pages.marks import N_
from api.pages.page import render_page
from api.pages.posted_form import see_other
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
    withdraw_consent,
)
from models.attempt_readiness import MISSING_APPROVAL
from models.enrollment import FaceEnrollment
from models.granted import granted_to
from models.statuses import OPEN_STATES, FaceCheck, Role
from models.subject import Consent

router = APIRouter(include_in_schema=False)

ATTEMPTS_SHOWN = 50
"""On the start page, newest first: more exams than anybody sits in a year."""

_SHOWN = (AttemptClosed, ExamNotOpen, InvalidRequest, NotAllowed, NotFound, TooManyRequests)
"""Problems that are told next to the form that met them, on the page it stands on."""


@dataclass(frozen=True)
class _Trouble:
    """A problem, the step of the page it belongs to, and what was typed there."""

    problem: Problem
    step: str
    """`consent`, `practice` or `join`."""
    typed: str = ""


@router.get("/")
def show_home(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Show a student the steps into an exam; others go on to their desk."""
    if person.role is not Role.STUDENT:
        return see_other("/admin/dashboard")
    return _home(request, context, person)


@router.post("/consent")
def agree(
    context: Ctx, person: CurrentPerson, text_version: Annotated[str, Form()] = ""
) -> Response:
    """Record the student's yes to the text that was on the page."""
    subject_id = subject_id_of(person)
    try:
        wanted = NewConsent(text_version=text_version)
    except ValidationError:
        raise InvalidRequest.at("text_version", "is missing") from None
    if wanted.text_version != context.settings.consent_text_version:
        raise InvalidRequest(
            N_("The text has changed since you opened the page. Nothing was recorded."),
            next_step=N_("Go back to the start page and read it again."),
        )
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
        give_consent(session, context, person, subject, wanted)
    return see_other("/")


@router.post("/consent/withdraw")
def take_back(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Take the student's yes back."""
    subject_id = subject_id_of(person)
    try:
        with context.database.write() as session:
            subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
            withdraw_consent(session, context, person, subject)
    except NotAllowed as problem:
        return _home(request, context, person, _Trouble(problem, "consent"))
    return see_other("/")


@router.post("/consent/alternative")
def ask_otherwise(
    request: Request,
    context: Ctx,
    person: CurrentPerson,
    text_version: Annotated[str, Form()] = "",
    message: Annotated[str, Form()] = "",
) -> Response:
    """Ask for a person's check instead of the camera."""
    subject_id = subject_id_of(person)
    try:
        wanted = _new_request(text_version, message)
        with context.database.write() as session:
            subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
            ask_for_alternative(session, context, person, subject, wanted)
    except InvalidRequest as problem:
        return _home(request, context, person, _Trouble(problem, "consent", message))
    return see_other("/")


@router.post("/practice")
def practise(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Open a practice attempt, or go on with the one that is open."""
    subject_id_of(person)
    try:
        with context.database.write() as session:
            attempt, _ = open_practice_attempt(session, context, person)
            address = f"/attempts/{attempt.id}"
    except _SHOWN as problem:
        return _home(request, context, person, _Trouble(problem, "practice"))
    return see_other(address)


@router.post("/join")
def join(
    request: Request, context: Ctx, person: CurrentPerson, join_code: Annotated[str, Form()] = ""
) -> Response:
    """Open the student's attempt of the exam with this code, or the one that is open."""
    subject_id_of(person)
    try:
        with context.database.write() as session:
            exam = find_exam_to_join(session, context, person, join_code[:40])
            attempt, _ = open_attempt_for_exam(session, context, person, exam)
            address = f"/attempts/{attempt.id}"
    except _SHOWN as problem:
        return _home(request, context, person, _Trouble(problem, "join", join_code))
    return see_other(address)


def subject_id_of(person: Person) -> str:
    """Return whose pages these are.

    Raises
    ------
    NotAllowed
        The person is no student.
    """
    if person.subject_id is None or person.role is not Role.STUDENT:
        raise NotAllowed(
            N_("This page is for students."),
            next_step=N_("Go back to the start page of your own desk."),
        )
    return person.subject_id


def own_attempts(session: Session, context: Context, person: Person) -> list[AttemptAnswer]:
    """Return the student's newest attempts."""
    attempts, _ = list_attempts(session, person, Page(cursor=None, limit=ATTEMPTS_SHOWN))
    return attempt_answers(session, context, person, attempts)


def wait_for_approval(attempts: list[AttemptAnswer]) -> bool:
    """Tell whether one of the attempts waits for somebody to approve the face enrollment."""
    return any(MISSING_APPROVAL in attempt.missing for attempt in attempts)


def _new_request(text_version: str, message: str) -> NewAlternativeRequest:
    text = typed_lines(message)
    try:
        return NewAlternativeRequest(text_version=text_version, message=text)
    except ValidationError as error:
        fields = {str(one["loc"][0]) for one in error.errors()}
    if "message" in fields:
        raise InvalidRequest(
            N_("The message could not be taken."),
            next_step=N_("Write at most 2000 characters of plain text."),
        )
    raise InvalidRequest.at("text_version", "is missing")


def _home(
    request: Request, context: Context, person: Person, trouble: _Trouble | None = None
) -> Response:
    subject_id = subject_id_of(person)
    with context.database.read() as session:
        consent = standing_consent(session, subject_id)
        enrollments = list_enrollments(session, person, subject_id)
        accepted = accepted_enrollment(session, subject_id)
        check = granted_to(session, subject_id, None).face_check
        attempts = own_attempts(session, context, person)
        page = render_page(
            request,
            "student/home.html",
            person=person,
            status_code=trouble.problem.status if trouble else 200,
            trouble=trouble,
            consent=consent,
            consent_text_version=context.settings.consent_text_version,
            accepted_enrollment=accepted,
            newest_enrollment=enrollments[0] if enrollments else None,
            needs_approval=wait_for_approval(attempts),
            alternative=_alternative(session, subject_id),
            check=check,
            is_prepared=_is_prepared(check, consent, accepted),
            has_practised=any(one.is_practice and one.started_at for one in attempts),
            open_attempts=[one for one in attempts if _has_to_do(one)],
            past_attempts=[one for one in attempts if not _has_to_do(one)],
        )
    page.headers.update(trouble.problem.headers or {} if trouble else {})
    return page


def _has_to_do(attempt: AttemptAnswer) -> bool:
    return attempt.state in OPEN_STATES or (
        attempt.outcome is not None and attempt.outcome.can_reply
    )


def _alternative(session: Session, subject_id: str) -> AlternativeRequestAnswer | None:
    request = newest_request(session, subject_id)
    return alternative_request_answer(request) if request else None


def _is_prepared(
    check: FaceCheck, consent: Consent | None, accepted: FaceEnrollment | None
) -> bool:
    if check is FaceCheck.PERSON:
        return True
    return consent is not None and (accepted is not None or check is FaceCheck.PRESENCE)
