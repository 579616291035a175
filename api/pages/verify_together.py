"""Verifying those of the listed attempts about which nothing is open, several with one form."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from api.attempts.sitting import locked_own_attempt
from api.authorization import ID_PATTERN, Action, authorize
from api.context import Context, Ctx
from api.pages.attempt_list import (
    TOGETHER_MAX,
    AttemptFilter,
    LeftUndone,
    Together,
    attempts_page,
)
from api.pages.dashboard import names_of
from api.pages.form_values import typed_lines, validated
from api.pages.page import query_of
from api.pages.posted_form import see_other
from api.paging import Page
from api.principal import CurrentPerson, Person
from api.problems import InvalidRequest, NotAllowed, NotFound, NotToReview, Problem, ReviewClaimed
from api.request_id import RequestId
from api.reviews.schemas import NewReview
from api.reviews.together import verify_where_nothing_is_open
from api.users.search import SEARCH_MAX_CHARACTERS
from models.attempt import Attempt
from models.database import is_database_outage
from models.statuses import ReviewDecision

router = APIRouter(prefix="/admin", include_in_schema=False)

SHOWN = 50
"""Attempts of the list that comes back, as of the one on which they were chosen."""

_CHOICE = re.compile(r"(att_[0-9a-z]{26})\.([0-9a-f]{16})")
"""An attempt, and what was seen of it."""


class TogetherForm(BaseModel):
    """What the form around the list holds, as text."""

    chosen: list[str] = []
    note: str = ""
    search: str = ""
    cursor: str = ""


@router.post("/attempts/verify")
def verify_together(
    request: Request,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    form: Annotated[TogetherForm, Form()],
) -> Response:
    """Verify the chosen attempts, each by a decision of its own; name what has to be left."""
    authorize(person, Action.REVIEW, Attempt)
    try:
        choices = _choices(form.chosen)
        note = typed_lines(form.note).strip()
        wanted = validated(NewReview, {"decision": ReviewDecision.VERIFIED, "note": note})
    except InvalidRequest as problem:
        together = Together(chosen=frozenset(form.chosen), note=form.note)
        return _back_to_list(request, context, person, form, together, problem)
    tried = {
        attempt_id: _verify(context, person, attempt_id, wanted, seen, request_id)
        for attempt_id, seen in choices.items()
    }
    problems = {attempt_id: problem for attempt_id, problem in tried.items() if problem}
    verified = len(choices) - len(problems)
    if problems:
        left = _left(context, problems)
        together = Together(verified=verified, left=left, note=form.note)
        return _back_to_list(request, context, person, form, together)
    kept = {"search": form.search, "show": AttemptFilter.TO_DECIDE.value, "cursor": _cursor(form)}
    return see_other(f"/admin/attempts{query_of(kept | {'verified': str(verified)})}")


def _choices(chosen: list[str]) -> dict[str, str]:
    """Return what was seen of each chosen attempt, by its id."""
    if not chosen:
        raise InvalidRequest.at("chosen", "must hold at least one attempt")
    if len(chosen) > TOGETHER_MAX:
        raise InvalidRequest.at("chosen", f"must hold at most {TOGETHER_MAX} attempts")
    found = [_CHOICE.fullmatch(choice) for choice in chosen]
    if None in found:
        raise InvalidRequest.at("chosen", "must hold attempts of the list")
    return {choice[1]: choice[2] for choice in found if choice}


def _verify(
    context: Context,
    person: Person,
    attempt_id: str,
    wanted: NewReview,
    seen: str,
    request_id: str,
) -> Problem | None:
    """Verify one attempt by itself, so that it takes no other with it; return why it cannot be."""
    try:
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            verify_where_nothing_is_open(
                session, context, person, attempt, wanted, seen, request_id
            )
    except (NotToReview, ReviewClaimed, NotFound, NotAllowed) as problem:
        return problem
    except DBAPIError as error:
        # The others are tried all the same, and who decided reads which were left.
        if not is_database_outage(error):
            raise
        return NotToReview("The database could not record it.", next_step="Choose it again.")
    return None


def _left(context: Context, problems: dict[str, Problem]) -> tuple[LeftUndone, ...]:
    with context.database.read() as session:
        found = select(Attempt.id, Attempt.subject_id).where(Attempt.id.in_(problems))
        subjects = dict(session.execute(found).all())
        names = names_of(session, subjects.values())
    return tuple(
        LeftUndone(
            attempt_id if attempt_id in subjects else "",
            names.get(subjects.get(attempt_id, ""), "An attempt that is not there"),
            f"{problem.detail} {problem.step}",
        )
        for attempt_id, problem in problems.items()
    )


def _cursor(form: TogetherForm) -> str:
    return form.cursor if re.match(ID_PATTERN, form.cursor) else ""


def _back_to_list(
    request: Request,
    context: Context,
    person: Person,
    form: TogetherForm,
    together: Together,
    problem: InvalidRequest | None = None,
) -> Response:
    return attempts_page(
        request,
        context,
        person,
        Page(cursor=_cursor(form) or None, limit=SHOWN),
        form.search[:SEARCH_MAX_CHARACTERS],
        AttemptFilter.TO_DECIDE,
        together,
        problem,
    )
