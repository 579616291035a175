"""Who may do what with which object: one table, asked by every route.

What a principal is to an object is its *relation*: the subject itself, the system that owns the
subject, a student, reviewer or admin of this house. The table says what each relation may do.
An object that is none of the principal's business looks like one that does not exist.
"""

import re
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session, object_session

from api.principal import Person, Principal, System
from api.problems import NotAllowed, NotFound
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Answer, Attempt
from models.audit import AuditEntry
from models.base import Base
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam, Question
from models.frame import Frame, VerificationRequest
from models.incident import Incident, IncidentReview
from models.review import Review, StudentReply
from models.statuses import Role
from models.subject import Consent, Subject
from models.user import User
from models.verification import Verification
from models.webhook import Webhook

ID_PATTERN = r"^[a-z]{3}_[0-9a-z]{26}$"
"""What an id looks like. Other text never reaches the database."""

Table = TypeVar("Table", bound=Base)


class Action(StrEnum):
    """What somebody wants to do with an object."""

    READ = "read"
    CHANGE = "change"
    """Edit it, start or submit it, give consent, enrol a face."""
    CREATE = "create"
    """Make one; asked with the table, before there is an object."""
    LIST = "list"
    """See a list of them; asked with the table. `visible_to` says which ones."""
    MANAGE = "manage"
    """Archive or erase it."""
    JOIN = "join"
    """Sit an exam."""
    SEND = "send"
    """Send frames and events for an attempt."""
    SEE_FACE = "see_face"
    """Look at a picture of a person."""
    SEE_TIMELINE = "see_timeline"
    """See what was recorded, in order."""
    SEE_FIGURES = "see_figures"
    """See distances and scores, which would teach a cheater how close he is."""
    REVIEW = "review"


class Relation(StrEnum):
    """What a principal is to an object."""

    ADMIN = "admin"
    REVIEWER = "reviewer"
    SELF = "self"
    """A student, and the object is about this student."""
    OWNER = "owner"
    """The system the object belongs to."""
    STUDENT = "student"
    """Any student; of objects that belong to nobody in particular."""
    SYSTEM = "system"
    """Any system; of objects that belong to nobody in particular."""


_A = Action
_LOOK = frozenset({_A.READ, _A.LIST, _A.SEE_FACE, _A.SEE_TIMELINE, _A.SEE_FIGURES})
_ALL = frozenset(Action)
_OWN = _LOOK | {_A.CHANGE, _A.CREATE, _A.MANAGE, _A.SEND}
_NONE: frozenset[Action] = frozenset()


def _row(
    *,
    student: frozenset[Action] | set[Action] = _NONE,
    oneself: frozenset[Action] | set[Action] = _NONE,
    owner: frozenset[Action] | set[Action] = _NONE,
    system: frozenset[Action] | set[Action] = _NONE,
    admin: frozenset[Action] | set[Action] = _ALL,
    reviewer: frozenset[Action] | set[Action] = _LOOK,
) -> dict[Relation, frozenset[Action]]:
    return {
        Relation.STUDENT: frozenset(student),
        Relation.SELF: frozenset(oneself),
        Relation.OWNER: frozenset(owner),
        Relation.SYSTEM: frozenset(system),
        Relation.ADMIN: frozenset(admin),
        Relation.REVIEWER: frozenset(reviewer),
    }


