"""The page on which admins set up exams."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ValidationError
from starlette.responses import RedirectResponse, Response

from api.context import Context, Ctx
from api.exams.schemas import NewExam
from api.exams.service import add_exam, list_exams
from api.pages.page import render_page
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest
from api.request_id import RequestId

router = APIRouter(prefix="/admin/exams", include_in_schema=False)


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
