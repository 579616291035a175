"""What an attempt needs before it can start: the subject's consent and an accepted enrollment."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.enrollment import FaceEnrollment
from models.statuses import EnrollmentState
from models.subject import Consent

MISSING_CONSENT = "consent"
"""Stands in an attempt's `missing` while the subject has not consented."""

MISSING_ENROLLMENT = "enrollment"
"""Stands in an attempt's `missing` while no face enrollment of the subject is accepted."""


def accepted_enrollment_id(session: Session, subject_id: str) -> str | None:
    """Return the id of the subject's newest accepted face enrollment, or None."""
    return session.scalars(
        select(FaceEnrollment.id)
        .where(
            FaceEnrollment.subject_id == subject_id,
            FaceEnrollment.state == EnrollmentState.ACCEPTED,
        )
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


def subjects_with_enrollment(session: Session, subject_ids: Collection[str]) -> set[str]:
    """Return those of the subjects that have an accepted face enrollment."""
    return set(
        session.scalars(
            select(FaceEnrollment.subject_id).where(
                FaceEnrollment.subject_id.in_(subject_ids),
                FaceEnrollment.state == EnrollmentState.ACCEPTED,
            )
        )
    )
