"""Which enrolled faces wait for a person."""

from sqlalchemy import ColumnElement, Text, cast, select

from models.attempt import Attempt
from models.enrollment import FaceEnrollment
from models.exam import Exam
from models.face_templates import is_current_enrollment
from models.statuses import AttemptState


def waits_for_approval() -> ColumnElement[bool]:
    """Return the condition that a face is in use, not approved, and an exam asks for it."""
    asking = select(Attempt.subject_id).where(
        Attempt.state == AttemptState.CREATED,
        Attempt.exam_id.in_(select(Exam.id).where(Exam.needs_approved_enrollment.is_(True))),
    )
    return (
        FaceEnrollment.subject_id.in_(asking)
        & FaceEnrollment.approved_at.is_(None)
        & is_current_enrollment()
    )


def is_warned() -> ColumnElement[bool]:
    """Return the condition that a face is in use and has a warning."""
    return has_warning() & is_current_enrollment()


def has_warning() -> ColumnElement[bool]:
    """Return the condition that a face was found to be like another, or not compared with all."""
    is_not_empty = cast(FaceEnrollment.warnings, Text) != "[]"
    return FaceEnrollment.warnings.is_not(None) & is_not_empty
