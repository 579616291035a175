"""The list of exams, and the page of one of them: how it is set up and how its attempts stand."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api import audit
from api.attempts.answers import attempt_answers
from api.attempts.service import list_attempts
from api.authorization import Action
from api.context import Context, Ctx
from api.exams.listing import Shown, Wanted, attempt_counts, list_exams, waiting_of
from api.exams.presets import presets
from api.exams.service import add_exam, exam_answer, exam_answers, load_exam
from api.field_types import PlainText
from api.pages.dashboard import names_of
from api.pages.exam_form import OPTIONS, ExamForm, new_exam
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest
from api.questions.service import is_started
from api.request_id import RequestId
from models.statuses import AttemptState

router = APIRouter(prefix="/admin/exams", include_in_schema=False)

FILTERS = {
    "": "All",
    Shown.OPEN: "Open now",
    Shown.UPCOMING: "Upcoming",
    Shown.OVER: "Over",
    Shown.PRACTICE: "Practice",
    Shown.ARCHIVED: "Archived",
}
"""What part of the list is called."""

Searched = Annotated[PlainText, Query(max_length=200)]


@router.get("")
def show_exams(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    page: WantedPage,
    show: Shown | None = None,
    search: Searched = "",
) -> Response:
    """Show the exams with their join codes and counts, and the form for a new one."""
    form = _empty_form(context)
    return _list_page(request, context, admin, form, page, Wanted(show, search))


@router.post("")
def create_exam(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[ExamForm, Form()],
) -> Response:
    """Set up an exam, and show its page with what comes next."""
    try:
        wanted = new_exam(form)
        with context.database.write() as session:
            exam = add_exam(session, context, admin, wanted, request_id)
            address = f"/admin/exams/{exam.id}?made"
    except InvalidRequest as problem:
        first = Page(cursor=None, limit=50)
        return _list_page(request, context, admin, form, first, Wanted(), problem)
    return see_other(address)


@router.get("/{exam_id}")
def show_exam(
    request: Request,
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    page: WantedPage,
    request_id: RequestId,
    state: AttemptState | None = None,
) -> Response:
    """Show how an exam is set up, what of it waits for a person, and its attempts."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id, archived_too=True)
        attempts, next_cursor = list_attempts(session, admin, page, exam_id=exam.id, state=state)
        shown = attempt_answers(session, context, admin, attempts)
        answer = render_page(
            request,
            "admin/exam.html",
            person=admin,
            exam=exam_answer(session, exam),
            is_made="made" in request.query_params,
            is_fixed=is_started(session, exam.id),
            options=OPTIONS,
            preset=next((one for one in presets(context.settings) if one.is_set(exam)), None),
            counts=attempt_counts(session, [exam.id]).get(exam.id, {}),
            waiting=waiting_of(session, exam.id),
            state=state,
            attempts=shown,
            next_cursor=next_cursor,
            names=names_of(session, (attempt.subject_id for attempt in attempts)),
        )
    audit.record_look(context, admin, "exam.seen", exam_id, request_id)
    return answer


def _empty_form(context: Context) -> ExamForm:
    interval = f"{context.settings.frame_interval_seconds:g}"
    return ExamForm(duration_minutes="60", frame_interval_seconds=interval)


def _list_page(
    request: Request,
    context: Context,
    admin: Person,
    form: ExamForm,
    page: Page,
    wanted: Wanted,
    problem: InvalidRequest | None = None,
) -> Response:
    with context.database.read() as session:
        exams, next_cursor = list_exams(session, admin, page, wanted, context.clock())
        return render_page(
            request,
            "admin/exams.html",
            person=admin,
            problem=problem,
            form=form,
            exams=exam_answers(session, exams),
            counts=attempt_counts(session, [exam.id for exam in exams]),
            kept={"show": wanted.shown or "", "search": wanted.search},
            filters=FILTERS,
            next_cursor=next_cursor,
        )
