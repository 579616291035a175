"""Attempts that only a second person can reject: somebody asked, and it is no more theirs alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.authorization import Action, authorize, visible_to
from api.principal import Person
from api.subjects.names import shown_name
from models.attempt import Attempt
from models.exam import Exam
from models.review import Review, StudentReply
from models.statuses import AttemptState, ReviewDecision
from models.subject import Subject
from models.user import User


@dataclass(frozen=True)
class WaitsForSecond:
    """An attempt whose student was asked by one person and can be rejected by another."""

    attempt_id: str
    subject_id: str
    name: str
    title: str
    first_id: str
    """Who asked, and cannot be the second."""
    first_name: str
    asked_at: datetime
    replies: int


def waiting_for_second(
    session: Session, person: Person, now: datetime, limit: int
) -> list[WaitsForSecond]:
    """Return the attempts that could be rejected now, but not by whoever asked, oldest first.

    The student has answered or had the time to; one who was erased is rejected by nobody.
    """
    authorize(person, Action.LIST, Attempt)
    later = aliased(Review)
    is_newest = ~exists().where(later.attempt_id == Review.attempt_id, later.id > Review.id)
    replies = select(func.count()).where(StudentReply.review_id == Review.id).scalar_subquery()
    statement = (
        select(
            Attempt.id,
            Attempt.subject_id,
            Subject.display_name,
            Exam.title,
            Review.reviewer_id,
            User.display_name,
            Review.created_at,
            replies,
        )
        .select_from(Attempt)
        .join(Exam, Exam.id == Attempt.exam_id)
        .join(Subject, Subject.id == Attempt.subject_id)
        .join(Review, Review.attempt_id == Attempt.id)
        .join(User, User.id == Review.reviewer_id)
        .where(
            Attempt.state == AttemptState.SECOND_REVIEW_REQUIRED,
            Exam.rejection_needs_two.is_(True),
            Subject.erased_at.is_(None),
            Review.decision == ReviewDecision.QUESTIONED,
            is_newest,
            or_(Review.reply_until.is_(None), Review.reply_until <= now, replies > 0),
        )
        .order_by(Review.id)
        .limit(limit)
    )
    rows = session.execute(visible_to(person, statement, Attempt))
    return [
        WaitsForSecond(attempt_id, subject_id, shown_name(name, None), *others)
        for attempt_id, subject_id, name, *others in rows
    ]
