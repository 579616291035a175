"""Rules of allowances. Nothing here commits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.allowances.schemas import AllowanceAnswer, NewAllowance
from api.authorization import Action, authorize, load, visible_to
from api.context import Context
from api.paging import Page, newest_first
from api.principal import Person, Principal
from api.subjects.service import load_locked_subject, lock_subject
from models.allowance import Allowance
from models.attempt_states import make_attempts_ready
from models.base import new_id
from models.exam import Exam


def grant(
    session: Session, context: Context, person: Person, wanted: NewAllowance, request_id: str
) -> Allowance:
    """Grant something to a subject; its attempts that have not started follow at once.

    Raises
    ------
    NotFound, NotAllowed
        The subject or the exam does not exist, or the person may not grant.
    """
    authorize(person, Action.CREATE, Allowance)
    # An attempt that is opened meanwhile comes before or after, and has it in both cases.
    load_locked_subject(session, person, Action.READ, wanted.subject_id)
    if wanted.exam_id is not None:
        load(session, person, Action.READ, Exam, wanted.exam_id)
    allowance = Allowance(
        id=new_id("alw"),
        **wanted.model_dump(),
        granted_by=person.user_id,
        granted_at=context.clock(),
    )
    session.add(allowance)
    session.flush()
    # Staff who were students grant themselves nothing.
    authorize(person, Action.CREATE, allowance)
    make_attempts_ready(session, wanted.subject_id, context.clock())
    detail = {"allowance_id": allowance.id, "exam_id": wanted.exam_id}
    audit.record(
        session, context, person, "allowance.granted", wanted.subject_id, request_id, detail
    )
    return allowance


def withdraw(
    session: Session, context: Context, person: Person, allowance: Allowance, request_id: str
) -> None:
    """End an allowance for attempts that have not started; those that run keep it."""
    lock_subject(session, allowance.subject_id)
    session.refresh(allowance, with_for_update=True)
    if allowance.withdrawn_at is not None:
        return
    allowance.withdrawn_at = context.clock()
    session.flush()
    make_attempts_ready(session, allowance.subject_id, context.clock())
    detail = {"allowance_id": allowance.id}
    audit.record(
        session, context, person, "allowance.withdrawn", allowance.subject_id, request_id, detail
    )


def list_allowances(
    session: Session,
    principal: Principal,
    page: Page,
    *,
    subject_id: str | None = None,
    exam_id: str | None = None,
) -> tuple[list[Allowance], str | None]:
    """Return allowances, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, Allowance)
    statement = visible_to(principal, select(Allowance), Allowance)
    if subject_id is not None:
        statement = statement.where(Allowance.subject_id == subject_id)
    if exam_id is not None:
        statement = statement.where(Allowance.exam_id == exam_id)
    return newest_first(session, statement, Allowance.id, page)


def allowance_answer(allowance: Allowance) -> AllowanceAnswer:
    """Return an allowance as admins see it."""
    return AllowanceAnswer.model_validate(allowance, from_attributes=True)
