"""Subjects and consents as answers."""

from sqlalchemy.orm import Session

from api.enrollments.answers import enrollment_answer
from api.principal import Principal
from api.subjects.schemas import ConsentAnswer, SubjectAnswer
from api.subjects.service import accepted_enrollment, standing_consent
from models.subject import Consent, Subject


def subject_answer(session: Session, principal: Principal, subject: Subject) -> SubjectAnswer:
    """Return a subject with its current enrollment and consent, as `principal` may see it."""
    enrollment = accepted_enrollment(session, subject.id)
    consent = standing_consent(session, subject.id)
    return SubjectAnswer(
        id=subject.id,
        external_ref=subject.external_ref,
        display_name=subject.display_name,
        enrollment=enrollment_answer(session, principal, enrollment) if enrollment else None,
        consent=consent_answer(consent) if consent else None,
        created_at=subject.created_at,
    )


def consent_answer(consent: Consent) -> ConsentAnswer:
    """Return a consent."""
    return ConsentAnswer(text_version=consent.text_version, given_at=consent.given_at)
