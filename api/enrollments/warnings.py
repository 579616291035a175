"""Warnings about enrollments: whom a face resembles, told to those who may know of both."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.authorization import Action, is_allowed, visible_to
from api.enrollments.schemas import EnrollmentWarning
from api.principal import Principal
from models.enrollment import FaceEnrollment
from models.subject import Subject


def shown_warnings(
    session: Session, principal: Principal, enrollment: FaceEnrollment
) -> list[EnrollmentWarning] | None:
    """Return what `principal` may know; None for the person, and while nothing was compared."""
    return shown_warnings_of(session, principal, [enrollment])[enrollment.id]


def shown_warnings_of(
    session: Session, principal: Principal, enrollments: Sequence[FaceEnrollment]
) -> dict[str, list[EnrollmentWarning] | None]:
    """Return what `principal` may know of each, by id; the same query for any number.

    A student must not learn who looks alike, nor a system that somebody of another owner does.
    """
    warnings = {
        one.id: [EnrollmentWarning(**warning) for warning in one.warnings]
        if one.warnings is not None and is_allowed(principal, Action.SEE_FIGURES, one)
        else None
        for one in enrollments
    }
    all_of_them = [warning for some in warnings.values() for warning in some or ()]
    named = {warning.subject_id for warning in all_of_them if warning.subject_id}
    if not named:
        return warnings
    of_these = select(Subject.id).where(Subject.id.in_(named))
    visible = {None, *session.scalars(visible_to(principal, of_these, Subject))}
    return {
        enrollment_id: some and [warning for warning in some if warning.subject_id in visible]
        for enrollment_id, some in warnings.items()
    }
