"""Rules of face enrollments. Nothing here commits."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from api import audit
from api.authorization import Action, authorize, load
from api.context import Context
from api.enrollments.offered_images import OfferedImage
from api.principal import Person, Principal
from api.problems import ConsentRequired, InvalidRequest, NotFound
from api.subjects.service import standing_consent
from models.attempt_states import make_attempts_ready
from models.base import new_id
from models.database import database_now
from models.enrollment import FaceEnrollment, ReferenceImage
from models.job import enqueue
from models.statuses import EnrollmentState, JobKind
from models.subject import Subject


def require_consent(session: Session, subject: Subject) -> None:
    """Raise `ConsentRequired` while the subject has not agreed to being recorded."""
    if standing_consent(session, subject.id) is None:
        raise ConsentRequired


def add_enrollment(
    session: Session,
    context: Context,
    principal: Principal,
    subject: Subject,
    images: Sequence[OfferedImage],
    request_id: str,
) -> FaceEnrollment:
    """Add the next version of a locked subject's enrollment, and the job that decides it.

    Raises
    ------
    ConsentRequired
    """
    require_consent(session, subject)
    now = context.clock()
    newest = session.scalar(
        select(func.max(FaceEnrollment.version)).where(FaceEnrollment.subject_id == subject.id)
    )
    enrollment = FaceEnrollment(
        id=new_id("enr"),
        subject_id=subject.id,
        version=(newest or 0) + 1,
        state=EnrollmentState.PENDING,
        created_at=now,
        images=[_row(position, image) for position, image in enumerate(images, start=1)],
    )
    session.add(enrollment)
    enqueue(session, JobKind.ENROLL_FACE, enrollment.id, now=database_now(session))
    session.flush()
    if not isinstance(principal, Person) or principal.subject_id != subject.id:
        detail = {"version": enrollment.version}
        audit.record(
            session, context, principal, "enrollment.offered", enrollment.id, request_id, detail
        )
    return enrollment


def list_enrollments(
    session: Session, principal: Principal, subject_id: str
) -> list[FaceEnrollment]:
    """Return every version of the subject's enrollment, newest first."""
    subject = load(session, principal, Action.READ, Subject, subject_id)
    enrollments = session.scalars(
        select(FaceEnrollment)
        .where(FaceEnrollment.subject_id == subject.id)
        .order_by(FaceEnrollment.version.desc())
        .options(selectinload(FaceEnrollment.images))
    ).all()
    for enrollment in enrollments:
        authorize(principal, Action.READ, enrollment)
    return list(enrollments)


def find_enrollment(
    session: Session, principal: Principal, subject_id: str, version: int
) -> FaceEnrollment:
    """Return one version of the subject's enrollment.

    Raises
    ------
    NotFound
    """
    for enrollment in list_enrollments(session, principal, subject_id):
        if enrollment.version == version:
            return enrollment
    raise NotFound


def approve_enrollment(
    session: Session,
    context: Context,
    person: Person,
    enrollment: FaceEnrollment,
    request_id: str,
) -> None:
    """Record that a person found the right face in an accepted version; attempts may be ready.

    Raises
    ------
    InvalidRequest
        None of its pictures was accepted.
    """
    if enrollment.state != EnrollmentState.ACCEPTED:
        raise InvalidRequest(
            "Only an accepted version can be approved.",
            next_step="Wait for the server's answer to its pictures.",
        )
    if enrollment.approved_at is not None:
        return
    enrollment.approved_at = context.clock()
    enrollment.approved_by = person.user_id
    session.flush()
    make_attempts_ready(session, enrollment.subject_id, context.clock())
    audit.record(session, context, person, "enrollment.approved", enrollment.id, request_id)


def withdraw_enrollments(
    session: Session,
    context: Context,
    person: Person,
    newest: FaceEnrollment,
    reason: str,
    request_id: str,
) -> None:
    """Let a version of a locked subject and all before it serve no more: it has to enrol anew.

    Pictures, templates and verdicts stay. Attempts that have started keep the version they
    started with; those that have not wait for new pictures. A version that came in after the one
    the person looked at is left alone.

    Raises
    ------
    InvalidRequest
        None of them serves or waits.
    """
    withdrawn = session.scalars(
        select(FaceEnrollment).where(
            FaceEnrollment.subject_id == newest.subject_id,
            FaceEnrollment.version <= newest.version,
            FaceEnrollment.state.in_((EnrollmentState.ACCEPTED, EnrollmentState.PENDING)),
        )
    ).all()
    if not withdrawn:
        raise InvalidRequest(
            "These pictures are not in use any more.",
            next_step="Load the page again: it shows what the student has sent since.",
        )
    now = context.clock()
    for enrollment in withdrawn:
        enrollment.state = EnrollmentState.WITHDRAWN
        enrollment.withdrawn_at = now
        enrollment.withdrawn_by = person.user_id
        enrollment.withdrawn_reason = reason
    session.flush()
    make_attempts_ready(session, newest.subject_id, now)
    detail = {
        "subject_id": newest.subject_id,
        "versions": sorted(enrollment.version for enrollment in withdrawn),
    }
    audit.record(session, context, person, "enrollment.withdrawn", newest.id, request_id, detail)


def decided_enrollment(session: Session, enrollment_id: str) -> FaceEnrollment | None:
    """Return the enrollment once the worker has decided it."""
    enrollment = session.get_one(FaceEnrollment, enrollment_id)
    return None if enrollment.state == EnrollmentState.PENDING else enrollment


def _row(position: int, image: OfferedImage) -> ReferenceImage:
    return ReferenceImage(
        id=image.id,
        position=position,
        storage_key=image.storage_key,
        content_type=image.content_type,
        sha256=image.sha256,
        byte_count=image.byte_count,
        state=EnrollmentState.PENDING,
        reasons=[],
    )