ALLOWED: dict[type[Base], dict[Relation, frozenset[Action]]] = {
    Subject: _row(
        student={_A.LIST},
        oneself={_A.READ, _A.CHANGE},
        owner=_OWN,
        system={_A.LIST, _A.CREATE},
        reviewer=_LOOK | {_A.REVIEW},
    ),
    Consent: _row(oneself={_A.READ}, owner=_OWN),
    FaceEnrollment: _row(oneself={_A.READ}, owner=_OWN),
    ReferenceImage: _row(oneself={_A.READ, _A.SEE_FACE}, owner=_OWN),
    Allowance: _row(reviewer={_A.READ, _A.LIST}),
    AlternativeRequest: _row(oneself={_A.READ}, reviewer={_A.READ, _A.LIST}),
    Exam: _row(student={_A.JOIN}, system={_A.JOIN}),
    # Right answers stand in them: students get a paper instead.
    Question: _row(reviewer={_A.READ, _A.LIST}),
    Answer: _row(oneself={_A.READ, _A.CHANGE}, owner=_OWN, admin=_ALL - {_A.CHANGE}),
    Review: _row(oneself={_A.READ}, reviewer=_LOOK | {_A.CREATE}),
    StudentReply: _row(oneself={_A.READ}),
    # A student is told by a reviewer's question, in words, not by what a machine flags.
    Incident: _row(
        owner=_LOOK, system={_A.LIST}, admin=_LOOK | {_A.REVIEW}, reviewer=_LOOK | {_A.REVIEW}
    ),
    IncidentReview: _row(owner={_A.READ}, reviewer=_LOOK | {_A.CREATE}),
    Attempt: _row(
        student={_A.LIST},
        oneself={_A.READ, _A.CHANGE, _A.SEND},
        owner=_OWN,
        system={_A.LIST, _A.CREATE},
        # Nobody sits an exam for somebody else.
        admin=_ALL - {_A.SEND, _A.CHANGE},
        reviewer=_LOOK | {_A.REVIEW},
    ),
    Frame: _row(oneself={_A.READ}, owner=_OWN),
    ClientEvent: _row(owner=_OWN),
    Verification: _row(
        student={_A.LIST}, oneself={_A.READ}, owner=_OWN, system={_A.LIST, _A.CREATE}
    ),
    VerificationRequest: _row(owner=_OWN, system={_A.LIST, _A.CREATE}),
    User: _row(oneself={_A.READ}, reviewer={_A.READ, _A.LIST}),
    # Its address may hold a secret of the other side.
    Webhook: _row(owner=_OWN, system={_A.LIST, _A.CREATE}, reviewer=_NONE),
    # Reviewers see what they did themselves.
    AuditEntry: _row(admin={_A.READ, _A.LIST, _A.MANAGE}, reviewer={_A.LIST}),
}
"""What each relation may do, by the type of the object."""

_NOT_ABOUT_ONESELF = frozenset({Action.CHANGE, Action.CREATE, Action.MANAGE, Action.REVIEW})
"""What staff may not do about their own face and attempts, from when they were students."""

_HIDDEN = frozenset({Action.SEE_FACE, Action.SEE_TIMELINE})
"""Refused as if there were no such thing, even to somebody who may read the object."""


def is_allowed(principal: Principal, action: Action, obj: Base | type[Base]) -> bool:
    """Tell whether `principal` may do `action` with an object of an open session, or a table."""
    table = obj if isinstance(obj, type) else type(obj)
    return action in _actions(principal, obj, ALLOWED[table])


def authorize(principal: Principal, action: Action, obj: Base | type[Base]) -> None:
    """Return when `principal` may do `action` with `obj`; every route asks.

    `obj` was loaded by a session that is still open, or is a table for CREATE and LIST.

    Raises
    ------
    NotFound
        The object is somebody else's.
    NotAllowed
        The object may be known to the principal, but not this done with it.
    """
    table = obj if isinstance(obj, type) else type(obj)
    actions = _actions(principal, obj, ALLOWED[table])
    if action in actions:
        return
    if not isinstance(obj, type) and (action in _HIDDEN or Action.READ not in actions):
        raise NotFound
    raise NotAllowed("Your role does not permit this.")


def load(
    session: Session, principal: Principal, action: Action, table: type[Table], object_id: str
) -> Table:
    """Return the object with this id, once `authorize` has permitted `action`.

    Raises
    ------
    NotFound
        There is none, it is somebody else's, or an erased subject (which can only be erased again).
    NotAllowed
        The action is not permitted.
    """
    found = session.get(table, object_id) if re.match(ID_PATTERN, object_id) else None
    if found is None:
        raise NotFound
    authorize(principal, action, found)
    if isinstance(found, Subject) and found.erased_at and action is not Action.MANAGE:
        raise NotFound("The subject was erased.")
    return found


def visible_to(principal: Principal, statement: Select[Any], table: type[Base]) -> Select[Any]:
    """Return `statement` over `table` restricted to what the principal may list."""
    return statement.where(_is_visible(principal, table))


