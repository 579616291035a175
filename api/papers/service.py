"""Rules of papers and answers. Nothing here commits; callers hold the attempt's lock."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, is_allowed
from api.context import Context
from api.papers.schemas import (
    SHORT_TEXT_MAX,
    AnswerValue,
    NewAnswer,
    NewScore,
    Paper,
    PaperAnswer,
    PaperChoice,
    PaperQuestion,
    SavedAnswer,
    ScoredAnswer,
)
from api.principal import Person, Principal
from api.problems import (
    AnswerConflict,
    AttemptClosed,
    AttemptNotStarted,
    InvalidRequest,
    NotFound,
)
from api.questions.schemas import CHOICE_KINDS
from models.attempt import Answer, Attempt
from models.attempt_states import SUBMIT_GRACE
from models.base import new_id
from models.exam import Question
from models.scoring import answers_of, questions_of, score_attempt
from models.statuses import AttemptState, QuestionKind


def paper_of(session: Session, attempt: Attempt, now: datetime) -> Paper:
    """Return the paper of a running attempt with what was answered so far.

    Raises
    ------
    AttemptNotStarted, AttemptClosed
    """
    check_runs(attempt, now)
    answers = answers_of(session, attempt.id)
    questions = [
        _paper_question(attempt, question, number, answers.get(question.id))
        for number, question in enumerate(questions_of(session, attempt), start=1)
    ]
    return Paper(
        attempt_id=attempt.id,
        questions=questions,
        deadline_at=attempt.deadline_at,
        server_now=now,
    )


def save_answer(
    session: Session, attempt: Attempt, question_id: str, wanted: NewAnswer, now: datetime
) -> SavedAnswer:
    """Store an answer of a locked attempt. The same revision and value again change nothing.

    Raises
    ------
    AttemptNotStarted, AttemptClosed
        It does not run, or its time and the grace after it are over.
    NotFound, InvalidRequest
        The question is none of this paper's, or the value does not fit it.
    AnswerConflict
        Somebody else saved meanwhile.
    """
    check_runs(attempt, now)
    question = _own_question(session, attempt, question_id)
    value = _fitting_value(question, wanted.value)
    answer = session.scalars(
        select(Answer).where(Answer.attempt_id == attempt.id, Answer.question_id == question_id)
    ).one_or_none()
    stored = answer.revision if answer else 0
    if answer and wanted.revision == stored and answer.value == value:
        return _saved(answer, now)
    if wanted.revision != stored + 1:
        current = _saved(answer, now).model_dump(mode="json") if answer else None
        raise AnswerConflict(members={"current": current})
    if answer is None:
        answer = Answer(id=new_id("ans"), attempt_id=attempt.id, question_id=question_id)
        session.add(answer)
    answer.revision = wanted.revision
    answer.value = value
    answer.client_at = wanted.client_at
    answer.received_at = now
    session.flush()
    return _saved(answer, now)


def scored_answers(session: Session, principal: Principal, attempt: Attempt) -> list[ScoredAnswer]:
    """Return every question of an attempt with its answer, as `principal` may see them."""
    sees_what_is_right = is_allowed(principal, Action.READ, Question)
    answers = answers_of(session, attempt.id)
    return [
        _scored(
            attempt,
            question,
            number,
            answers.get(question.id),
            correct=question.correct if sees_what_is_right else None,
        )
        for number, question in enumerate(questions_of(session, attempt), start=1)
    ]


def score_by_person(
    session: Session,
    context: Context,
    person: Person,
    attempt: Attempt,
    question_id: str,
    wanted: NewScore,
    request_id: str,
) -> None:
    """Record what a person awards for an answer of a locked attempt that was handed in.

    Raises
    ------
    NotFound, InvalidRequest, AttemptNotStarted
    """
    if attempt.possible_points is None:
        raise AttemptNotStarted(
            "It was not handed in yet.", next_step="Score it after it was handed in."
        )
    question = _own_question(session, attempt, question_id)
    if wanted.awarded_points > question.points:
        raise InvalidRequest.at("awarded_points", f"must be at most {question.points:g}")
    answer = answers_of(session, attempt.id).get(question_id)
    if answer is None:
        raise NotFound("Nothing was answered.", next_step="It is worth nothing by itself.")
    answer.awarded_points = wanted.awarded_points
    answer.scored_by = person.user_id
    answer.comment = wanted.comment or None
    score_attempt(session, attempt)
    detail = {"question_id": question_id, "awarded_points": wanted.awarded_points}
    audit.record(session, context, person, "answer.scored", attempt.id, request_id, detail)


def check_runs(attempt: Attempt, now: datetime) -> None:
    """Return when answers of the attempt are taken at `now`.

    Raises
    ------
    AttemptNotStarted, AttemptClosed
    """
    if attempt.state in {AttemptState.CREATED, AttemptState.READY}:
        raise AttemptNotStarted
    if attempt.state == AttemptState.ERROR:
        raise AttemptNotStarted("It broke off.", next_step="Go on with it first.")
    if attempt.state != AttemptState.STARTED:
        raise AttemptClosed(f"The attempt is {attempt.state}; no answer can be changed.")
    if attempt.deadline_at is not None and now >= attempt.deadline_at + SUBMIT_GRACE:
        raise AttemptClosed("Its time has run out; no answer can be changed.")


def _own_question(session: Session, attempt: Attempt, question_id: str) -> Question:
    is_own = question_id in (attempt.paper or {}).get("question_ids", [])
    question = session.get(Question, question_id) if is_own else None
    if question is None:
        raise NotFound("The attempt has no such question.")
    return question


def _fitting_value(question: Question, value: AnswerValue) -> dict[str, Any]:
    """Return the value as it is stored; `{}` where nothing was chosen or written."""
    if question.kind not in CHOICE_KINDS:
        return _fitting_text(question, value)
    if value.text.strip():
        raise InvalidRequest.at("value.text", "is not asked for; choose instead")
    offered = [choice["id"] for choice in question.choices]
    chosen = set(value.choice_ids)
    if not chosen <= set(offered):
        raise InvalidRequest.at("value.choice_ids", "names something that cannot be chosen")
    if question.kind == QuestionKind.SINGLE_CHOICE and len(chosen) > 1:
        raise InvalidRequest.at("value.choice_ids", "only one can be chosen")
    in_order = [choice_id for choice_id in offered if choice_id in chosen]
    return {"choice_ids": in_order} if in_order else {}


def _fitting_text(question: Question, value: AnswerValue) -> dict[str, Any]:
    if value.choice_ids:
        raise InvalidRequest.at("value.choice_ids", "there is nothing to choose; write instead")
    if question.kind == QuestionKind.SHORT_TEXT and len(value.text) > SHORT_TEXT_MAX:
        raise InvalidRequest.at("value.text", f"must have at most {SHORT_TEXT_MAX} characters")
    return {"text": value.text} if value.text.strip() else {}


def _saved(answer: Answer, now: datetime) -> SavedAnswer:
    return SavedAnswer(
        question_id=answer.question_id,
        revision=answer.revision,
        value=answer.value,
        received_at=answer.received_at,
        server_now=now,
    )


def _paper_question(
    attempt: Attempt, question: Question, number: int, answer: Answer | None
) -> PaperQuestion:
    return PaperQuestion(
        id=question.id,
        number=number,
        kind=QuestionKind(question.kind),
        text=question.text,
        points=question.points,
        choices=_choices(attempt, question),
        answer=PaperAnswer.model_validate(answer, from_attributes=True) if answer else None,
    )


def _choices(attempt: Attempt, question: Question) -> list[PaperChoice]:
    texts = {choice["id"]: choice["text"] for choice in question.choices}
    order: list[str] = (attempt.paper or {}).get("choice_ids", {}).get(question.id, [])
    return [PaperChoice(id=choice_id, text=texts[choice_id]) for choice_id in order]


def _scored(
    attempt: Attempt,
    question: Question,
    number: int,
    answer: Answer | None,
    *,
    correct: list[str] | None,
) -> ScoredAnswer:
    return ScoredAnswer(
        question_id=question.id,
        number=number,
        kind=QuestionKind(question.kind),
        text=question.text,
        choices=_choices(attempt, question),
        correct=correct,
        points=question.points,
        value=answer.value if answer else {},
        revision=answer.revision if answer else 0,
        received_at=answer.received_at if answer else None,
        awarded_points=answer.awarded_points if answer else 0.0,
        scored_by=answer.scored_by if answer else None,
        comment=answer.comment if answer else None,
    )
