"""Warnings about an enrollment: whom its face resembles, told to those who may know of both."""

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
    """Return what `principal` may know; None for the person, and while nothing was compared.

    A student must not learn who looks alike, nor a system that somebody of another owner does.
    """
    if enrollment.warnings is None or not is_allowed(principal, Action.SEE_FIGURES, enrollment):
        return None
    warnings = [EnrollmentWarning(**warning) for warning in enrollment.warnings]
    named = {warning.subject_id for warning in warnings if warning.subject_id}
    if not named:
        return warnings
    of_these = select(Subject.id).where(Subject.id.in_(named))
    visible = {None, *session.scalars(visible_to(principal, of_these, Subject))}
    return [warning for warning in warnings if warning.subject_id in visible]
