"""Writing the questions of an exam, one form each. Every form works without a script."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.authorization import Action, load
from api.context import Context, Ctx
from api.exams.service import exam_answer, load_exam
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.pages.question_form import (
    KINDS,
    SCORING,
    FilledForm,
    QuestionForm,
    form_of,
    kept_form,
    kind_of,
    new_form,
    question_of,
)
from api.principal import AdminPerson, Person
from api.problems import ChangedMeanwhile, ExamInUse, InvalidRequest, NotFound, Problem
from api.questions.editing import QuestionEditor
from api.questions.schemas import CHOICES_MAX, QuestionText
from api.questions.service import digest, is_started, questions_answer, questions_of_exam
from api.request_id import RequestId
from models.exam import Question

router = APIRouter(prefix="/admin/exams/{exam_id}/questions", include_in_schema=False)

NEW = "new"
"""Stands in the address for the question that is not there yet."""


@router.get("")
def show_questions(request: Request, exam_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show the questions of an exam with what is right, and what can be done with them."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        return render_page(
            request,
            "admin/exam_questions.html",
            person=admin,
            exam=exam_answer(session, exam),
            questions=questions_answer(questions_of_exam(session, exam.id)).items,
            is_fixed=is_started(session, exam.id),
            kinds=KINDS,
        )


@router.post("/move")
def move_question(
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    up: Annotated[str, Form()] = "",
    down: Annotated[str, Form()] = "",
) -> Response:
    """Let a question change places with the one above or below."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        editor = QuestionEditor(session, context, admin, exam, request_id)
        editor.move(up or down, "up" if up else "down")
    return _see(exam_id, up or down)


@router.get("/new")
def show_new_question(
    request: Request, exam_id: str, context: Ctx, admin: AdminPerson, kind: str = ""
) -> Response:
    """Show the empty form of a kind of question."""
    return _form_page(request, context, admin, exam_id, NEW, new_form(kind_of(kind)))


@router.get("/{question_id}")
def show_question(
    request: Request, exam_id: str, question_id: str, context: Ctx, admin: AdminPerson
) -> Response:
    """Show the form with a question in it."""
    question, is_fixed = _question(context, admin, exam_id, question_id)
    form = form_of(question, can_grow=not is_fixed)
    return _form_page(request, context, admin, exam_id, question_id, form)


@router.post("/{question_id}")
def save_question(
    request: Request,
    exam_id: str,
    question_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    form: Annotated[QuestionForm, Form()],
) -> Response:
    """Save a question, a new one at the end; what cannot be used comes back with the reason."""
    if form.add_row:
        filled = kept_form(form, more_rows=1)
        return _form_page(request, context, admin, exam_id, question_id, filled)
    try:
        wanted = question_of(form)
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            editor = QuestionEditor(session, context, admin, exam, request_id)
            if question_id == NEW:
                editor.add(wanted)
            else:
                editor.change(question_id, wanted, seen=form.seen)
    except InvalidRequest as problem:
        filled = kept_form(form, problem)
        return _form_page(request, context, admin, exam_id, question_id, filled, problem)
    except ExamInUse as problem:
        filled = kept_form(form)
        return _form_page(request, context, admin, exam_id, question_id, filled, problem)
    except ChangedMeanwhile as problem:
        stored, _ = _question(context, admin, exam_id, question_id)
        # Sent once more, it takes the place of what is shown beside it now.
        filled = kept_form(form.model_copy(update={"seen": digest([stored])}))
        return _form_page(
            request, context, admin, exam_id, question_id, filled, problem, stored=stored
        )
    if form.then == NEW:
        return see_other(f"/admin/exams/{exam_id}/questions/new?kind={wanted.kind}")
    return _see(exam_id, "" if question_id == NEW else question_id)


@router.get("/{question_id}/delete")
def ask_before_deleting(
    request: Request, exam_id: str, question_id: str, context: Ctx, admin: AdminPerson
) -> Response:
    """Show the question and ask."""
    return _delete_page(request, context, admin, exam_id, question_id)


@router.post("/{question_id}/delete")
def delete_question(
    request: Request,
    exam_id: str,
    question_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
) -> Response:
    """Take a question away."""
    try:
        with context.database.write() as session:
            exam = load_exam(session, admin, Action.CHANGE, exam_id)
            QuestionEditor(session, context, admin, exam, request_id).remove(question_id)
    except ExamInUse as problem:
        return _delete_page(request, context, admin, exam_id, question_id, problem)
    return _see(exam_id)


def _question(
    context: Context, admin: Person, exam_id: str, question_id: str
) -> tuple[QuestionText, bool]:
    """Return a question of the exam, and whether somebody has started it."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        question = load(session, admin, Action.CHANGE, Question, question_id)
        if question.exam_id != exam.id:
            raise NotFound("The exam has no such question.")
        return questions_answer([question]).items[0], is_started(session, exam.id)


def _form_page(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    question_id: str,
    form: FilledForm,
    problem: Problem | None = None,
    *,
    stored: QuestionText | None = None,
) -> Response:
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        is_fixed = is_started(session, exam.id)
        return render_page(
            request,
            "admin/exam_question.html",
            person=admin,
            problem=problem,
            exam=exam_answer(session, exam),
            question_id=question_id,
            is_new=question_id == NEW,
            is_fixed=is_fixed,
            can_grow=bool(form.rows) and not is_fixed and len(form.rows) < CHOICES_MAX,
            choices_max=CHOICES_MAX,
            form=form,
            stored=stored,
            kind_name=KINDS[form.kind],
            scoring=SCORING[form.kind],
        )


def _delete_page(
    request: Request,
    context: Context,
    admin: Person,
    exam_id: str,
    question_id: str,
    problem: Problem | None = None,
) -> Response:
    question, is_fixed = _question(context, admin, exam_id, question_id)
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        return render_page(
            request,
            "admin/exam_question_delete.html",
            person=admin,
            problem=problem,
            exam=exam_answer(session, exam),
            question=question,
            is_fixed=is_fixed,
        )


def _see(exam_id: str, question_id: str = "") -> Response:
    anchor = f"#{question_id}" if question_id else ""
    return see_other(f"/admin/exams/{exam_id}/questions{anchor}")
