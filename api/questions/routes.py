"""Routes of questions. None of them is a student's."""

import re
import unicodedata
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api import problems
from api.authorization import Action
from api.context import Ctx
from api.exams.service import load_exam
from api.principal import AdminPerson
from api.questions.importing import LIST_MAX_BYTES, ListUnusable, Mode, plan_of, text_of
from api.questions.question_csv import Separator, read_csv, write_csv
from api.questions.question_json import write_json
from api.questions.schemas import QuestionList, QuestionsAnswer
from api.questions.service import (
    held_questions,
    questions_answer,
    questions_of_exam,
    replace_questions,
)
from api.request_body import bounded_body
from api.request_id import RequestId
from api.spreadsheet import BYTE_ORDER_MARK
from models.exam import Exam

CSV_TYPE = "text/csv; charset=utf-8"

_FILE_OF: dict[str, dict[int | str, dict[str, Any]]] = {
    media_type: {200: {"content": {media_type: {"schema": {"type": "string"}}}}}
    for media_type in ("application/json", "text/csv")
}

router = APIRouter(
    prefix="/api/v1/exams/{exam_id}/questions",
    tags=["exams"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed, problems.CsrfFailed),
)


@router.get("")
def get_questions(exam_id: str, context: Ctx, admin: AdminPerson) -> QuestionsAnswer:
    """Show the questions of an exam with what is right."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        return questions_answer(questions_of_exam(session, exam.id))


@router.put("", responses=problems.responses(problems.ExamInUse))
def put_questions(
    exam_id: str, wanted: QuestionList, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> QuestionsAnswer:
    """Replace the questions of an exam; what comes out of `GET` goes in here.

    Once somebody has started it, texts, points and right answers can still be mended.
    """
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        replace_questions(session, context, admin, exam, wanted.questions, request_id)
        return questions_answer(questions_of_exam(session, exam.id))


@router.get(".json", response_class=Response, responses=_FILE_OF["application/json"])
def get_questions_as_json_file(exam_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Download the questions as the JSON that `PUT …/questions` takes."""
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        questions = questions_answer(questions_of_exam(session, exam.id)).items
    return _file(write_json(questions), "application/json", exam, "json")


@router.get(".csv", response_class=Response, responses=_FILE_OF["text/csv"])
def get_questions_as_csv(
    exam_id: str, context: Ctx, admin: AdminPerson, separator: Separator = Separator.COMMA
) -> Response:
    """Download the questions as a table, one line each: UTF-8 with a byte order mark.

    Columns: `id`, `kind`, `text`, `points`, `choices`, `correct`, `accepted_answers`. Choices and
    accepted answers stand one in each line of their cell; a line that begins with a tab goes on
    with the one above it. `correct` holds the numbers of the right choices, from 1. A cell that a
    spreadsheet would take for a formula begins with an apostrophe, which is taken off again when
    the table is read.
    """
    with context.database.read() as session:
        exam = load_exam(session, admin, Action.READ, exam_id)
        questions = questions_answer(questions_of_exam(session, exam.id)).items
    return _file(BYTE_ORDER_MARK + write_csv(questions, separator), CSV_TYPE, exam, "csv")


@router.put(
    ".csv",
    responses=problems.responses(
        problems.ExamInUse, problems.RequestTooLarge, problems.InvalidRequest, ListUnusable
    ),
    openapi_extra={
        "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
def put_questions_as_csv(
    exam_id: str,
    context: Ctx,
    admin: AdminPerson,
    content: Annotated[bytes, Depends(bounded_body(LIST_MAX_BYTES, problems.RequestTooLarge))],
    request_id: RequestId,
) -> QuestionsAnswer:
    """Replace the questions of an exam by those of a table, separated by commas or semicolons.

    Nothing is replaced unless the whole table is good; else `errors` names line and column of
    what is not. Questions whose `id` the exam has are changed, others are new; the choices of a
    changed one are known by their text, or else by their order.
    """
    wanted = read_csv(text_of(content))
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        plan = plan_of(held_questions(session, exam), wanted, Mode.REPLACE)
        what = {"from": "csv"}
        replace_questions(session, context, admin, exam, plan.questions, request_id, what=what)
        return questions_answer(questions_of_exam(session, exam.id))


def _file(text: str, media_type: str, exam: Exam, ending: str) -> Response:
    plain = unicodedata.normalize("NFKD", exam.title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "exam"
    return Response(
        text,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}-questions.{ending}"'},
    )
