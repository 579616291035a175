"""What answers are worth. The server alone decides, when an attempt is handed in or expires."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attempt import Answer, Attempt
from models.exam import Question
from models.statuses import QuestionKind

SYSTEM_SCORER = "system"
"""Stands in `Answer.scored_by` where no person scored."""


def automatic_points(question: Question, value: Mapping[str, Any] | None) -> float | None:
    """Return what an answer is worth; None where a person has to say.

    Single choice is all or nothing. Multiple choice is worth the share of right choices less the
    share of wrong ones, never less than nothing, so that ticking everything gains nothing. A short
    text counts when it is an accepted answer, whatever its case and blanks. No answer is worth 0.
    """
    if value is None or is_empty(value):
        return 0.0
    kind = QuestionKind(question.kind)
    if kind is QuestionKind.LONG_TEXT or (kind is QuestionKind.SHORT_TEXT and not question.correct):
        return None
    if kind is QuestionKind.SHORT_TEXT:
        accepted = {_plain(text) for text in question.correct}
        return question.points if _plain(value["text"]) in accepted else 0.0
    chosen = set(value["choice_ids"])
    if kind is QuestionKind.SINGLE_CHOICE:
        return question.points if chosen == set(question.correct) else 0.0
    return question.points * _share(question, chosen)


def score_attempt(session: Session, attempt: Attempt) -> None:
    """Score the answers of an attempt and add them up.

    What a person scored stays, up to what the question is worth by now. The sum stays empty
    while an answer waits for a person.
    """
    questions = questions_of(session, attempt)
    answers = answers_of(session, attempt.id)
    for question in questions:
        answer = answers.get(question.id)
        if answer is not None:
            _score(question, answer)
    _add_up(attempt, questions, answers)


def questions_of(session: Session, attempt: Attempt) -> Sequence[Question]:
    """Return the questions of an attempt in the order of its paper; none before the start."""
    ids: list[str] = (attempt.paper or {}).get("question_ids", [])
    found = {
        question.id: question
        for question in session.scalars(select(Question).where(Question.id.in_(ids)))
    }
    return [found[question_id] for question_id in ids]


def answers_of(session: Session, attempt_id: str) -> dict[str, Answer]:
    """Return the answers of an attempt by the id of their question."""
    rows = session.scalars(select(Answer).where(Answer.attempt_id == attempt_id))
    return {answer.question_id: answer for answer in rows}


def _score(question: Question, answer: Answer) -> None:
    is_persons = answer.scored_by not in {None, SYSTEM_SCORER}
    if is_persons and answer.awarded_points is not None:
        answer.awarded_points = min(answer.awarded_points, question.points)
        return
    answer.awarded_points = automatic_points(question, answer.value)
    answer.scored_by = None if answer.awarded_points is None else SYSTEM_SCORER


def _add_up(attempt: Attempt, questions: Sequence[Question], answers: Mapping[str, Answer]) -> None:
    attempt.possible_points = sum(question.points for question in questions)
    points: list[float | None] = [
        answers[question.id].awarded_points if question.id in answers else 0.0
        for question in questions
    ]
    known = [one for one in points if one is not None]
    attempt.awarded_points = sum(known) if len(known) == len(points) else None


def _share(question: Question, chosen: Collection[str]) -> float:
    right = set(question.correct)
    wrong_count = len(question.choices) - len(right)
    gained = len(right & set(chosen)) / len(right) if right else 0.0
    lost = len(set(chosen) - right) / wrong_count if wrong_count else 0.0
    return max(0.0, gained - lost)


def is_empty(value: Mapping[str, Any] | None) -> bool:
    """Tell whether a value is no answer: nothing chosen, or only blanks."""
    if not value:
        return True
    return not value.get("choice_ids") and not str(value.get("text") or "").strip()


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
