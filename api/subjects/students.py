"""Students as staff look for them: subjects with a sign-in of their own, and those without."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from api.authorization import Action, authorize, visible_to
from api.enrollments.approval import is_warned, waits_for_approval
from api.paging import Page, newest_first
from api.principal import Person
from api.users.search import has_name_or_login, searched_text
from models.allowance import Allowance
from models.attempt import Attempt
from models.attempt_readiness import subjects_with_enrollment
from models.enrollment import FaceEnrollment
from models.statuses import EnrollmentState
from models.subject import Subject
from models.user import User


class StudentFilter(StrEnum):
    """Which students are shown."""

    ALL = ""
    NOT_ENROLLED = "not_enrolled"
    WAITS_FOR_APPROVAL = "waits_for_approval"
    WARNED = "warned"
    """The face is like somebody else's."""
    HAS_ALLOWANCE = "has_allowance"
    INVITED = "invited"
    """No password was set yet."""
    DISABLED = "disabled"


@dataclass(frozen=True)
class Student:
    """One line of the list."""

    subject: Subject
    user: User | None
    """None for subjects of other systems, and where the sign-in was deleted."""
    is_enrolled: bool
    is_approved: bool
    is_warned: bool
    has_allowance: bool
    attempt_count: int


def list_students(
    session: Session, person: Person, page: Page, *, text: str, show: StudentFilter
) -> tuple[list[Student], str | None]:
    """Return students, newest first, and the cursor; the same queries for any number."""
    authorize(person, Action.LIST, Subject)
    statement = visible_to(person, select(Subject).where(Subject.erased_at.is_(None)), Subject)
    statement = statement.outerjoin(User, User.subject_id == Subject.id)
    if wanted := searched_text(text):
        statement = statement.where(
            has_name_or_login(wanted, Subject.display_name, User.display_name)
        )
    if show is not StudentFilter.ALL:
        statement = statement.where(_condition(show))
    subjects, next_cursor = newest_first(session, statement, Subject.id, page)
    return _students(session, subjects), next_cursor


def user_of_subject(session: Session, subject_id: str) -> User | None:
    """Return who signs in as this subject."""
    return session.scalars(
        select(User).where(User.subject_id == subject_id, User.deleted_at.is_(None))
    ).one_or_none()


def _students(session: Session, subjects: Collection[Subject]) -> list[Student]:
    ids = {subject.id for subject in subjects}
    users = {
        user.subject_id: user
        for user in session.scalars(
            select(User).where(User.subject_id.in_(ids), User.deleted_at.is_(None))
        )
    }
    enrolled = subjects_with_enrollment(session, ids)
    approved = subjects_with_enrollment(session, ids, approved=True)
    warned = set(
        session.scalars(
            select(FaceEnrollment.subject_id).where(FaceEnrollment.subject_id.in_(ids), is_warned())
        )
    )
    granted = set(
        session.scalars(
            select(Allowance.subject_id).where(
                Allowance.subject_id.in_(ids), Allowance.withdrawn_at.is_(None)
            )
        )
    )
    counts: dict[str, int] = dict(
        session.execute(
            select(Attempt.subject_id, func.count())
            .where(Attempt.subject_id.in_(ids))
            .group_by(Attempt.subject_id)
        ).all()
    )
    return [
        Student(
            subject=subject,
            user=users.get(subject.id),
            is_enrolled=subject.id in enrolled,
            is_approved=subject.id in approved,
            is_warned=subject.id in warned,
            has_allowance=subject.id in granted,
            attempt_count=counts.get(subject.id, 0),
        )
        for subject in subjects
    ]


def _condition(show: StudentFilter) -> ColumnElement[bool]:
    own_face = FaceEnrollment.subject_id == Subject.id
    conditions: dict[StudentFilter, ColumnElement[bool]] = {
        StudentFilter.NOT_ENROLLED: ~exists().where(
            own_face, FaceEnrollment.state == EnrollmentState.ACCEPTED
        ),
        StudentFilter.WAITS_FOR_APPROVAL: Subject.id.in_(
            select(FaceEnrollment.subject_id).where(waits_for_approval())
        ),
        StudentFilter.WARNED: Subject.id.in_(select(FaceEnrollment.subject_id).where(is_warned())),
        StudentFilter.HAS_ALLOWANCE: exists().where(
            Allowance.subject_id == Subject.id, Allowance.withdrawn_at.is_(None)
        ),
        StudentFilter.INVITED: User.password_hash == "",
        StudentFilter.DISABLED: User.is_disabled.is_(True),
    }
    return conditions[show]
