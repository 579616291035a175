"""Routes of exams."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import problems
from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.attempts.service import open_attempt_for_exam
from api.authorization import Action
from api.context import Ctx
from api.exams.copying import copy_exam, renew_join_code
from api.exams.listing import Shown, Wanted, list_exams
from api.exams.schemas import ExamAnswer, ExamChange, ExamPage, JoinRequest, NewExam
from api.exams.service import (
    add_exam,
    archive_exam,
    change_exam,
    exam_answer,
    exam_answers,
    find_exam_to_join,
    load_exam,
)
from api.field_types import PlainText
from api.paging import WantedPage
from api.principal import AdminPerson, CurrentPerson
from api.request_id import RequestId

router = APIRouter(
    prefix="/api/v1/exams",
    tags=["exams"],
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed),
)


@router.post("", status_code=201)
def post_exam(
    wanted: NewExam, response: Response, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> ExamAnswer:
    """Set up an exam; students join it by its code."""
    with context.database.write() as session:
        answer = exam_answer(session, add_exam(session, context, admin, wanted, request_id))
    response.headers["Location"] = f"{router.prefix}/{answer.id}"
    return answer


@router.get("")
def get_exams(
    context: Ctx,
    admin: AdminPerson,
    page: WantedPage,
    show: Annotated[
        Shown | None, Query(description="Left out: all that were not archived.")
    ] = None,
    search: Annotated[
        PlainText, Query(max_length=200, description="Part of the title or of the join code.")
    ] = "",
) -> ExamPage:
    """List exams, newest first."""
    with context.database.read() as session:
        wanted = Wanted(show, search)
        exams, next_cursor = list_exams(session, admin, page, wanted, context.clock())
        return ExamPage(items=exam_answers(session, exams), next_cursor=next_cursor)


@router.post(
    "/join",
    status_code=201,
    responses={
        200: {"model": AttemptAnswer, "description": "Joined before; the open attempt."},
        **problems.responses(problems.NotFound, problems.ExamNotOpen, problems.AttemptClosed),
    },
)
def join_exam(
    wanted: JoinRequest, response: Response, context: Ctx, person: CurrentPerson
) -> AttemptAnswer:
    """Open your attempt of the exam with this code, or get the open one again."""
    with context.database.write() as session:
        exam = find_exam_to_join(session, context, person, wanted.join_code)
        attempt, is_new = open_attempt_for_exam(session, context, person, exam)
        answer = attempt_answer(session, context, person, attempt)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/attempts/{answer.id}"
    return answer


@router.get("/{exam_id}", responses=problems.responses(problems.NotFound))
def get_exam(exam_id: str, context: Ctx, admin: AdminPerson) -> ExamAnswer:
    """Show an exam."""
    with context.database.read() as session:
        return exam_answer(session, load_exam(session, admin, Action.READ, exam_id))


@router.patch("/{exam_id}", responses=problems.responses(problems.NotFound))
def patch_exam(
    exam_id: str, change: ExamChange, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> ExamAnswer:
    """Change an exam; attempts that exist keep what they were opened with."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        change_exam(session, context, admin, exam, change, request_id)
        return exam_answer(session, exam)


@router.delete("/{exam_id}", status_code=204, responses=problems.responses(problems.NotFound))
def delete_exam(exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId) -> None:
    """Archive an exam: nobody can join it any more, its attempts stay."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.MANAGE, exam_id)
        archive_exam(session, context, admin, exam, request_id)


@router.post("/{exam_id}/copy", status_code=201, responses=problems.responses(problems.NotFound))
def post_copy(
    exam_id: str, response: Response, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> ExamAnswer:
    """Copy an exam with its questions; the copy has a join code of its own and no window."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.READ, exam_id, archived_too=True)
        answer = exam_answer(session, copy_exam(session, context, admin, exam, request_id))
    response.headers["Location"] = f"{router.prefix}/{answer.id}"
    return answer


@router.post("/{exam_id}/join-code", responses=problems.responses(problems.NotFound))
def post_join_code(
    exam_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> ExamAnswer:
    """Give an exam a new join code; the old one leads nowhere from now on."""
    with context.database.write() as session:
        exam = load_exam(session, admin, Action.CHANGE, exam_id)
        renew_join_code(session, context, admin, exam, request_id)
        return exam_answer(session, exam)
