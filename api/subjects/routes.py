"""Routes of subjects, their consent and their erasure."""

from fastapi import APIRouter
from starlette.responses import Response

from api.authorization import Action, load
from api.context import Ctx
from api.idempotency import Repeatable
from api.paging import WantedPage
from api.principal import CurrentPrincipal
from api.problems import IdempotencyConflict, NotAllowed, NotFound, SubjectExists, responses
from api.request_id import RequestId
from api.subjects.answers import consent_answer, subject_answer
from api.subjects.erasure import delete_files, erase_subject
from api.subjects.schemas import (
    ConsentAnswer,
    ErasureReceipt,
    NewConsent,
    NewSubject,
    SubjectAnswer,
    SubjectPage,
)
from api.subjects.service import add_subject, give_consent, list_subjects, load_locked_subject
from models.subject import Subject

router = APIRouter(prefix="/api/v1/subjects", tags=["subjects"])


@router.post(
    "",
    status_code=201,
    response_model=SubjectAnswer,
    responses=responses(SubjectExists, IdempotencyConflict, NotAllowed),
)
def post_subject(
    wanted: NewSubject,
    context: Ctx,
    principal: CurrentPrincipal,
    repeat: Repeatable,
    request_id: RequestId,
) -> Response:
    """Add a person whose face will be enrolled."""
    with context.database.write() as session:
        if (earlier := repeat.stored_answer(session)) is not None:
            return earlier
        subject = add_subject(session, context, principal, wanted, request_id)
        location = {"Location": f"{router.prefix}/{subject.id}"}
        shown = subject_answer(session, principal, subject)
        return repeat.answer(session, 201, shown, location)


@router.get("", responses=responses(NotAllowed))
def get_subjects(context: Ctx, principal: CurrentPrincipal, page: WantedPage) -> SubjectPage:
    """List your subjects, newest first."""
    with context.database.read() as session:
        subjects, next_cursor = list_subjects(session, principal, page)
        items = [subject_answer(session, principal, subject) for subject in subjects]
        return SubjectPage(items=items, next_cursor=next_cursor)


@router.get("/{subject_id}", responses=responses(NotFound))
def get_subject(subject_id: str, context: Ctx, principal: CurrentPrincipal) -> SubjectAnswer:
    """Show a subject with its current enrollment and consent."""
    with context.database.read() as session:
        subject = load(session, principal, Action.READ, Subject, subject_id)
        return subject_answer(session, principal, subject)


@router.delete("/{subject_id}", responses=responses(NotFound, NotAllowed))
def delete_subject(
    subject_id: str, context: Ctx, principal: CurrentPrincipal, request_id: RequestId
) -> ErasureReceipt:
    """Erase a person: key, pictures, templates and names. Again returns the same receipt."""
    with context.database.write() as session:
        subject = load_locked_subject(session, principal, Action.MANAGE, subject_id)
        erasure = erase_subject(session, context, principal, subject, request_id)
    delete_files(context, erasure)
    return erasure.receipt


@router.post(
    "/{subject_id}/consents",
    status_code=201,
    response_model=ConsentAnswer,
    responses=responses(NotFound, IdempotencyConflict),
)
def post_consent(
    subject_id: str,
    wanted: NewConsent,
    context: Ctx,
    principal: CurrentPrincipal,
    repeat: Repeatable,
) -> Response:
    """Record that the person agreed to the text of this version."""
    with context.database.write() as session:
        if (earlier := repeat.stored_answer(session)) is not None:
            return earlier
        subject = load_locked_subject(session, principal, Action.CHANGE, subject_id)
        consent = give_consent(session, context, principal, subject, wanted)
        return repeat.answer(session, 201, consent_answer(consent))
