"""What admins do with users: invite, change roles, switch access off, let go. Nothing commits.

Whatever ends a right ends the person's sign-ins in the same transaction. Two rules hold always:
nobody does any of it to themselves, and one admin who can sign in remains.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize, load
from api.context import Context
from api.invitations.service import MadeInvitation, add_invitations
from api.principal import Person
from api.problems import NotAllowed, NotFound
from api.subjects.erasure import Erasure, erase_subject
from api.subjects.service import load_locked_subject
from api.users.departure import forget_user
from api.users.service import (
    NewUser,
    add_student,
    add_user,
    give_subject,
    set_disabled,
    sign_out_everywhere,
)
from models.audit_actions import AuditAction
from models.statuses import Role
from models.user import User


@dataclass(frozen=True)
class Departure:
    """What became of a user who was deleted."""

    user_id: str
    keeps_name: bool
    """The name stays with what was decided under it."""
    erasure: Erasure | None
    """Of whoever is or was a student, with the files that are still to be deleted."""


def load_user(session: Session, person: Person, action: Action, user_id: str) -> User:
    """Return a user that was not deleted.

    Raises
    ------
    NotFound, NotAllowed
    """
    user = load(session, person, action, User, user_id)
    if user.deleted_at is not None:
        raise NotFound("This person was deleted.")
    return user


def add_invited_user(
    session: Session, context: Context, person: Person, new: NewUser, role: Role, request_id: str
) -> tuple[User, MadeInvitation]:
    """Add somebody without a password, and the link with which they set one.

    Raises
    ------
    NotAllowed, LoginTaken
    """
    authorize(person, Action.CREATE, User)
    if role is Role.STUDENT:
        user = add_student(session, context, new)
    else:
        user = add_user(session, context, new, role)
    made = add_invitations(session, context, person, [user.id])[user.id]
    audit.record(session, context, person, "user.added", user.id, request_id, {"role": user.role})
    return user, made


def change_role(
    session: Session, context: Context, person: Person, user_id: str, role: Role, request_id: str
) -> User:
    """Give a user another role; their sign-ins end. A new student gets a subject.

    Raises
    ------
    NotFound, NotAllowed
        Nobody changes their own role; the last admin stays one.
    """
    user = _locked_user(session, person, user_id)
    if user.role == role:
        return user
    before, user.role = user.role, role
    if role is Role.STUDENT and user.subject_id is None:
        give_subject(session, context, user)
    sign_out_everywhere(session, user.id)
    session.flush()
    detail = {"from": before, "to": role.value}
    audit.record(session, context, person, "user.role_changed", user.id, request_id, detail)
    return user


def switch_access(
    session: Session,
    context: Context,
    person: Person,
    user_id: str,
    request_id: str,
    *,
    is_disabled: bool,
) -> User:
    """Shut a user out at once, or let them in again.

    Raises
    ------
    NotFound, NotAllowed
        Nobody shuts themselves out; the last admin stays.
    """
    user = _locked_user(session, person, user_id)
    if user.is_disabled == is_disabled:
        return user
    set_disabled(session, user, is_disabled=is_disabled)
    session.refresh(user)
    action: AuditAction = "user.disabled" if is_disabled else "user.enabled"
    audit.record(session, context, person, action, user.id, request_id)
    return user


def delete_user(
    session: Session, context: Context, person: Person, user_id: str, request_id: str
) -> Departure:
    """Let a user go for good: a student is erased, of staff all goes but the record.

    Staff who were students lose face and attempts as students do.

    The caller deletes the files of the erasure after the commit.

    Raises
    ------
    NotFound, NotAllowed
        Nobody deletes themselves; the last admin stays.
    """
    user = load_user(session, person, Action.MANAGE, user_id)
    subject = None
    if user.subject_id is not None:
        # Locked before the user, as whoever erases a subject does.
        subject = load_locked_subject(session, person, Action.MANAGE, user.subject_id)
    if user.role == Role.STUDENT and subject is not None:
        erasure = erase_subject(session, context, person, subject, request_id)
        session.refresh(user)
        return Departure(user.id, user.display_name != user.login, erasure)
    user = _locked_user(session, person, user_id)
    face = erase_subject(session, context, person, subject, request_id) if subject else None
    keeps_name = forget_user(session, user, context.clock())
    detail = {"keeps_name": keeps_name}
    audit.record(session, context, person, "user.deleted", user.id, request_id, detail)
    return Departure(user.id, keeps_name, face)


def _locked_user(session: Session, person: Person, user_id: str) -> User:
    """Return a user that the admin may change now, locked until the transaction ends.

    Admins who can sign in are locked first, in the order of their ids: of two who demote each
    other, the second finds that they are no admin any more.
    """
    load_user(session, person, Action.MANAGE, user_id)
    if user_id == person.user_id:
        raise NotAllowed(
            "Nobody changes their own role or access.", next_step="Ask another admin to do it."
        )
    admins = session.scalars(
        select(User)
        .where(User.role == Role.ADMIN, User.is_disabled.is_(False), User.deleted_at.is_(None))
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    able = {admin.id for admin in admins if admin.password_hash}
    if person.user_id not in able:
        raise NotAllowed("You are no admin any more.")
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if user.deleted_at is not None:
        raise NotFound("This person was deleted.")
    return user
