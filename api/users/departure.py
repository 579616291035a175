"""What of a user goes when they leave for good, and what stays in the record."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from api.users.service import sign_out_everywhere
from models.audit import AuditEntry
from models.exam import Exam
from models.incident import IncidentReview
from models.invitation import Invitation
from models.review import Review
from models.statuses import Role
from models.user import User, name_of_erased

_OWN_AFFAIR: Final = "invitation.used"
"""The one audit entry that is written under a person who only set their own password."""


def stands_in_the_record(session: Session, user: User) -> bool:
    """Tell whether something was decided, changed or looked at under a staff member's name.

    Of a student only what they did as staff before counts: their own pictures they may look at
    as often as they like, and are forgotten all the same.
    """
    traces: list[ColumnElement[bool]] = [
        exists().where(Review.reviewer_id == user.id),
        exists().where(IncidentReview.reviewer_id == user.id),
        exists().where(Exam.created_by == user.id),
    ]
    if user.role != Role.STUDENT:
        by_user = AuditEntry.actor == user.id
        traces.append(exists().where(by_user, AuditEntry.action != _OWN_AFFAIR))
    return session.scalar(select(or_(*traces))) or False


def forget_user(session: Session, user: User, now: datetime) -> bool:
    """End a locked user's sign-in for ever; tell whether the name stays.

    Login, password, links and sign-ins go. The row stays, because exams, reviews and audit
    entries name its id. The name stays only where somebody decided or changed something under
    it: who rejects an attempt does so as a named person, and cannot vanish from the record.
    """
    keeps_name = stands_in_the_record(session, user)
    sign_out_everywhere(session, user.id)
    session.execute(delete(Invitation).where(Invitation.user_id == user.id))
    user.is_disabled = True
    user.password_hash = ""
    user.failed_sign_ins, user.locked_until = 0, None
    user.login = user.login_key = name_of_erased(user.id)
    if not keeps_name:
        user.display_name = user.login
    user.deleted_at = now
    session.flush()
    return keeps_name