def _actions(
    principal: Principal, obj: Base | type[Base], row: dict[Relation, frozenset[Action]]
) -> frozenset[Action]:
    if isinstance(principal, System):
        general, particular = Relation.SYSTEM, Relation.OWNER
    elif principal.role is Role.STUDENT:
        general, particular = Relation.STUDENT, Relation.SELF
    else:
        actions = row[Relation.ADMIN if principal.role is Role.ADMIN else Relation.REVIEWER]
        return actions - _NOT_ABOUT_ONESELF if _is_about(principal, obj) else actions
    if isinstance(obj, type):
        return row[general]
    of_anybody = row[general] & {Action.JOIN}
    return of_anybody | row[particular] if _is_own(principal, obj) else of_anybody


def _is_about(person: Person, obj: Base | type[Base]) -> bool:
    """Tell whether an object is about staff themselves: those who were students before."""
    if person.subject_id is None or isinstance(obj, type):
        return False
    subject = _subject_of(obj)
    return subject is not None and subject.id == person.subject_id


def _is_own(principal: Principal, obj: Base) -> bool:
    if isinstance(obj, User):
        return isinstance(principal, Person) and obj.id == principal.user_id
    if isinstance(obj, VerificationRequest | Webhook):
        return isinstance(principal, System) and obj.owner_client_id == principal.client_id
    subject = _subject_of(obj)
    if subject is not None:
        if isinstance(principal, System):
            return subject.owner_client_id == principal.client_id
        return subject.id == principal.subject_id
    if isinstance(obj, Verification):
        request = _session_of(obj).get(VerificationRequest, obj.id)
        return request is not None and _is_own(principal, request)
    return False


def _subject_of(obj: Base) -> Subject | None:
    """Return whom the object is about."""
    session = _session_of(obj)
    if isinstance(obj, Subject):
        return obj
    if isinstance(obj, ReferenceImage):
        return _subject_of(session.get_one(FaceEnrollment, obj.enrollment_id))
    if isinstance(obj, IncidentReview):
        return _subject_of(session.get_one(Incident, obj.incident_id))
    if isinstance(obj, _OF_AN_ATTEMPT):
        return _subject_of(session.get_one(Attempt, obj.attempt_id))
    if isinstance(obj, _OF_A_SUBJECT):
        return session.get(Subject, obj.subject_id) if obj.subject_id else None
    return None


_OF_AN_ATTEMPT = (Answer, ClientEvent, Frame, Incident, Review, StudentReply)

_OF_A_SUBJECT = (
    Allowance,
    AlternativeRequest,
    Attempt,
    Consent,
    FaceEnrollment,
    Verification,
)


def _session_of(obj: Base) -> Session:
    session = object_session(obj)
    if session is None:
        message = f"authorize needs the session that loaded {obj!r}"
        raise RuntimeError(message)
    return session


def _is_visible(principal: Principal, table: type[Base]) -> ColumnElement[bool]:
    if isinstance(principal, Person) and principal.role is not Role.STUDENT:
        if table is AuditEntry and principal.role is not Role.ADMIN:
            return AuditEntry.actor == principal.user_id
        return true()
    if table is Subject:
        if isinstance(principal, System):
            return Subject.owner_client_id == principal.client_id
        return Subject.id == principal.subject_id
    if table in {VerificationRequest, Webhook} and isinstance(principal, System):
        return table.owner_client_id == principal.client_id
    if table is User and isinstance(principal, Person):
        return User.id == principal.user_id
    return _is_of_visible_subject(principal, table)


def _is_of_visible_subject(principal: Principal, table: type[Base]) -> ColumnElement[bool]:
    subjects = select(Subject.id).where(_is_visible(principal, Subject))
    if table in {Attempt, Consent, FaceEnrollment}:
        return table.subject_id.in_(subjects)
    if table is ReferenceImage:
        own = select(FaceEnrollment.id).where(FaceEnrollment.subject_id.in_(subjects))
        return ReferenceImage.enrollment_id.in_(own)
    if table in {Frame, ClientEvent, Incident}:
        attempts = select(Attempt.id).where(Attempt.subject_id.in_(subjects))
        return table.attempt_id.in_(attempts)
    if table is Verification:
        of_subject = Verification.subject_id.in_(subjects)
        if isinstance(principal, Person):
            return of_subject
        asked = select(VerificationRequest.id).where(_is_visible(principal, VerificationRequest))
        return or_(of_subject, Verification.id.in_(asked))
    return false()
