"""Attempts that wait for a person's decision, in the order in which they are listed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from api.principal import Person
from api.subjects.names import shown_name
from models.attempt import Attempt
from models.incident import ReviewClaim
from models.review import Review, StudentReply
from models.statuses import UNDECIDED_STATES, AttemptState, ReviewDecision
from models.subject import Subject


@dataclass(frozen=True)
class AttemptToDecide:
    """An attempt that a page can lead to."""

    attempt_id: str
    name: str


@dataclass(frozen=True)
class ToDecideBeside:
    """What of the same exam waits beside an attempt."""

    before: AttemptToDecide | None
    """The one above it in the list."""
    following: AttemptToDecide | None
    """The one below it, or after the last the first; what others review now comes last."""
    waiting: int
    """How many of the exam wait for a decision, itself among them."""
    asked: int
    """How many wait for what their student will answer."""


def is_to_decide() -> ColumnElement[bool]:
    """Return the condition that an attempt is over and not decided; nobody decides practice."""
    return Attempt.state.in_(UNDECIDED_STATES) & Attempt.is_practice.is_(False)


def to_decide_beside(
    session: Session, person: Person, attempt: Attempt, now: datetime
) -> ToDecideBeside:
    """Return what waits beside an attempt, for those who may list all of them."""
    statements = _IN_AN_EXAM if attempt.exam_id else _WITHOUT_AN_EXAM
    values = {
        "exam_id": attempt.exam_id,
        "attempt_id": attempt.id,
        "person_id": person.user_id,
        "own_subject_id": person.subject_id or "",
        "now": now,
    }
    total, asked = session.execute(statements.counted, values).one()
    above, below = (
        session.execute(statement, values).one_or_none()
        for statement in (statements.above, statements.below)
    )
    asked = int(asked or 0)
    return ToDecideBeside(_link(above), _link(below), waiting=total - asked, asked=asked)


def _link(row: Any) -> AttemptToDecide | None:
    return row and AttemptToDecide(row.id, shown_name(row.display_name, row.erased_at))


@dataclass(frozen=True)
class _Statements:
    """Made once: putting them together takes longer than the database does."""

    counted: Select[*tuple[Any, ...]]
    above: Select[*tuple[Any, ...]]
    below: Select[*tuple[Any, ...]]


_later = aliased(Review)
_can_still_answer = (Attempt.state == AttemptState.SECOND_REVIEW_REQUIRED) & exists().where(
    Review.attempt_id == Attempt.id,
    Review.decision == ReviewDecision.QUESTIONED,
    Review.reply_until > bindparam("now"),
    ~exists().where(_later.attempt_id == Review.attempt_id, _later.id > Review.id),
    ~exists().where(StudentReply.review_id == Review.id),
)
_is_claimed = exists().where(
    ReviewClaim.attempt_id == Attempt.id,
    ReviewClaim.claimed_until > bindparam("now"),
    ReviewClaim.reviewer_id != bindparam("person_id"),
)


def _statements(is_of_exam: ColumnElement[bool]) -> _Statements:
    links = (
        select(Attempt.id, Subject.display_name, Subject.erased_at)
        .join(Subject, Subject.id == Attempt.subject_id)
        .where(is_of_exam, is_to_decide(), ~_can_still_answer)
        # Nobody decides about themselves.
        .where(Attempt.subject_id != bindparam("own_subject_id"))
        .where(Attempt.id != bindparam("attempt_id"))
        .limit(1)
    )
    return _Statements(
        counted=select(func.count(), func.sum(case((_can_still_answer, 1), else_=0)))
        .select_from(Attempt)
        .where(is_of_exam, is_to_decide()),
        above=links.where(Attempt.id > bindparam("attempt_id")).order_by(Attempt.id),
        below=links.order_by(
            case((_is_claimed, 1), else_=0),
            case((Attempt.id < bindparam("attempt_id"), 0), else_=1),
            Attempt.id.desc(),
        ),
    )


_IN_AN_EXAM = _statements(Attempt.exam_id == bindparam("exam_id"))
_WITHOUT_AN_EXAM = _statements(Attempt.exam_id.is_(None))
