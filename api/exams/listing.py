"""Which exams a list shows, and how many attempts stand behind each."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from api.authorization import Action, authorize, visible_to
from api.paging import Page, newest_first
from api.principal import Principal
from api.reviews.answered import answered_count
from models.allowance import AlternativeRequest
from models.attempt import Attempt
from models.attempt_readiness import (
    MISSING_APPROVAL,
    MISSING_IDENTITY_CHECK,
    missing_of_attempts,
)
from models.exam import Exam
from models.incident import WAITING_FOR_REVIEW, Incident
from models.statuses import OPEN_STATES, AttemptState

TITLES_OFFERED = 200
"""Exams somebody can choose from a list without searching."""


class Shown(StrEnum):
    """Part of all exams, by where their window lies."""

    OPEN = "open"
    """Can be joined now."""
    UPCOMING = "upcoming"
    OVER = "over"
    PRACTICE = "practice"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Wanted:
    """Which exams are wanted."""

    shown: Shown | None = None
    """None: all that were not archived."""
    search: str = ""
    """Part of the title or of the join code, in any case."""


@dataclass(frozen=True)
class Waiting:
    """What of one exam waits for a person."""

    requests: int
    """Wishes for a way without the camera, of students with an open attempt."""
    approvals: int
    """Attempts that wait until somebody approves the enrolled face."""
    identity_checks: int
    """Attempts before which somebody has to see who it is."""
    incidents: int
    """Incidents nobody has decided."""
    answered: int
    """Attempts about which the student has answered what was asked."""


def list_exams(
    session: Session, principal: Principal, page: Page, wanted: Wanted, now: datetime
) -> tuple[list[Exam], str | None]:
    """Return exams, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, Exam)
    statement = select(Exam).where(_is_shown(wanted.shown, now), *_holds(wanted.search))
    return newest_first(session, visible_to(principal, statement, Exam), Exam.id, page)


def titles_to_choose(
    session: Session, now: datetime, *, also: Collection[str] = ()
) -> dict[str, str]:
    """Return the newest exams that are not over, and of the others those in `also`; by id."""
    titles = select(Exam.id, Exam.title, Exam.join_code).order_by(Exam.id.desc())
    is_ahead = and_(Exam.archived_at.is_(None), ~_is_over(now))
    rows = session.execute(titles.where(is_ahead).limit(TITLES_OFFERED)).all()
    others = session.execute(titles.where(Exam.archived_at.is_(None), Exam.id.in_(also))).all()
    return distinct_titles({row.id: row for row in [*rows, *others]}.values())


def distinct_titles(exams: Iterable[Any]) -> dict[str, str]:
    """Return what tells exams apart in a list, by id: the title, with the join code if it repeats.

    `exams` are exams or rows with their id, title and join code.
    """
    listed = list(exams)
    counts = Counter(one.title for one in listed)
    return {
        one.id: one.title if counts[one.title] == 1 else f"{one.title} ({one.join_code})"
        for one in listed
    }


def titles_of(session: Session, exam_ids: Collection[str]) -> dict[str, str]:
    """Return the titles of exams by id, of archived ones too."""
    rows = session.execute(select(Exam.id, Exam.title).where(Exam.id.in_(exam_ids)))
    return dict(rows.all())


def attempt_counts(
    session: Session, exam_ids: Collection[str]
) -> dict[str, dict[AttemptState, int]]:
    """Return the number of attempts in each state, by exam id."""
    rows: Any = session.execute(
        select(Attempt.exam_id, Attempt.state, func.count())
        .where(Attempt.exam_id.in_(exam_ids))
        .group_by(Attempt.exam_id, Attempt.state)
    )
    counts: dict[str, dict[AttemptState, int]] = defaultdict(dict)
    for exam_id, state, count in rows:
        counts[exam_id][AttemptState(state)] = count
    return counts


def waiting_of(session: Session, exam_id: str) -> Waiting:
    """Return what of an exam waits for a person; the same queries for any number of attempts."""
    created = session.scalars(
        select(Attempt).where(Attempt.exam_id == exam_id, Attempt.state == AttemptState.CREATED)
    ).all()
    missing = [part for parts in missing_of_attempts(session, created).values() for part in parts]
    sitting = select(Attempt.subject_id).where(
        Attempt.exam_id == exam_id, Attempt.state.in_(OPEN_STATES)
    )
    requests = session.scalar(
        select(func.count())
        .select_from(AlternativeRequest)
        .where(AlternativeRequest.answered_at.is_(None), AlternativeRequest.subject_id.in_(sitting))
    )
    incidents = session.scalar(
        select(func.count())
        .select_from(Incident)
        .join(Attempt, Attempt.id == Incident.attempt_id)
        .where(
            Attempt.exam_id == exam_id,
            Attempt.is_practice.is_(False),
            Incident.withdrawn_at.is_(None),
            Incident.review_state.in_(WAITING_FOR_REVIEW),
        )
    )
    return Waiting(
        incidents=incidents or 0,
        answered=answered_count(session, exam_id),
        requests=requests or 0,
        approvals=missing.count(MISSING_APPROVAL),
        identity_checks=missing.count(MISSING_IDENTITY_CHECK),
    )


def _is_shown(shown: Shown | None, now: datetime) -> ColumnElement[bool]:
    if shown is Shown.ARCHIVED:
        return Exam.archived_at.is_not(None)
    has_opened = or_(Exam.opens_at.is_(None), Exam.opens_at <= now)
    is_closed = _is_over(now)
    conditions: dict[Shown | None, ColumnElement[bool]] = {
        Shown.OPEN: and_(has_opened, ~is_closed),
        Shown.UPCOMING: and_(~has_opened, ~is_closed),
        Shown.OVER: is_closed,
        Shown.PRACTICE: Exam.is_practice.is_(True),
    }
    is_current = Exam.archived_at.is_(None)
    return and_(is_current, conditions[shown]) if shown else is_current


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(Exam.closes_at.is_not(None), Exam.closes_at <= now)


def _holds(search: str) -> list[ColumnElement[bool]]:
    text = " ".join(search.split())
    if not text:
        return []
    found = [Exam.title.icontains(text, autoescape=True)]
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    if letters:
        # Read as people write codes: in any case, with or without the dash.
        found.append(func.replace(Exam.join_code, "-", "").contains(letters, autoescape=True))
    return [or_(*found)]
