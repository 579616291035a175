"""Routes of requests for another way than the camera."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import problems
from api.alternative_requests.schemas import (
    AlternativeDecision,
    AlternativeRequestAnswer,
    AlternativeRequestPage,
    NewAlternativeRequest,
)
from api.alternative_requests.service import (
    alternative_request_answer,
    answer_alternative,
    ask_for_alternative,
    list_alternative_requests,
)
from api.authorization import Action, load
from api.context import Ctx
from api.paging import WantedPage
from api.principal import AdminPerson, CurrentPerson
from api.request_id import RequestId
from api.subjects.service import load_locked_subject
from models.allowance import AlternativeRequest

router = APIRouter(
    prefix="/api/v1",
    tags=["allowances"],
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed, problems.NotFound),
)


@router.post("/subjects/{subject_id}/alternative-requests", status_code=201)
def post_alternative_request(
    subject_id: str, wanted: NewAlternativeRequest, context: Ctx, person: CurrentPerson
) -> AlternativeRequestAnswer:
    """Ask to be checked by a person instead of a camera."""
    with context.database.write() as session:
        subject = load_locked_subject(session, person, Action.CHANGE, subject_id)
        request = ask_for_alternative(session, context, person, subject, wanted)
        return alternative_request_answer(request)


@router.get("/alternative-requests")
def get_alternative_requests(
    context: Ctx,
    admin: AdminPerson,
    page: WantedPage,
    only_open: Annotated[bool, Query(alias="open")] = False,
) -> AlternativeRequestPage:
    """List requests, newest first."""
    with context.database.read() as session:
        found, next_cursor = list_alternative_requests(session, admin, page, only_open=only_open)
        items = [alternative_request_answer(request) for request in found]
    return AlternativeRequestPage(items=items, next_cursor=next_cursor)


@router.post("/alternative-requests/{alternative_request_id}/answer")
def post_answer(
    alternative_request_id: str,
    decision: AlternativeDecision,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
) -> AlternativeRequestAnswer:
    """Grant or refuse a request; the first answer counts."""
    with context.database.write() as session:
        request = load(session, admin, Action.MANAGE, AlternativeRequest, alternative_request_id)
        answer_alternative(
            session, context, admin, request, granted=decision.granted, request_id=request_id
        )
        return alternative_request_answer(request)
