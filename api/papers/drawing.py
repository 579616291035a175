"""Drawing the order of an attempt's questions, once, when it starts."""

import secrets
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.exam import Exam, Question

Item = TypeVar("Item")

_DICE = secrets.SystemRandom()
"""No client can know the order before the start."""


def draw_paper(session: Session, attempt: Attempt) -> dict[str, Any]:
    """Return `{question_ids, choice_ids}` for an attempt: its own order where the exam wishes."""
    exam = session.get(Exam, attempt.exam_id) if attempt.exam_id else None
    if exam is None:
        return {"question_ids": [], "choice_ids": {}}
    questions = session.scalars(
        select(Question).where(Question.exam_id == exam.id).order_by(Question.position)
    ).all()
    ids = [question.id for question in questions]
    choice_ids = {
        question.id: _ordered(
            [choice["id"] for choice in question.choices], shuffled=exam.shuffles_choices
        )
        for question in questions
        if question.choices
    }
    return {
        "question_ids": _ordered(ids, shuffled=exam.shuffles_questions),
        "choice_ids": choice_ids,
    }


def _ordered(items: list[Item], *, shuffled: bool) -> list[Item]:
    return _DICE.sample(items, len(items)) if shuffled else items
