"""Enrollments that a person should look at, because the face is like somebody else's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.enrollments.approval import is_warned
from api.enrollments.schemas import EnrollmentWarning
from api.enrollments.warnings import shown_warnings_of
from api.pages.dashboard import names_of
from api.principal import Principal
from models.enrollment import FaceEnrollment

WARNED_SHOWN = 10
"""On the dashboard; every one stands on its student's page and above its attempts."""


@dataclass(frozen=True)
class WarnedEnrollment:
    """An enrollment with its warnings."""

    subject_id: str
    version: int
    warnings: Sequence[EnrollmentWarning]
    names: Mapping[str, str]
    """Of its subject and of those the warnings name, by id."""


def newest_warned(session: Session, principal: Principal) -> list[WarnedEnrollment]:
    """Return the newest current enrollments that have a warning."""
    found = session.scalars(
        select(FaceEnrollment)
        .where(is_warned())
        .order_by(FaceEnrollment.id.desc())
        .limit(WARNED_SHOWN)
    )
    return _warned(session, principal, found)


def warned_enrollment(
    session: Session, principal: Principal, enrollment_id: str | None
) -> WarnedEnrollment | None:
    """Return this enrollment if it has a warning."""
    found = session.scalars(select(FaceEnrollment).where(FaceEnrollment.id == enrollment_id))
    return next(iter(_warned(session, principal, found)), None)


def _warned(
    session: Session, principal: Principal, enrollments: Iterable[FaceEnrollment]
) -> list[WarnedEnrollment]:
    enrollments = list(enrollments)
    shown = shown_warnings_of(session, principal, enrollments)
    warned = [
        (enrollment, warnings) for enrollment in enrollments if (warnings := shown[enrollment.id])
    ]
    alike = {one.subject_id for _, warnings in warned for one in warnings if one.subject_id}
    names = names_of(session, {enrollment.subject_id for enrollment, _ in warned} | alike)
    return [
        WarnedEnrollment(enrollment.subject_id, enrollment.version, warnings, names)
        for enrollment, warnings in warned
    ]
