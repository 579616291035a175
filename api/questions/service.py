"""Rules of questions. Nothing here commits."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.principal import Person
from api.problems import ExamInUse, InvalidRequest
from api.questions.schemas import CHOICE_KINDS, Choice, QuestionsAnswer, QuestionText
from models.attempt import Attempt
from models.attempt_states import locked_attempt
from models.base import new_id
from models.exam import Exam, Question
from models.scoring import score_attempt
from models.statuses import QuestionKind


def questions_of_exam(session: Session, exam_id: str) -> Sequence[Question]:
    """Return the questions of an exam in their order."""
    return session.scalars(
        select(Question).where(Question.exam_id == exam_id).order_by(Question.position)
    ).all()


def questions_answer(questions: Sequence[Question]) -> QuestionsAnswer:
    """Return questions as admins read them, with what is right."""
    return QuestionsAnswer(items=[_text(question) for question in questions])


def held_questions(session: Session, exam: Exam) -> list[QuestionText]:
    """Return the questions as they are now; nobody else changes them until the transaction ends."""
    _hold(session, exam)
    return questions_answer(questions_of_exam(session, exam.id)).items


def digest(questions: Sequence[QuestionText]) -> str:
    """Return a short text that differs when anything about the questions does."""
    whole = QuestionsAnswer(items=list(questions)).model_dump_json()
    return hashlib.sha256(whole.encode()).hexdigest()[:20]


def replace_questions(
    session: Session,
    context: Context,
    person: Person,
    exam: Exam,
    wanted: Sequence[QuestionText],
    request_id: str,
    *,
    what: Mapping[str, Any] | None = None,
) -> None:
    """Make these the questions of an exam, in this order.

    Once somebody has started, only texts, points and what is right can be mended; attempts that
    were handed in are then scored anew.

    Parameters
    ----------
    what
        What was done, for the audit entry, where it was less than a new list.

    Raises
    ------
    ExamInUse
        A question or choice would come, go or change its kind under somebody's hands.
    InvalidRequest
        An id is none of this exam's questions, or stands twice.
    """
    _hold(session, exam)
    known = check_replacement(session, exam, wanted)
    for question_id in known.keys() - {question.id for question in wanted}:
        session.delete(known[question_id])
    for position, text in enumerate(wanted, start=1):
        _write(session, context, exam, text, known.get(text.id or ""), position)
    session.flush()
    _score_again(session, exam.id)
    detail = {"questions": len(wanted), **(what or {})}
    audit.record(session, context, person, "exam.questions", exam.id, request_id, detail)


def check_replacement(
    session: Session, exam: Exam, wanted: Sequence[QuestionText]
) -> dict[str, Question]:
    """Return the questions there are, by id, when `wanted` may take their place.

    Raises
    ------
    ExamInUse, InvalidRequest
        As for `replace_questions`.
    """
    known = {question.id: question for question in questions_of_exam(session, exam.id)}
    _check_ids(wanted, known)
    if is_started(session, exam.id):
        _check_only_mended(wanted, known)
    return known


def is_started(session: Session, exam_id: str) -> bool:
    """Tell whether somebody has started the exam: its questions are fixed then."""
    started = select(Attempt.id).where(Attempt.exam_id == exam_id, Attempt.started_at.is_not(None))
    return session.scalars(started.limit(1)).one_or_none() is not None


def question_figures(session: Session, exam_ids: Collection[str]) -> dict[str, tuple[int, float]]:
    """Return number of questions and sum of points, by exam id."""
    if not exam_ids:
        return {}
    rows = session.execute(
        select(Question.exam_id, func.count(), func.sum(Question.points))
        .where(Question.exam_id.in_(exam_ids))
        .group_by(Question.exam_id)
    )
    return {exam_id: (count, float(points)) for exam_id, count, points in rows}


def _text(question: Question) -> QuestionText:
    is_choice = question.kind in CHOICE_KINDS
    return QuestionText(
        id=question.id,
        kind=QuestionKind(question.kind),
        text=question.text,
        points=question.points,
        choices=[
            Choice(**choice, is_correct=choice["id"] in question.correct)
            for choice in question.choices
        ],
        accepted_answers=[] if is_choice else question.correct,
    )


def _write(
    session: Session,
    context: Context,
    exam: Exam,
    text: QuestionText,
    question: Question | None,
    position: int,
) -> None:
    if question is None:
        question = Question(id=new_id("qst"), exam_id=exam.id, created_at=context.clock())
        session.add(question)
    identified = [(choice.id or new_id("cho"), choice) for choice in text.choices]
    question.position = position
    question.kind = text.kind
    question.text = text.text
    question.points = text.points
    question.choices = [{"id": choice_id, "text": choice.text} for choice_id, choice in identified]
    question.correct = [
        choice_id for choice_id, choice in identified if choice.is_correct
    ] or text.accepted_answers


def _check_ids(wanted: Sequence[QuestionText], known: dict[str, Question]) -> None:
    ids = [question.id for question in wanted if question.id]
    if len(ids) != len(set(ids)):
        raise InvalidRequest.at("questions", "hold one question twice")
    for index, question in enumerate(wanted):
        if question.id is None:
            own = set()
        elif question.id in known:
            own = {choice["id"] for choice in known[question.id].choices}
        else:
            raise InvalidRequest.at(f"questions.{index}.id", "is no question of this exam")
        named = [choice.id for choice in question.choices if choice.id]
        if not set(named) <= own or len(named) != len(set(named)):
            raise InvalidRequest.at(f"questions.{index}.choices", "name choices it does not have")


def _check_only_mended(wanted: Sequence[QuestionText], known: dict[str, Question]) -> None:
    if {question.id for question in wanted} != known.keys():
        raise ExamInUse("Questions can neither come nor go any more.")
    for question in wanted:
        before = known[question.id or ""]
        ids = {choice["id"] for choice in before.choices}
        if question.kind != before.kind or {choice.id for choice in question.choices} != ids:
            raise ExamInUse("Neither kind nor choices of a question can change any more.")


def _hold(session: Session, exam: Exam) -> None:
    # Nobody starts it or hands it in meanwhile: see `held_exam`.
    session.refresh(exam, with_for_update={"key_share": True})


def _score_again(session: Session, exam_id: str) -> None:
    # Found first and locked then: to look for them under locks would wait for those who start.
    scored_ids = session.scalars(
        select(Attempt.id).where(Attempt.exam_id == exam_id, Attempt.possible_points.is_not(None))
    ).all()
    for attempt_id in sorted(scored_ids):
        attempt = locked_attempt(session, attempt_id)
        if attempt is not None:
            score_attempt(session, attempt)
