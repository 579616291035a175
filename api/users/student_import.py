"""Adding a whole list of students: all of it or nothing. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize
from api.context import Context
from api.invitations.service import MadeInvitation, add_invitations
from api.principal import Person
from api.users.student_list import SPELLING_RULE, ListedStudent, Mistake, StudentList
from models.allowance import Allowance
from models.base import new_id
from models.statuses import FaceCheck, Role
from models.subject import Subject, SubjectKey
from models.user import User


@dataclass(frozen=True)
class AddedStudent:
    """Somebody who was added, with the link to send them."""

    name: str
    login: str
    invitation: MadeInvitation


class ListNotAdded(Exception):
    """A login was taken by somebody while the list was added. Look at the list again."""


@dataclass(frozen=True)
class CheckedList:
    """A list beside those who have an account."""

    new: list[ListedStudent]
    """To be added."""
    here: list[ListedStudent]
    """Who have an account under the same name and login, and are left out."""
    mistakes: list[Mistake]
    """What has to be mended before anybody is added."""
    columns_left_out: Sequence[str] = ()


def checked_list(session: Session, wanted: StudentList) -> CheckedList:
    """Tell who of the list is new and who is here; a login somebody else has is a mistake."""
    keys = {student.key for student in wanted.students}
    known = {
        one.login_key: one for one in session.scalars(select(User).where(User.login_key.in_(keys)))
    }
    new, here, mistakes = [], [], [*wanted.mistakes]
    for student in wanted.students:
        user = known.get(student.key)
        if user is None:
            new.append(student)
        elif _is_same(user, student):
            here.append(student)
        else:
            message = f"is taken by “{user.login}” ({user.display_name}): {SPELLING_RULE}"
            mistakes.append(Mistake(student.line, "login", message))
    mistakes.sort(key=lambda mistake: mistake.line)
    return CheckedList(new, here, mistakes, wanted.columns_left_out)


def _is_same(user: User, student: ListedStudent) -> bool:
    """Tell whether the account is this student's: the login alone may be somebody else's."""
    names = (user.display_name, student.new.display_name)
    is_student = user.role == Role.STUDENT and user.deleted_at is None
    return is_student and len({" ".join(name.casefold().split()) for name in names}) == 1


def add_students(
    session: Session,
    context: Context,
    person: Person,
    wanted: Sequence[ListedStudent],
    request_id: str,
) -> list[AddedStudent]:
    """Add every student of a list without mistakes, with a subject, a key and a link each.

    Raises
    ------
    ListNotAdded
        Somebody registered one of the logins in between; nothing was added.
    """
    authorize(person, Action.CREATE, User)
    rows = [_Rows.of(context, student) for student in wanted]
    try:
        with session.begin_nested():
            _insert(session, [row.subject for row in rows], Subject)
            _insert(session, [row.key for row in rows], SubjectKey)
            _insert(session, [row.user for row in rows], User)
    except IntegrityError:
        raise ListNotAdded from None
    allowances = [row.allowance(context, person) for row in rows if row.extra_time_percent]
    _insert(session, allowances, Allowance)
    made = add_invitations(session, context, person, [row.user["id"] for row in rows])
    detail = {"user_ids": [row.user["id"] for row in rows], "allowances": len(allowances)}
    audit.record(session, context, person, "students.imported", new_id("imp"), request_id, detail)
    return [
        AddedStudent(row.user["display_name"], row.user["login"], made[row.user["id"]])
        for row in rows
    ]


@dataclass(frozen=True)
class _Rows:
    """What is inserted for one student: a thousand of them must not hold the writers up."""

    subject: dict[str, Any]
    key: dict[str, Any]
    user: dict[str, Any]
    extra_time_percent: int

    @classmethod
    def of(cls, context: Context, student: ListedStudent) -> "_Rows":
        now = context.clock()
        user_id, subject_id = new_id("usr"), new_id("sub")
        subject = {
            "id": subject_id,
            "owner_client_id": None,
            "external_ref": user_id,
            "display_name": student.new.display_name,
            "created_at": now,
        }
        sealed_key = context.key_ring.new_sealed_key(subject_id)
        key = {"subject_id": subject_id, "sealed_key": sealed_key, "created_at": now}
        user = {
            "id": user_id,
            "login": student.new.login,
            "login_key": student.key,
            "display_name": student.new.display_name,
            "password_hash": "",
            "role": Role.STUDENT.value,
            "subject_id": subject_id,
            "created_at": now,
        }
        return cls(subject, key, user, student.extra_time_percent)

    def allowance(self, context: Context, person: Person) -> dict[str, Any]:
        return {
            "id": new_id("alw"),
            "subject_id": self.subject["id"],
            "extra_time_percent": self.extra_time_percent,
            "extra_time_seconds": 0,
            "frame_interval_factor": 1.0,
            "face_check": FaceCheck.MATCH.value,
            "second_person_allowed": False,
            "note": "Imported with the list of students.",
            "granted_by": person.user_id,
            "granted_at": context.clock(),
        }


def _insert(session: Session, rows: Sequence[dict[str, Any]], table: type) -> None:
    if rows:
        session.execute(insert(table), rows)
