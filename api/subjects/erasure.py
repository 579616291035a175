"""Erasing a person: what goes, what stays, and the receipt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, Text, cast, delete, func, select, update
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.principal import Principal
from api.subjects.schemas import DeletedCounts, ErasureReceipt
from api.users.departure import forget_user
from models.allowance import Allowance, AlternativeRequest
from models.api_client import IdempotentAnswer
from models.attempt import Answer, Attempt, AttemptTransition
from models.attempt_states import move
from models.audit import AuditEntry
from models.base import new_id
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, FaceTemplate, ReferenceImage
from models.frame import Frame, VerificationRequest
from models.incident import Incident, IncidentReview
from models.review import Review, StudentReply
from models.statuses import OPEN_STATES, AttemptState, EnrollmentState, Role
from models.subject import Consent, Subject, SubjectKey
from models.user import User
from models.verification import Verification

ERASED: Final = "subject.erased"
"""The audit entry that holds the receipt."""


@dataclass(frozen=True)
class Erasure:
    """A receipt, and the files to delete once the transaction is committed."""

    receipt: ErasureReceipt
    storage_keys: list[str]


def erase_subject(
    session: Session, context: Context, principal: Principal, subject: Subject, request_id: str
) -> Erasure:
    """Erase a locked subject; doing it again returns the same receipt and the files again.

    The key goes first of all: with it every picture and template becomes unreadable, also in
    backups. Reference images, the encodings of these and of frames, client events, claims, answers,
    every word written by or about the person, names and the sign-in go too. What stays is the
    record of the exam without a face: attempts, frame numbers and digests, verdicts with their
    figures, points, decisions with their reasons, and audit entries; none of them names or shows
    the person.

    The files are deleted by the caller *after* the commit: a transaction that fails must not
    have destroyed anything. A file left over by a crash is unreadable, and goes when the erasure
    is asked for again.
    """
    if subject.erased_at is not None:
        storage_keys = _storage_keys(session, subject.id)
        return Erasure(receipt_of(session, subject), storage_keys)
    now = context.clock()
    frame_count = _forget_attempts(session, context, principal, subject.id)
    # Behind the locks on the attempts: no frame comes between this list and the commit.
    storage_keys = _storage_keys(session, subject.id)
    image_count, template_count = _forget_references(session, subject.id, now)
    deleted = DeletedCounts(
        reference_images=image_count, templates=template_count, frames=frame_count
    )
    session.execute(delete(SubjectKey).where(SubjectKey.subject_id == subject.id))
    session.execute(
        update(Consent)
        .where(Consent.subject_id == subject.id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    _forget_words(session, subject.id, now)
    _forget_user(session, subject.id, now)
    _forget_answers(session, subject.id)
    subject.erased_at = now
    subject.display_name = None
    subject.external_ref = f"erased:{subject.id}"
    receipt = ErasureReceipt(
        subject_id=subject.id, erased_at=now, receipt_id=new_id("rcp"), deleted=deleted
    )
    session.flush()
    detail = {"receipt_id": receipt.receipt_id, "deleted": deleted.model_dump()}
    audit.record(session, context, principal, ERASED, subject.id, request_id, detail)
    return Erasure(receipt, storage_keys)


def delete_files(context: Context, erasure: Erasure | None) -> None:
    """Delete the files of an erasure that is committed."""
    for storage_key in erasure.storage_keys if erasure else ():
        context.images.store.delete(storage_key)


def _forget_answers(session: Session, subject_id: str) -> None:
    """Delete answers kept for repeated requests that name the subject: they hold its names."""
    names_subject = cast(IdempotentAnswer.body, Text).contains(subject_id, autoescape=True)
    session.execute(
        delete(IdempotentAnswer).where(names_subject).execution_options(synchronize_session=False)
    )


def _storage_keys(session: Session, subject_id: str) -> list[str]:
    references = select(ReferenceImage.storage_key).join(FaceEnrollment)
    frames = select(Frame.storage_key).join(Attempt, Attempt.id == Frame.attempt_id)
    asked = select(VerificationRequest.storage_key)
    return [
        *session.scalars(references.where(FaceEnrollment.subject_id == subject_id)),
        *session.scalars(frames.where(Attempt.subject_id == subject_id)),
        *session.scalars(asked.where(VerificationRequest.subject_id == subject_id)),
    ]


def _forget_attempts(
    session: Session, context: Context, principal: Principal, subject_id: str
) -> int:
    """Close the open attempts, delete what the browser told; return the number of frames."""
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.subject_id == subject_id)
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for attempt in attempts:
        if attempt.state in OPEN_STATES:
            move(
                session,
                attempt,
                AttemptState.EXPIRED,
                actor=principal.actor,
                reason="The subject was erased.",
                now=context.clock(),
            )
    ids = [attempt.id for attempt in attempts]
    session.execute(delete(Answer).where(Answer.attempt_id.in_(ids)))
    session.execute(delete(StudentReply).where(StudentReply.attempt_id.in_(ids)))
    session.execute(delete(ClientEvent).where(ClientEvent.attempt_id.in_(ids)))
    session.execute(update(Frame).where(Frame.attempt_id.in_(ids)).values(claim=None))
    return _count(session, select(Frame.id).where(Frame.attempt_id.in_(ids)))


def _forget_references(session: Session, subject_id: str, now: datetime) -> tuple[int, int]:
    """Delete reference images and all encodings; return how many images and templates."""
    own = select(FaceEnrollment.id).where(FaceEnrollment.subject_id == subject_id)
    own_images = ReferenceImage.enrollment_id.in_(own)
    own_templates = FaceTemplate.enrollment_id.in_(own)
    image_count = _count(session, select(ReferenceImage.id).where(own_images))
    template_count = _count(session, select(FaceTemplate.id).where(own_templates))
    # Templates name the image they came from: they go first.
    session.execute(delete(FaceTemplate).where(own_templates))
    session.execute(delete(ReferenceImage).where(own_images))
    # Without references none of them may count as a face to compare with.
    session.execute(
        update(FaceEnrollment)
        .where(FaceEnrollment.subject_id == subject_id)
        .values(state=EnrollmentState.REFUSED, decided_at=now, warnings=None, withdrawn_reason=None)
    )
    # Unreadable without the key; but a face has no place in a record without one.
    session.execute(
        update(Verification)
        .where(Verification.subject_id == subject_id)
        .values(sealed_encoding=None)
    )
    return image_count, template_count


def _forget_words(session: Session, subject_id: str, now: datetime) -> None:
    """Empty what was written about the person and by them; what was granted or decided stays."""
    own_attempts = select(Attempt.id).where(Attempt.subject_id == subject_id)
    session.execute(
        update(Review).where(Review.attempt_id.in_(own_attempts)).values(note="", message="")
    )
    own_incidents = select(Incident.id).where(Incident.attempt_id.in_(own_attempts))
    session.execute(
        update(IncidentReview).where(IncidentReview.incident_id.in_(own_incidents)).values(note="")
    )
    # The only moves whose reason somebody types.
    broken_off = AttemptTransition.to_state == AttemptState.ERROR
    session.execute(
        update(AttemptTransition)
        .where(AttemptTransition.attempt_id.in_(own_attempts), broken_off)
        .values(reason="It broke off.")
    )
    session.execute(update(Allowance).where(Allowance.subject_id == subject_id).values(note=""))
    of_subject = AlternativeRequest.subject_id == subject_id
    session.execute(update(AlternativeRequest).where(of_subject).values(message=""))
    # Nobody is left to answer to.
    is_open = AlternativeRequest.answered_at.is_(None)
    session.execute(update(AlternativeRequest).where(of_subject, is_open).values(answered_at=now))


def _forget_user(session: Session, subject_id: str, now: datetime) -> None:
    """End the student's sign-in for ever. Somebody who has become staff goes on without a face."""
    user = session.scalars(
        select(User).where(User.subject_id == subject_id).with_for_update()
    ).one_or_none()
    if user is None:
        return
    if user.role == Role.STUDENT:
        forget_user(session, user, now)
    else:
        user.subject_id = None


def _count(session: Session, statement: Select[str]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def receipt_of(session: Session, subject: Subject) -> ErasureReceipt:
    """Return the receipt of a subject that was erased."""
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.object_id == subject.id, AuditEntry.action == ERASED)
    ).one()
    return ErasureReceipt(
        subject_id=subject.id,
        erased_at=entry.at,
        receipt_id=entry.detail["receipt_id"],
        deleted=DeletedCounts(**entry.detail["deleted"]),
    )
