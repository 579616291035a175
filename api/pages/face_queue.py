"""Enrolled faces that wait for a person's approval, those that have waited longest first."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from api.enrollments.approval import waits_for_approval
from api.principal import Person
from api.problems import ChangedMeanwhile
from api.users.names import user_names
from models.enrollment import FaceEnrollment
from models.face_templates import is_current_enrollment
from models.statuses import EnrollmentState

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


def check_still_in_use(
    session: Session, person: Person, enrollment: FaceEnrollment, name: str
) -> None:
    """Return when attempts would be compared with this set, as they were when it was shown.

    Raises
    ------
    ChangedMeanwhile
        It was withdrawn, or newer pictures serve.
    """
    if enrollment.state == EnrollmentState.WITHDRAWN:
        who = _who(session, person, enrollment.withdrawn_by)
        raise ChangedMeanwhile(
            f"{who} asked {name} for new pictures already: set {enrollment.version} is not in use "
            "any more, and nothing was changed now.",
            next_step=f"The new pictures stand in the list once {name} has sent them.",
        )
    in_use = select(FaceEnrollment.id).where(
        FaceEnrollment.id == enrollment.id, is_current_enrollment()
    )
    if session.scalar(in_use) is None:
        raise ChangedMeanwhile(
            f"Set {enrollment.version} of {name} is not in use any more: nothing was changed.",
            next_step="Newer pictures that wait for a person stand in the list.",
        )


def check_still_waits(
    session: Session, person: Person, enrollment: FaceEnrollment, name: str
) -> None:
    """Return when this set is in use and nobody has approved it since it was shown.

    Raises
    ------
    ChangedMeanwhile
    """
    check_still_in_use(session, person, enrollment, name)
    if enrollment.approved_at is None:
        return
    who = _who(session, person, enrollment.approved_by)
    raise ChangedMeanwhile(
        f"{who} approved set {enrollment.version} of {name} meanwhile: "
        f"{name} was not asked for new pictures.",
        next_step=f"If the pictures are not right, ask for new ones on the page of {name}.",
    )


def _who(session: Session, person: Person, user_id: str | None) -> str:
    if user_id == person.user_id:
        return "You"
    return user_names(session, [user_id]).get(user_id or "", "Somebody")
