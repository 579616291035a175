"""Attempts whose student has answered, and that wait for whoever asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from api.authorization import Action, authorize, visible_to
from api.principal import Person
from api.subjects.names import shown_name
from models.attempt import Attempt
from models.exam import Exam
from models.review import Review, StudentReply
from models.statuses import AttemptState
from models.subject import Subject

ANSWERED_SHOWN = 50


@dataclass(frozen=True)
class AnsweredAttempt:
    """One attempt that a student has answered about."""

    attempt_id: str
    name: str
    title: str
    first_reply_at: datetime
    replies: int


_later = aliased(Review)
_ANSWERS_THE_NEWEST_QUESTION = and_(
    StudentReply.attempt_id == Attempt.id,
    ~exists().where(_later.attempt_id == Attempt.id, _later.id > StudentReply.review_id),
)


def answered_count(session: Session, exam_id: str | None = None) -> int:
    """Return how many attempts, of an exam or of all, wait with an answer of the student."""
    return session.scalar(_answered(exam_id, func.count(func.distinct(Attempt.id)))) or 0


def answered_attempts(
    session: Session, person: Person, exam_id: str | None = None
) -> list[AnsweredAttempt]:
    """Return the attempts that have waited longest with an answer of the student."""
    authorize(person, Action.LIST, Attempt)
    first_reply_at = func.min(StudentReply.created_at)
    about = (
        Attempt.id,
        Subject.display_name,
        Subject.erased_at,
        Exam.title,
        Attempt.label,
    )
    statement = (
        _answered(exam_id, *about, first_reply_at, func.count())
        .join(Subject, Subject.id == Attempt.subject_id)
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .group_by(*about)
        .order_by(first_reply_at, Attempt.id)
        .limit(ANSWERED_SHOWN)
    )
    rows = session.execute(visible_to(person, statement, Attempt))
    return [
        AnsweredAttempt(
            attempt_id=attempt_id,
            name=shown_name(name, erased_at),
            title=title or label or "Without an exam",
            first_reply_at=replied_at,
            replies=replies,
        )
        for attempt_id, name, erased_at, title, label, replied_at, replies in rows
    ]


def _answered(exam_id: str | None, *columns: Any) -> Select[*tuple[Any, ...]]:
    statement = (
        select(*columns)
        .select_from(Attempt)
        .join(StudentReply, _ANSWERS_THE_NEWEST_QUESTION)
        .where(Attempt.state == AttemptState.SECOND_REVIEW_REQUIRED)
    )
    return statement if exam_id is None else statement.where(Attempt.exam_id == exam_id)
