"""Scoring an attempt again: asking for it, and its results beside those on record."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api import audit
from api.attempts.answers import attempt_answer
from api.attempts.sitting import locked_own_attempt
from api.authorization import Action, load
from api.context import Ctx
from api.frames.admission import LARGEST_SEQ
from api.pages.admin import attempt_page
from api.pages.dashboard import names_of
from api.pages.form_values import validated
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.principal import AdminPerson, CurrentPerson
from api.problems import InvalidRequest
from api.request_id import RequestId
from api.rescores.schemas import NewRescore
from api.rescores.service import (
    NothingToScore,
    RescoreRunning,
    ask_for_rescore,
    load_rescore,
    rescore_answer,
    rescored_frames,
)
from models.attempt import Attempt

router = APIRouter(prefix="/admin/attempts/{attempt_id}", include_in_schema=False)

FRAMES_SHOWN = 50


@router.post("/rescores")
def score_again(
    request: Request,
    attempt_id: str,
    context: Ctx,
    person: CurrentPerson,
    request_id: RequestId,
    match_threshold: Annotated[str, Form()] = "",
    mismatch_threshold: Annotated[str, Form()] = "",
    engine: Annotated[str, Form()] = "",
) -> Response:
    """Have the attempt scored again, and show how far it got."""
    typed = {
        "match_threshold": match_threshold,
        "mismatch_threshold": mismatch_threshold,
        "engine": engine,
    }
    try:
        given = {name: value.replace(",", ".") for name, value in typed.items() if value.strip()}
        wanted = validated(NewRescore, given)
        with context.database.write() as session:
            attempt = locked_own_attempt(session, person, Action.REVIEW, attempt_id)
            rescore = ask_for_rescore(session, context, person, attempt, wanted, request_id)
            address = f"/admin/attempts/{attempt_id}/rescores/{rescore.id}"
    except (InvalidRequest, NothingToScore, RescoreRunning) as problem:
        return attempt_page(
            request,
            context,
            person,
            attempt_id,
            problem=problem,
            typed={"form": "rescore", **typed},
        )
    return see_other(address)


@router.get("/rescores/{rescore_id}")
def show_rescore(
    request: Request,
    attempt_id: str,
    rescore_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    show: Annotated[str, Query(pattern="^(all)?$")] = "",
    after: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0,
) -> Response:
    """Show what was found again beside what is on record."""
    with context.database.read() as session:
        attempt = load(session, admin, Action.SEE_TIMELINE, Attempt, attempt_id)
        rescore = load_rescore(session, attempt, rescore_id)
        page = render_page(
            request,
            "admin/rescore.html",
            person=admin,
            attempt=attempt_answer(session, context, admin, attempt),
            name=names_of(session, [attempt.subject_id])[attempt.subject_id],
            policy=attempt.policy,
            rescore=rescore_answer(session, admin, rescore),
            part=rescored_frames(
                session,
                rescore,
                only_differing=show != "all",
                after_seq=after,
                limit=FRAMES_SHOWN,
            ),
            show=show,
            after=after,
        )
    audit.record_look(context, admin, "attempt.seen", attempt_id, request_id)
    return page
