"""Rules of requests for another way than the camera. Nothing here commits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.allowances.schemas import NewAllowance
from api.allowances.service import grant
from api.alternative_requests.schemas import AlternativeRequestAnswer, NewAlternativeRequest
from api.authorization import Action, authorize
from api.context import Context
from api.paging import Page, newest_first
from api.principal import Person
from api.problems import InvalidRequest, NotAllowed
from api.subjects.service import lock_subject
from models.allowance import AlternativeRequest
from models.base import new_id
from models.statuses import FaceCheck
from models.subject import Subject


def ask_for_alternative(
    session: Session,
    context: Context,
    person: Person,
    subject: Subject,
    wanted: NewAlternativeRequest,
) -> AlternativeRequest:
    """Record that the student would rather be checked by a person; one open request is enough.

    Raises
    ------
    NotAllowed, InvalidRequest
    """
    if person.subject_id != subject.id:
        raise NotAllowed("Only the student can ask.")
    if wanted.text_version != context.settings.consent_text_version:
        raise InvalidRequest.at("text_version", "is not the version of the text in use")
    newest = newest_request(session, subject.id)
    if newest is not None and newest.answered_at is None:
        newest.message = wanted.message or newest.message
        return newest
    request = AlternativeRequest(
        id=new_id("alt"),
        subject_id=subject.id,
        text_version=wanted.text_version,
        message=wanted.message,
        asked_at=context.clock(),
    )
    session.add(request)
    session.flush()
    return request


def answer_alternative(
    session: Session,
    context: Context,
    person: Person,
    request: AlternativeRequest,
    *,
    granted: bool,
    request_id: str,
) -> None:
    """Answer a request once; granting it makes a person's check enough for every exam.

    Raises
    ------
    NotFound
        The student was erased meanwhile.
    """
    lock_subject(session, request.subject_id)
    session.refresh(request, with_for_update=True)
    if request.answered_at is not None:
        return
    request.answered_at = context.clock()
    request.answered_by = person.user_id
    if granted:
        wanted = NewAllowance(
            subject_id=request.subject_id,
            face_check=FaceCheck.PERSON,
            note="Asked for by the student, who did not agree to the camera.",
        )
        request.allowance_id = grant(session, context, person, wanted, request_id).id
    detail = {"request_id": request.id, "granted": granted}
    audit.record(
        session, context, person, "alternative.answered", request.subject_id, request_id, detail
    )


def list_alternative_requests(
    session: Session, person: Person, page: Page, *, only_open: bool
) -> tuple[list[AlternativeRequest], str | None]:
    """Return requests, newest first, and the cursor of the next page."""
    authorize(person, Action.LIST, AlternativeRequest)
    statement = select(AlternativeRequest)
    if only_open:
        statement = statement.where(AlternativeRequest.answered_at.is_(None))
    return newest_first(session, statement, AlternativeRequest.id, page)


def newest_request(session: Session, subject_id: str) -> AlternativeRequest | None:
    """Return the subject's newest request, or None."""
    return session.scalars(
        select(AlternativeRequest)
        .where(AlternativeRequest.subject_id == subject_id)
        .order_by(AlternativeRequest.id.desc())
        .limit(1)
    ).one_or_none()


def alternative_request_answer(request: AlternativeRequest) -> AlternativeRequestAnswer:
    """Return a request as it is shown."""
    is_granted = request.allowance_id is not None
    return AlternativeRequestAnswer(
        id=request.id,
        subject_id=request.subject_id,
        text_version=request.text_version,
        message=request.message,
        asked_at=request.asked_at,
        answered_at=request.answered_at,
        granted=is_granted if request.answered_at else None,
    )
