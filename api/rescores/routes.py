"""Routes of rescores."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import problems
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action, load
from api.context import Ctx
from api.frames.admission import LARGEST_SEQ
from api.principal import CurrentPerson, CurrentPrincipal
from api.request_id import RequestId
from api.rescores.schemas import (
    NewRescore,
    RescoreColumns,
    RescoredFramePage,
    RescoreList,
    RescoreWithChanges,
)
from api.rescores.service import (
    FRAMES_ON_A_PAGE,
    NothingToScore,
    RescoreRunning,
    ask_for_rescore,
    load_rescore,
    rescore_answer,
    rescore_columns,
    rescored_frames,
    rescores_of,
)
from models.attempt import Attempt

router = APIRouter(
    prefix="/api/v1/attempts/{attempt_id}/rescores",
    tags=["rescores"],
    responses=problems.responses(problems.NotFound, problems.NotAllowed),
)


@router.post(
    "",
    status_code=202,
    responses=problems.responses(problems.CsrfFailed, NothingToScore, RescoreRunning),
)
def post_rescore(
    attempt_id: str,
    wanted: NewRescore,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
) -> RescoreWithChanges:
    """Score an attempt again by other thresholds or another engine.

    A worker does it when nobody sits an exam in front of it. The verdicts on record, incidents and
    decisions stay what they are: the results stand beside them.
    """
    with context.database.write() as session:
        attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
        rescore = ask_for_rescore(session, context, person, attempt, wanted, request_id)
        return rescore_answer(session, person, rescore)


@router.get("")
def get_rescores(attempt_id: str, context: Ctx, principal: CurrentPrincipal) -> RescoreList:
    """List how an attempt was scored again, newest first."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_FIGURES, Attempt, attempt_id)
        return RescoreList(items=rescores_of(session, principal, attempt.id))


@router.get("/{rescore_id}")
def get_rescore(
    attempt_id: str, rescore_id: str, context: Ctx, principal: CurrentPrincipal
) -> RescoreWithChanges:
    """Show how far it got, and how its verdicts differ from those on record."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_FIGURES, Attempt, attempt_id)
        return rescore_answer(session, principal, load_rescore(session, attempt, rescore_id))


@router.get("/{rescore_id}/course")
def get_rescore_course(
    attempt_id: str, rescore_id: str, context: Ctx, principal: CurrentPrincipal
) -> RescoreColumns:
    """Show both distances of every frame, for a chart."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_FIGURES, Attempt, attempt_id)
        return rescore_columns(session, load_rescore(session, attempt, rescore_id))


@router.get("/{rescore_id}/frames")
def get_rescored_frames(
    attempt_id: str,
    rescore_id: str,
    context: Ctx,
    principal: CurrentPrincipal,
    *,
    only_differing: bool = False,
    after_seq: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = FRAMES_ON_A_PAGE,
) -> RescoredFramePage:
    """Show frames by number: what is on record beside what was found again."""
    with context.database.read() as session:
        attempt = load(session, principal, Action.SEE_FIGURES, Attempt, attempt_id)
        rescore = load_rescore(session, attempt, rescore_id)
        return rescored_frames(
            session, rescore, only_differing=only_differing, after_seq=after_seq, limit=limit
        )
