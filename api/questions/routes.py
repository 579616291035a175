"""Routes of questions. None of them is a student's."""

from fastapi import APIRouter

from api import problems
from api.authorization import Action
from api.context import Ctx
from api.exams.service import load_exam
from api.principal import AdminPerson
from api.questions.schemas import QuestionList, QuestionsAnswer
from api.questions.service import questions_answer, questions_of_exam, replace_questions
from api.request_id import RequestId

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
