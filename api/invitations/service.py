"""Rules of invitation links. Nothing here commits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.credentials import new_token, token_sha256
from api.invitations.refusals import (
    InvitationBlocked,
    InvitationExpired,
    InvitationReplaced,
    InvitationUnknown,
    InvitationUsed,
)
from api.principal import Person
from api.problems import InvalidRequest
from api.users.service import sign_out_everywhere
from models.audit import append_audit_entry
from models.base import new_id
from models.invitation import Invitation
from models.user import User

TOKEN_MAX_CHARACTERS = 100
"""A token has 43; longer text is none."""


@dataclass(frozen=True)
class MadeInvitation:
    """A fresh link's token, which is kept nowhere, and until when it works."""

    token: str
    expires_at: datetime


def invite(
    session: Session, context: Context, person: Person, user: User, request_id: str
) -> MadeInvitation:
    """Make the link with which a user sets a new password; earlier links end.

    The password that is set keeps working until the link is used.

    Raises
    ------
    InvalidRequest
        The user may not sign in.
    """
    if user.is_disabled:
        raise InvalidRequest(
            "This person's access is switched off.", next_step="Switch it on first."
        )
    made = add_invitations(session, context, person, [user.id])[user.id]
    audit.record(session, context, person, "invitation.made", user.id, request_id)
    return made


def add_invitations(
    session: Session, context: Context, person: Person, user_ids: Collection[str]
) -> dict[str, MadeInvitation]:
    """Return a link for each user, by user id; their earlier ones end. The caller records it."""
    now = context.clock()
    expires_at = now + timedelta(days=context.settings.invitation_days)
    session.execute(
        update(Invitation)
        .where(
            Invitation.user_id.in_(user_ids),
            Invitation.used_at.is_(None),
            Invitation.replaced_at.is_(None),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session=False)
    )
    made = {user_id: MadeInvitation(new_token(), expires_at) for user_id in user_ids}
    rows = [
        {
            "id": new_id("inv"),
            "user_id": user_id,
            "token_sha256": token_sha256(one.token),
            "created_by": person.user_id,
            "created_at": now,
            "expires_at": expires_at,
        }
        for user_id, one in made.items()
    ]
    if rows:
        session.execute(insert(Invitation), rows)
    return made


def find_invitation(session: Session, context: Context, token: str) -> tuple[Invitation, User]:
    """Return the invitation of `token` that can be used now, and the user it is for.

    Raises
    ------
    InvitationUnknown, InvitationUsed, InvitationReplaced, InvitationExpired, InvitationBlocked
    """
    found = session.execute(
        select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(Invitation.token_sha256 == token_sha256(token[:TOKEN_MAX_CHARACTERS]))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise InvitationUnknown
    invitation, user = found
    if invitation.used_at is not None:
        raise InvitationUsed
    if invitation.replaced_at is not None:
        raise InvitationReplaced
    if context.clock() >= invitation.expires_at:
        raise InvitationExpired
    if user.is_disabled:
        raise InvitationBlocked
    return invitation, user


def use_invitation(
    session: Session, context: Context, token: str, password_hash: str, request_id: str
) -> User:
    """Set the password of the user that `token` was made for; it works once.

    Every sign-in of the user ends: somebody else may have had the old password.

    Raises
    ------
    InvitationUnknown, InvitationUsed, InvitationReplaced, InvitationExpired, InvitationBlocked
    """
    _invitation, user = find_invitation(session, context, token)
    # Two who send the same link at once take turns here, and the second finds it used.
    session.get_one(User, user.id, with_for_update=True, populate_existing=True)
    invitation, user = find_invitation(session, context, token)
    now = context.clock()
    invitation.used_at = now
    user.password_hash = password_hash
    user.failed_sign_ins, user.locked_until = 0, None
    sign_out_everywhere(session, user.id)
    session.flush()
    append_audit_entry(
        session,
        at=now,
        actor=user.id,
        action="invitation.used",
        object_id=user.id,
        request_id=request_id,
    )
    return user


def newest_invitation(session: Session, user_id: str) -> Invitation | None:
    """Return the user's newest invitation, used or not."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.user_id == user_id)
        .order_by(Invitation.id.desc())
        .limit(1)
    ).one_or_none()
