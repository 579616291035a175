"""The page on which admins set up exams."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api import audit
from api.attempts.answers import attempt_answers
from api.attempts.service import list_attempts
from api.authorization import Action
from api.context import Context, Ctx
from api.exams.schemas import ExamChange, NewExam
from api.exams.service import add_exam, change_exam, exam_answer, list_exams, load_exam
from api.pages.dashboard import names_of
from api.pages.page import render_page
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import ExamInUse, InvalidRequest, Problem
from api.questions.schemas import QuestionList
from api.questions.service import questions_answer, questions_of_exam, replace_questions
from api.request_id import RequestId

router = APIRouter(prefix="/admin/exams", include_in_schema=False)


ATTEMPTS_SHOWN = 200
"""Of one exam, newest first."""

OPTIONS = {
    "shuffles_questions": "Shuffle the questions for each attempt",
    "shuffles_choices": "Shuffle the choices as well",
    "needs_approved_enrollment": "A person has to approve the enrolled face first",
    "shows_points": "Students see their points once the attempt is verified",
    "is_practice": "Practice: sat as often as wished, nothing counts",
}
"""Switches of an exam and what they are called."""


class ExamForm(BaseModel):
    """What the form holds, as text: it comes back unchanged when something is wrong."""

    title: str = ""
    description: str = ""
    duration_minutes: str = "60"
    frame_interval_seconds: str = "5"
    opens_at: str = ""
    """`2026-11-23T10:00`, or with a zone when the script has added it. Without one it is UTC."""
    closes_at: str = ""


@router.get("")
def show_exams(request: Request, context: Ctx, admin: AdminPerson, wanted: WantedPage) -> Response:
    """Show the exams with their join codes, and the form for a new one."""
    interval = f"{context.settings.frame_interval_seconds:g}"
    return _page(request, context, admin, ExamForm(frame_interval_seconds=interval), wanted)


@router.post("")
def create_exam(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[ExamForm, Form()],
) -> Response:
    """Set up an exam, and show it at the top of the list."""
    try:
        wanted = _new_exam(form)
        with context.database.write() as session:
            add_exam(session, context, admin, wanted, request_id)
    except InvalidRequest as problem:
        first = Page(cursor=None, limit=50)
        return _page(request, context, admin, form, first, problem)
    return RedirectResponse("/admin/exams", status_code=303)


@router.get("/{exam_id}")
def show_exam(
    request: Request, exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Show an exam, its questions and its attempts."""
    page = _exam_page(request, context, admin, exam_id)
    audit.record_look(context, admin, "exam.seen", exam_id, request_id)
    return page


@router.post("/{exam_id}/options")
async def save_options(
    request: Request, exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Save how an exam is sat."""
    sent = await request.form()
    change = ExamChange.model_validate({name: name in sent for name in OPTIONS})

    def save() -> None:
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            change_exam(session, context, admin, exam, change, request_id)

    await run_in_threadpool(save)
    return RedirectResponse(f"/admin/exams/{exam_id}", status_code=303)


@router.post("/{exam_id}/questions")
def save_questions(
    request: Request,
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    questions: Annotated[str, Form()] = "",
) -> Response:
    """Save the questions of an exam; what cannot be used comes back with the reason."""
    try:
        wanted = _questions(questions)
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            replace_questions(session, context, admin, exam, wanted.questions, request_id)
    except (InvalidRequest, ExamInUse) as problem:
        return _exam_page(request, context, admin, exam_id, problem=problem, typed=questions)
    return RedirectResponse(f"/admin/exams/{exam_id}", status_code=303)


def _questions(text: str) -> QuestionList:
    try:
        return QuestionList.model_validate({"questions": from_json(text or "[]")})
    except ValueError as error:
        if isinstance(error, ValidationError):
            said = "; ".join(
                f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()[:5]
            )
        else:
            said = str(error)
        raise InvalidRequest(
            f"The list cannot be used: {said}.", next_step="Mend it and save again."
        ) from None


def _exam_page(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    *,
    problem: Problem | None = None,
    typed: str | None = None,
) -> Response:
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        attempts, _ = list_attempts(
            session, admin, Page(cursor=None, limit=ATTEMPTS_SHOWN), exam_id=exam.id
        )
        items = questions_answer(questions_of_exam(session, exam.id)).model_dump(mode="json")
        return render_page(
            request,
            "admin/exam.html",
            person=admin,
            status_code=problem.status if problem else 200,
            problem=problem,
            exam=exam_answer(session, exam),
            options=OPTIONS,
            questions=typed if typed is not None else json.dumps(items["items"], indent=1),
            attempts=attempt_answers(session, context, admin, attempts),
            names=names_of(session, (attempt.subject_id for attempt in attempts)),
        )


def _page(
    request: Request,
    context: Context,
    admin: Person,
    form: ExamForm,
    wanted: Page,
    problem: InvalidRequest | None = None,
) -> Response:
    with context.database.read() as session:
        exams, next_cursor = list_exams(session, admin, wanted)
        return render_page(
            request,
            "admin/exams.html",
            person=admin,
            status_code=problem.status if problem else 200,
            problem=problem,
            errors={error["field"]: error["message"] for error in problem.errors}
            if problem
            else {},
            form=form,
            exams=exams,
            next_cursor=next_cursor,
        )


def _new_exam(form: ExamForm) -> NewExam:
    """Return what the form asks for.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    """
    errors: list[dict[str, str]] = []
    values: dict[str, Any] = {
        "title": form.title,
        # Browsers end the lines of a form with two characters.
        "description": form.description.replace("\r\n", "\n"),
        "duration_seconds": _number(form.duration_minutes, "duration_minutes", errors) * 60,
        "frame_interval_seconds": _number(
            form.frame_interval_seconds, "frame_interval_seconds", errors
        ),
        "opens_at": _moment(form.opens_at, "opens_at", errors),
        "closes_at": _moment(form.closes_at, "closes_at", errors),
    }
    if not errors:
        try:
            return NewExam.model_validate(values)
        except ValidationError as error:
            errors = [_field_error(problem) for problem in error.errors()]
    raise InvalidRequest("The form holds something that cannot be used.", errors=errors)


def _number(text: str, field: str, errors: list[dict[str, str]]) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        errors.append({"field": field, "message": "must be a number"})
        return 0.0


def _moment(text: str, field: str, errors: list[dict[str, str]]) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        errors.append({"field": field, "message": "must be a date with a time"})
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _field_error(problem: Any) -> dict[str, str]:
    field = str(problem["loc"][0])
    shown = "duration_minutes" if field == "duration_seconds" else field
    messages = {
        "title": "must have 1 to 200 characters and no control characters",
        "description": "must have at most 20000 characters and no control characters",
        "duration_seconds": "must be between 1 minute and 7 days",
        "frame_interval_seconds": "must be between 0.2 and 300",
    }
    return {"field": shown, "message": messages.get(field, "cannot be used")}
