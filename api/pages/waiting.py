"""Wishes, unseen students and second people that wait for a person, as many as a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.alternative_requests.service import list_alternative_requests
from api.paging import Page
from api.principal import Person
from api.reviews.second_person import WaitsForSecond, waiting_for_second
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.statuses import AttemptState, FaceCheck

SHOWN = 100
"""Of each list; the next follow as these are decided."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Head(Generic[Row]):
    """The rows of a list that are shown."""

    rows: Sequence[Row]
    has_more: bool

    @property
    def count(self) -> str:
        """How many wait, as it stands at the head of the page: `7`, or `100+`."""
        return f"{len(self.rows)}+" if self.has_more else str(len(self.rows))


def asked_alternatives(session: Session, person: Person) -> Head[AlternativeRequest]:
    """Return open wishes for a way without the camera."""
    page = Page(cursor=None, limit=SHOWN)
    rows, further = list_alternative_requests(session, person, page, only_open=True)
    return Head(rows, further is not None)


def unseen_attempts(session: Session) -> Head[Attempt]:
    """Return attempts without a camera whose student nobody has seen yet, the oldest first."""
    by_person = select(Allowance.subject_id).where(
        Allowance.withdrawn_at.is_(None), Allowance.face_check == FaceCheck.PERSON
    )
    statement = select(Attempt).where(
        Attempt.state == AttemptState.CREATED,
        Attempt.identity_checked_at.is_(None),
        Attempt.subject_id.in_(by_person),
        Attempt.allowances["face_check"].as_string() == FaceCheck.PERSON.value,
    )
    return _head(session.scalars(statement.order_by(Attempt.id).limit(SHOWN + 1)).all())


def attempts_for_second(session: Session, person: Person, now: datetime) -> Head[WaitsForSecond]:
    """Return attempts that only a second person can reject."""
    return _head(waiting_for_second(session, person, now, SHOWN + 1))


def _head(rows: Sequence[Row]) -> Head[Row]:
    return Head(rows[:SHOWN], len(rows) > SHOWN)
