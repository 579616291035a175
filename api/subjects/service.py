"""Rules of subjects and their consent. Nothing here commits."""

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize, load, visible_to
from api.context import Context
from api.paging import Page, newest_first
from api.principal import Person, Principal, System
from api.problems import InvalidRequest, NotAllowed, NotFound, SubjectExists
from api.subjects.schemas import NewConsent, NewSubject
from models.attempt import Attempt
from models.attempt_states import make_attempts_ready, move
from models.base import new_id
from models.enrollment import FaceEnrollment
from models.granted import Granted
from models.statuses import OPEN_STATES, AttemptState, EnrollmentState, FaceCheck
from models.subject import Consent, Subject, SubjectKey


def add_subject(
    session: Session, context: Context, principal: Principal, wanted: NewSubject, request_id: str
) -> Subject:
    """Add a subject that belongs to the system, or to this house when an admin adds it.

    Raises
    ------
    SubjectExists
        The owner has one of this `external_ref`.
    """
    authorize(principal, Action.CREATE, Subject)
    owner_id = principal.client_id if isinstance(principal, System) else None
    subject = Subject(
        id=new_id("sub"),
        owner_client_id=owner_id,
        external_ref=wanted.external_ref,
        display_name=wanted.display_name,
        created_at=context.clock(),
    )
    # Two empty owners are not equal to a unique constraint: our own subjects are looked up.
    same = select(Subject.id).where(
        Subject.owner_client_id == owner_id, Subject.external_ref == wanted.external_ref
    )
    if session.scalar(same) is not None:
        raise SubjectExists
    try:
        with session.begin_nested():
            session.add(subject)
    except IntegrityError:
        raise SubjectExists from None
    session.add(
        SubjectKey(
            subject_id=subject.id,
            sealed_key=context.key_ring.new_sealed_key(subject.id),
            created_at=subject.created_at,
        )
    )
    session.flush()
    audit.record(session, context, principal, "subject.created", subject.id, request_id)
    return subject


def load_locked_subject(
    session: Session, principal: Principal, action: Action, subject_id: str
) -> Subject:
    """Return a subject that can neither be erased nor enrolled again before the caller commits.

    Raises
    ------
    NotFound, NotAllowed
    """
    load(session, principal, action, Subject, subject_id)
    subject = lock_subject(session, subject_id)
    if subject.erased_at is not None and action is not Action.MANAGE:
        raise NotFound("The subject was erased.")
    return subject


def lock_subject(session: Session, subject_id: str) -> Subject:
    """Return a subject that exists as it is now, locked until the caller's transaction ends."""
    return session.get_one(Subject, subject_id, populate_existing=True, with_for_update=True)


def list_subjects(
    session: Session, principal: Principal, page: Page
) -> tuple[list[Subject], str | None]:
    """Return the principal's subjects, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, Subject)
    statement = select(Subject).where(Subject.erased_at.is_(None))
    return newest_first(session, visible_to(principal, statement, Subject), Subject.id, page)


def give_consent(
    session: Session, context: Context, principal: Principal, subject: Subject, wanted: NewConsent
) -> Consent:
    """Record the subject's yes, once for each version of the text; attempts may become ready.

    A person consents for nobody else, and to the text of this service; another system passes on
    what its own people agreed to.

    Raises
    ------
    NotAllowed, InvalidRequest
    """
    if isinstance(principal, Person):
        if principal.subject_id != subject.id:
            raise NotAllowed("Only the student can consent.")
        if wanted.text_version != context.settings.consent_text_version:
            raise InvalidRequest.at("text_version", "is not the version of the text in use")
    given = session.scalars(
        _standing_consents(subject.id).where(Consent.text_version == wanted.text_version).limit(1)
    ).one_or_none()
    if given is not None:
        return given
    consent = Consent(
        id=new_id("con"),
        subject_id=subject.id,
        text_version=wanted.text_version,
        recorded_by=principal.actor,
        given_at=context.clock(),
    )
    session.add(consent)
    session.flush()
    make_attempts_ready(session, subject.id, context.clock())
    return consent


def withdraw_consent(session: Session, context: Context, person: Person, subject: Subject) -> None:
    """Take a locked subject's consent back; attempts that have not started wait for it again.

    Raises
    ------
    NotAllowed
        Somebody else's, or an exam of theirs that uses the camera is running.
    """
    if person.subject_id != subject.id:
        raise NotAllowed("Only the student can take it back.")
    attempts = [
        attempt
        for attempt in session.scalars(
            select(Attempt)
            .where(Attempt.subject_id == subject.id, Attempt.state.in_(OPEN_STATES))
            .order_by(Attempt.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if Granted.from_dict(attempt.allowances).face_check is not FaceCheck.PERSON
    ]
    if any(attempt.started_at is not None for attempt in attempts):
        raise NotAllowed(
            "An exam of yours is running.", next_step="Hand it in first, or let its time run out."
        )
    now = context.clock()
    for consent in session.scalars(_standing_consents(subject.id)):
        consent.withdrawn_at = now
    session.flush()
    for attempt in attempts:
        if attempt.state == AttemptState.READY:
            reason = "The consent was taken back."
            move(session, attempt, AttemptState.CREATED, actor=person.actor, reason=reason, now=now)


def standing_consent(session: Session, subject_id: str) -> Consent | None:
    """Return the newest consent that was not withdrawn."""
    return session.scalars(
        _standing_consents(subject_id).order_by(Consent.id.desc()).limit(1)
    ).one_or_none()


def accepted_enrollment(session: Session, subject_id: str) -> FaceEnrollment | None:
    """Return the newest accepted enrollment: the one new attempts are compared against."""
    return session.scalars(
        select(FaceEnrollment)
        .where(
            FaceEnrollment.subject_id == subject_id,
            FaceEnrollment.state == EnrollmentState.ACCEPTED,
        )
        .order_by(FaceEnrollment.version.desc())
        .limit(1)
    ).one_or_none()


def _standing_consents(subject_id: str) -> Select[Consent]:
    return select(Consent).where(Consent.subject_id == subject_id, Consent.withdrawn_at.is_(None))
