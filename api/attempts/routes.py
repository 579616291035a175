"""Routes of attempts."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import problems
from api.attempts.answers import attempt_answer, attempt_answers
from api.attempts.schemas import AttemptAnswer, AttemptPage, BreakOff, NewAttempt
from api.attempts.service import (
    list_attempts,
    open_attempt_for_system,
    open_practice_attempt,
)
from api.attempts.sitting import (
    break_off,
    check_identity,
    locked_own_attempt,
    locked_to_start,
    start_attempt,
    submit_attempt,
)
from api.authorization import ID_PATTERN, Action, load
from api.context import Context, Ctx
from api.idempotency import Repeatable
from api.paging import WantedPage
from api.principal import CurrentPerson, CurrentPrincipal, CurrentSystem, Principal
from api.request_id import RequestId
from models.attempt import Attempt
from models.attempt_states import make_ready_if_possible
from models.statuses import AttemptState

router = APIRouter(
    prefix="/api/v1/attempts", tags=["attempts"], responses=problems.responses(problems.NotFound)
)


@router.post(
    "",
    status_code=201,
    response_model=AttemptAnswer,
    responses={
        200: {"model": AttemptAnswer, "description": "The open attempt of the same exam."},
        **problems.responses(
            problems.NotAllowed, problems.ExamNotOpen, problems.IdempotencyConflict
        ),
    },
)
def post_attempt(
    wanted: NewAttempt, context: Ctx, system: CurrentSystem, repeat: Repeatable
) -> Response:
    """Open an attempt of one of your subjects: 200 with the open one of the same exam."""
    with context.database.write() as session:
        if (answer := repeat.stored_answer(session)) is not None:
            return answer
        attempt, is_new = open_attempt_for_system(session, context, system, wanted)
        shown = attempt_answer(session, context, system, attempt)
        location = f"/api/v1/attempts/{shown.id}"
        return repeat.answer(session, 201 if is_new else 200, shown, {"Location": location})


@router.post(
    "/practice",
    status_code=201,
    responses={
        200: {"model": AttemptAnswer, "description": "The practice attempt that is open."},
        **problems.responses(problems.NotAllowed, problems.CsrfFailed),
    },
)
def post_practice(response: Response, context: Ctx, person: CurrentPerson) -> AttemptAnswer:
    """Open a practice attempt: the same camera, questions and checks, and nothing counts."""
    with context.database.write() as session:
        attempt, is_new = open_practice_attempt(session, context, person)
        answer = attempt_answer(session, context, person, attempt)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/attempts/{answer.id}"
    return answer


@router.get("")
def get_attempts(
    context: Ctx,
    principal: CurrentPrincipal,
    page: WantedPage,
    state: AttemptState | None = None,
    exam_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    subject_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> AttemptPage:
    """List your attempts, newest first; admins and reviewers see all."""
    with context.database.read() as session:
        attempts, next_cursor = list_attempts(
            session, principal, page, state=state, exam_id=exam_id, subject_id=subject_id
        )
        items = attempt_answers(session, context, principal, attempts)
    return AttemptPage(items=items, next_cursor=next_cursor)


@router.get("/{attempt_id}")
def get_attempt(attempt_id: str, context: Ctx, principal: CurrentPrincipal) -> AttemptAnswer:
    """Show one attempt. It becomes `ready` here if nobody noticed yet that it can."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.READ, Attempt, attempt_id)
        answer = attempt_answer(session, context, principal, attempt)
    if answer.state is AttemptState.CREATED and not answer.missing:
        return _made_ready(context, principal, attempt_id)
    return answer


@router.post(
    "/{attempt_id}/start",
    responses=problems.responses(
        problems.CsrfFailed,
        problems.NotAllowed,
        problems.AttemptNotReady,
        problems.AttemptClosed,
        problems.ExamNotOpen,
        problems.NoVerifiedFrame,
        problems.AnotherAttemptRuns,
    ),
)
def post_start(attempt_id: str, context: Ctx, principal: CurrentPrincipal) -> AttemptAnswer:
    """Start the attempt's time. Starting twice is no error and does not give more time."""
    with context.database.write() as session:
        attempt, others = locked_to_start(session, principal, attempt_id)
        start_attempt(session, context, principal, attempt, others)
        return attempt_answer(session, context, principal, attempt)


@router.post(
    "/{attempt_id}/submit",
    responses=problems.responses(
        problems.CsrfFailed,
        problems.NotAllowed,
        problems.AttemptNotStarted,
        problems.AttemptClosed,
    ),
)
def post_submit(attempt_id: str, context: Ctx, principal: CurrentPrincipal) -> AttemptAnswer:
    """Hand the attempt in, up to 30 seconds after its deadline. Doing it twice is no error."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, principal, Action.CHANGE, attempt_id)
        submit_attempt(session, context, principal, attempt)
        return attempt_answer(session, context, principal, attempt)


@router.post(
    "/{attempt_id}/break-off",
    responses=problems.responses(
        problems.CsrfFailed,
        problems.NotAllowed,
        problems.AttemptNotStarted,
        problems.AttemptClosed,
    ),
)
def post_break_off(
    attempt_id: str,
    wanted: BreakOff,
    context: Ctx,
    principal: CurrentPrincipal,
    request_id: RequestId,
) -> AttemptAnswer:
    """Stop a running attempt for a technical reason. It goes on with the time that is left."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, principal, Action.MANAGE, attempt_id)
        break_off(session, context, principal, attempt, wanted.reason, request_id)
        return attempt_answer(session, context, principal, attempt)


@router.post(
    "/{attempt_id}/identity-check",
    responses=problems.responses(problems.CsrfFailed, problems.NotAllowed, problems.AttemptClosed),
)
def post_identity_check(
    attempt_id: str, context: Ctx, person: CurrentPerson, request_id: RequestId
) -> AttemptAnswer:
    """Say, as a named person, that you saw who sits this attempt; no camera is used in it."""
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        check_identity(session, context, person, attempt, request_id)
        return attempt_answer(session, context, person, attempt)


def _made_ready(context: Context, principal: Principal, attempt_id: str) -> AttemptAnswer:
    with context.database.write() as session:
        attempt = locked_own_attempt(session, principal, Action.READ, attempt_id)
        make_ready_if_possible(session, attempt, context.clock())
        return attempt_answer(session, context, principal, attempt)
