"""Enrolled faces that wait for a person's approval, those that have waited longest first."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from api.enrollments.approval import waits_for_approval
from api.problems import ChangedMeanwhile
from models.enrollment import FaceEnrollment
from models.face_templates import is_current_enrollment

FACES_SHOWN = 24
"""On a page: each picture that somebody is shown makes its entry in the audit record."""


def waiting_faces(
    session: Session, after: str | None = None
) -> tuple[list[FaceEnrollment], str | None]:
    """Return the sets that follow `after`, and what the next page follows; None at the end."""
    statement = select(FaceEnrollment).where(waits_for_approval())
    if after is not None:
        statement = statement.where(FaceEnrollment.id > after)
    found = session.scalars(
        statement.order_by(FaceEnrollment.id)
        .limit(FACES_SHOWN + 1)
        .options(selectinload(FaceEnrollment.images))
    ).all()
    shown = list(found[:FACES_SHOWN])
    return shown, shown[-1].id if len(found) > FACES_SHOWN else None


def waiting_face_count(session: Session) -> int:
    """Return how many sets wait in all."""
    waiting = select(func.count()).select_from(FaceEnrollment).where(waits_for_approval())
    return session.scalar(waiting) or 0


def check_still_in_use(session: Session, enrollment: FaceEnrollment, name: str) -> None:
    """Return when attempts would be compared with this set, as they were when it was shown.

    Raises
    ------
    ChangedMeanwhile
        It was withdrawn, or newer pictures serve.
    """
    in_use = select(FaceEnrollment.id).where(
        FaceEnrollment.id == enrollment.id, is_current_enrollment()
    )
    if session.scalar(in_use) is None:
        raise ChangedMeanwhile(
            f"Set {enrollment.version} of {name} is not in use any more: nothing was approved.",
            next_step="Newer pictures that wait for a person stand in the list.",
        )
