"""What students see: the way into an exam, their face, and the exam itself."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.attempts.answers import attempt_answer
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action, load
from api.context import Context, Ctx
from api.enrollments.service import list_enrollments
from api.pages import student_home
from api.pages.form_values import typed_lines
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.pages.student_home import own_attempts, subject_id_of, wait_for_approval
from api.principal import CurrentPerson, Person
from api.problems import InvalidRequest, NotToReview, Problem
from api.reviews.schemas import NewReply
from api.reviews.service import add_reply
from api.subjects.service import accepted_enrollment, standing_consent
from models.attempt import Attempt
from models.attempt_states import NOT_STARTED, make_ready_if_possible
from models.exam import Exam
from models.statuses import Role

router = APIRouter(include_in_schema=False)
router.include_router(student_home.router)


@router.get("/enrollment")
def show_enrollment(request: Request, context: Ctx, person: CurrentPerson) -> Response:
    """Show the camera, and what the server answered to earlier pictures."""
    subject_id = subject_id_of(person)
    with context.database.read() as session:
        enrollments = list_enrollments(session, person, subject_id)
        return render_page(
            request,
            "student/enrollment.html",
            person=person,
            consent=standing_consent(session, subject_id),
            accepted_enrollment=accepted_enrollment(session, subject_id),
            newest_enrollment=enrollments[0] if enrollments else None,
            needs_approval=wait_for_approval(own_attempts(session, context, person)),
            image_max_bytes=context.settings.reference_image_max_bytes,
        )


@router.get("/attempts/{attempt_id}")
def show_attempt(
    request: Request, attempt_id: str, context: Ctx, person: CurrentPerson
) -> Response:
    """Show a student their exam with the camera, or what became of it."""
    if person.role is not Role.STUDENT:
        return see_other(f"/admin/attempts/{attempt_id}")
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
    subject_id_of(person)
    try:
        wanted = _new_reply(text)
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.CHANGE, attempt_id)
            add_reply(session, context, attempt, wanted)
    except (InvalidRequest, NotToReview) as problem:
        return _attempt_page(request, context, person, attempt_id, problem=problem, text=text)
    return see_other(f"/attempts/{attempt_id}")


def _new_reply(text: str) -> NewReply:
    try:
        return NewReply(text=typed_lines(text))
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
    _make_ready(context, person, attempt_id)
    now = context.clock()
    with context.database.read() as session:
        attempt = load(session, person, Action.READ, Attempt, attempt_id)
        return render_page(
            request,
            "student/attempt.html",
            person=person,
            problem=problem,
            reply_text=text,
            attempt=attempt_answer(session, context, person, attempt),
            exam=session.get(Exam, attempt.exam_id) if attempt.exam_id else None,
            now=now,
        )


def _make_ready(context: Context, person: Person, attempt_id: str) -> None:
    """Notice that an attempt which has not started can; no writer waits while a page is made."""
    with context.database.read() as session:
        if load(session, person, Action.READ, Attempt, attempt_id).state not in NOT_STARTED:
            return
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.READ, attempt_id)
        make_ready_if_possible(session, attempt, context.clock())
