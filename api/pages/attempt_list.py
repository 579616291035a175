"""All attempts: found by student, and those that a person has to decide, some of them together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.attempts.answers import attempt_answers
from api.attempts.service import list_attempts
from api.context import Context, Ctx
from api.pages.dashboard import names_of
from api.pages.page import render_page
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import NotToReview, Problem
from api.reviews.to_decide import is_to_decide
from api.reviews.together import findings_of
from api.users.search import SEARCH_MAX_CHARACTERS, has_name_or_login, searched_text
from models.attempt import Attempt
from models.incident import WAITING_FOR_REVIEW, Incident
from models.review import Review
from models.statuses import AttemptState, ReviewDecision
from models.subject import Subject
from models.user import User

router = APIRouter(prefix="/admin", include_in_schema=False)

SAID_FOR = timedelta(minutes=2)
"""How long the address of the list may tell what was verified: it can be kept or sent on."""

TOGETHER_MAX = 200
"""Attempts that one form can verify: no page shows more."""


class AttemptFilter(StrEnum):
    """Which attempts are shown."""

    ALL = ""
    RUNNING = "running"
    TO_DECIDE = "to_decide"


FILTERS = {
    AttemptFilter.ALL: "All",
    AttemptFilter.RUNNING: "In progress",
    AttemptFilter.TO_DECIDE: "To decide",
}


@dataclass(frozen=True)
class LeftUndone:
    """An attempt that was chosen and is not verified."""

    attempt_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class Together:
    """What became of the attempts that somebody chose to verify."""

    verified: int = 0
    left: tuple[LeftUndone, ...] = ()
    chosen: frozenset[str] = frozenset()
    """What comes back chosen, as the form sent it."""
    note: str = ""


@router.get("/attempts")
def show_attempts(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    wanted: WantedPage,
    search: Annotated[str, Query(max_length=SEARCH_MAX_CHARACTERS)] = "",
    show: AttemptFilter = AttemptFilter.ALL,
    verified: Annotated[int, Query(ge=0, le=TOGETHER_MAX)] = 0,
) -> Response:
    """Show attempts, newest first, with what of each waits for a person."""
    together = Together(verified=min(verified, _verified_lately(context, admin)) if verified else 0)
    return attempts_page(request, context, admin, wanted, search, show, together)


def attempts_page(
    request: Request,
    context: Context,
    person: Person,
    wanted: Page,
    search: str,
    show: AttemptFilter,
    together: Together,
    problem: Problem | None = None,
) -> Response:
    """Return the list; what was chosen comes back with what became of it."""
    where = and_(_condition(show), _is_of(searched_text(search)))
    with context.database.read() as session:
        found, next_cursor = list_attempts(session, person, wanted, where=where)
        attempts = attempt_answers(session, context, person, found)
        is_deciding = show is AttemptFilter.TO_DECIDE
        return render_page(
            request,
            "admin/attempts.html",
            person=person,
            status_code=NotToReview.status if together.left else None,
            problem=problem,
            attempts=attempts,
            names=names_of(session, (attempt.subject_id for attempt in attempts)),
            to_review={} if is_deciding else _to_review(session, [one.id for one in attempts]),
            findings=findings_of(session, context, person, attempts) if is_deciding else {},
            together=together,
            next_cursor=next_cursor,
            cursor=wanted.cursor or "",
            kept={"search": search, "show": show.value},
            filters=FILTERS,
        )


def _verified_lately(context: Context, person: Person) -> int:
    """Return how many this person has verified so lately that a page can be about it."""
    since = context.clock() - SAID_FOR
    statement = select(func.count()).where(
        Review.reviewer_id == person.user_id,
        Review.decision == ReviewDecision.VERIFIED,
        Review.created_at >= since,
    )
    with context.database.read() as session:
        return session.scalar(statement) or 0


def _condition(show: AttemptFilter) -> ColumnElement[bool]:
    if show is AttemptFilter.ALL:
        return Attempt.id.is_not(None)
    if show is AttemptFilter.TO_DECIDE:
        return is_to_decide()
    # As on the dashboard: nobody watches practice.
    return (Attempt.state == AttemptState.STARTED) & Attempt.is_practice.is_(False)


def _is_of(text: str) -> ColumnElement[bool]:
    """Return the condition that the student's name or login contains the text."""
    if not text:
        return Attempt.id.is_not(None)
    students = select(Subject.id).outerjoin(User, User.subject_id == Subject.id)
    return Attempt.subject_id.in_(students.where(has_name_or_login(text, Subject.display_name)))


def _to_review(session: Session, attempt_ids: Collection[str]) -> dict[str, int]:
    """Return how many incidents of each attempt wait for a person."""
    rows = session.execute(
        select(Incident.attempt_id, func.count())
        .where(
            Incident.attempt_id.in_(attempt_ids),
            Incident.withdrawn_at.is_(None),
            Incident.review_state.in_(WAITING_FOR_REVIEW),
        )
        .group_by(Incident.attempt_id)
    )
    return dict(rows.all())
