"""What an attempt needs before it can start; it depends on what its subject was granted."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.exam import Exam
from models.granted import Granted
from models.statuses import AttemptState, EnrollmentState, FaceCheck
from models.subject import Consent

MISSING_CONSENT = "consent"
"""Stands in an attempt's `missing` while the subject has not consented."""

MISSING_ENROLLMENT = "enrollment"
"""Stands in an attempt's `missing` while no face enrollment of the subject is accepted."""

MISSING_APPROVAL = "approval"
"""Stands in an attempt's `missing` while no person has approved an accepted enrollment."""

MISSING_IDENTITY_CHECK = "identity_check"
"""Stands in an attempt's `missing` until a person has seen who sits it, where no camera does."""


def accepted_enrollment_id(
    session: Session, subject_id: str, *, approved: bool = False
) -> str | None:
    """Return the id of the subject's newest accepted (and approved) face enrollment, or None."""
    return session.scalars(
        select(FaceEnrollment.id)
        .where(FaceEnrollment.subject_id == subject_id, *_serves(approved=approved))
        .order_by(FaceEnrollment.version.desc())
        .limit(1)
    ).one_or_none()


def subjects_with_consent(session: Session, subject_ids: Collection[str]) -> set[str]:
    """Return those of the subjects whose consent stands."""
    return set(
        session.scalars(
            select(Consent.subject_id).where(
                Consent.subject_id.in_(subject_ids), Consent.withdrawn_at.is_(None)
            )
        )
    )


def subjects_with_enrollment(
    session: Session, subject_ids: Collection[str], *, approved: bool = False
) -> set[str]:
    """Return those of the subjects that have an accepted (and approved) face enrollment."""
    return set(
        session.scalars(
            select(FaceEnrollment.subject_id).where(
                FaceEnrollment.subject_id.in_(subject_ids), *_serves(approved=approved)
            )
        )
    )


def exams_with_approval(session: Session, exam_ids: Collection[str | None]) -> set[str]:
    """Return those of the exams that compare with nothing a person has not approved."""
    wanted = {exam_id for exam_id in exam_ids if exam_id}
    return set(
        session.scalars(
            select(Exam.id).where(Exam.id.in_(wanted), Exam.needs_approved_enrollment.is_(True))
        )
    )


def missing_of_attempts(session: Session, attempts: Sequence[Attempt]) -> dict[str, list[str]]:
    """Return what each `created` attempt lacks, by its id; the same queries for any number."""
    waiting = [attempt for attempt in attempts if attempt.state == AttemptState.CREATED]
    if not waiting:
        return {}
    subject_ids = {attempt.subject_id for attempt in waiting}
    consented = subjects_with_consent(session, subject_ids)
    enrolled = subjects_with_enrollment(session, subject_ids)
    approved = subjects_with_enrollment(session, subject_ids, approved=True)
    strict = exams_with_approval(session, {attempt.exam_id for attempt in waiting})

    def missing(attempt: Attempt) -> list[str]:
        check = Granted.from_dict(attempt.allowances).face_check
        if check is FaceCheck.PERSON:
            return [] if attempt.identity_checked_at else [MISSING_IDENTITY_CHECK]
        lacking = [] if attempt.subject_id in consented else [MISSING_CONSENT]
        if check is FaceCheck.PRESENCE:
            return lacking
        if attempt.subject_id not in enrolled:
            return [*lacking, MISSING_ENROLLMENT]
        if attempt.exam_id in strict and attempt.subject_id not in approved:
            return [*lacking, MISSING_APPROVAL]
        return lacking

    return {attempt.id: missing(attempt) for attempt in waiting}


def _serves(*, approved: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [FaceEnrollment.state == EnrollmentState.ACCEPTED]
    if approved:
        conditions.append(FaceEnrollment.approved_at.is_not(None))
    return conditions
