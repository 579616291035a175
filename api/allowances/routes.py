"""Routes of allowances."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import problems
from api.allowances.schemas import AllowanceAnswer, AllowancePage, NewAllowance
from api.allowances.service import allowance_answer, grant, list_allowances, withdraw
from api.authorization import ID_PATTERN, Action, load
from api.context import Ctx
from api.paging import WantedPage
from api.principal import AdminPerson, CurrentPerson
from api.request_id import RequestId
from models.allowance import Allowance

router = APIRouter(
    prefix="/api/v1/allowances",
    tags=["allowances"],
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed, problems.NotFound),
)


@router.post("", status_code=201)
def post_allowance(
    wanted: NewAllowance, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> AllowanceAnswer:
    """Grant a subject more time, a slower pace or another way of being checked."""
    with context.database.write() as session:
        return allowance_answer(grant(session, context, admin, wanted, request_id))


@router.get("")
def get_allowances(
    context: Ctx,
    person: CurrentPerson,
    page: WantedPage,
    subject_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
    exam_id: Annotated[str | None, Query(pattern=ID_PATTERN)] = None,
) -> AllowancePage:
    """List allowances, newest first, withdrawn ones too; those who review read the notes."""
    with context.database.read() as session:
        found, next_cursor = list_allowances(
            session, person, page, subject_id=subject_id, exam_id=exam_id
        )
        items = [allowance_answer(allowance) for allowance in found]
    return AllowancePage(items=items, next_cursor=next_cursor)


@router.delete("/{allowance_id}", status_code=204)
def delete_allowance(
    allowance_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> None:
    """Withdraw an allowance; attempts that run keep what they started with."""
    with context.database.write() as session:
        allowance = load(session, admin, Action.MANAGE, Allowance, allowance_id)
        withdraw(session, context, admin, allowance, request_id)
