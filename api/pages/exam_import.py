"""Taking questions from a file: looked at first, then saved or not."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from api.authorization import Action
from api.context import Context, Ctx
from api.exams.service import exam_answer, load_exam
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.pages.question_form import KINDS
from api.principal import AdminPerson, Person
from api.problems import ChangedMeanwhile, ExamInUse, InvalidRequest, Problem
from api.questions.importing import ListUnusable, Mode, Plan, plan_of, text_of
from api.questions.question_csv import read_csv
from api.questions.question_json import read_json
from api.questions.schemas import QuestionText
from api.questions.service import (
    check_replacement,
    digest,
    held_questions,
    is_started,
    questions_answer,
    questions_of_exam,
    replace_questions,
)
from api.request_body import ORDINARY_BODY_MAX_BYTES
from api.request_id import RequestId

router = APIRouter(prefix="/admin/exams/{exam_id}/import", include_in_schema=False)

FILE_MAX_KB = ORDINARY_BODY_MAX_BYTES // 1000 - 10
"""Said on the page; the rest of the body is the form around it."""


@router.get("")
def show_import(request: Request, exam_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show the form to upload or paste questions, and the files to download."""
    return _import_page(request, context, admin, exam_id)


@router.post("")
def import_questions(
    request: Request,
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    mode: Annotated[Mode, Form()] = Mode.REPLACE,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Show what the list would do; once that was `seen`, do it."""
    try:
        if file is not None and file.filename:
            text = text_of(file.file.read())
        wanted, source = _read(text)
        if not _is_as_seen(context, admin, exam_id, seen):
            return _preview(
                request, context, admin, exam_id, text, wanted, mode, changed=bool(seen)
            )
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            known = held_questions(session, exam)
            if digest(known) != seen:
                raise ChangedMeanwhile
            questions = plan_of(known, wanted, mode).questions
            what = {"from": source}
            replace_questions(session, context, admin, exam, questions, request_id, what=what)
    except (InvalidRequest, ExamInUse, ChangedMeanwhile) as problem:
        return _import_page(request, context, admin, exam_id, text, mode, problem)
    return see_other(f"/admin/exams/{exam_id}/questions")


def _is_as_seen(context: Context, admin: Person, exam_id: str, seen: str) -> bool:
    """Tell whether the questions are still those somebody saw a preview for."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        return seen == digest(questions_answer(questions_of_exam(session, exam.id)).items)


def _read(text: str) -> tuple[list[QuestionText], str]:
    """Return the questions of a text and what it was; no table begins with a bracket."""
    if not text.strip():
        raise InvalidRequest.at("text", "is empty; choose a file or paste a list")
    if text.lstrip("\ufeff \t\r\n").startswith(("[", "{")):
        return read_json(text.removeprefix("\ufeff")), "json"
    return read_csv(text), "csv"


def _preview(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    text: str,
    wanted: list[QuestionText],
    mode: Mode,
    *,
    changed: bool,
) -> Response:
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        known = questions_answer(questions_of_exam(session, exam.id)).items
        plan: Plan = plan_of(known, wanted, mode)
        check_replacement(session, exam, plan.questions)
        return render_page(
            request,
            "admin/exam_import_preview.html",
            person=admin,
            status_code=ChangedMeanwhile.status if changed else 200,
            changed=changed,
            exam=exam_answer(session, exam),
            plan=plan,
            text=text,
            mode=mode,
            seen=digest(known),
            kinds=KINDS,
        )


def _import_page(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    text: str = "",
    mode: Mode = Mode.REPLACE,
    problem: Problem | None = None,
) -> Response:
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        return render_page(
            request,
            "admin/exam_import.html",
            person=admin,
            problem=problem,
            list_errors=problem.list_errors if isinstance(problem, ListUnusable) else [],
            more_errors=problem.more if isinstance(problem, ListUnusable) else 0,
            exam=exam_answer(session, exam),
            is_fixed=is_started(session, exam.id),
            text=text,
            mode=mode,
            file_max_kb=FILE_MAX_KB,
        )
