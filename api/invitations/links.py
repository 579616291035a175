"""Addresses of invitation links, and the walk of somebody who follows one."""

from fastapi import Request

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.invitations.service import find_invitation, use_invitation
from api.throttle import Limit
from api.users.passwords import checked_password, hash_password
from api.users.service import SignedIn, sign_out, start_sign_in
from api.users.sign_in import limit_by_address
from models.user import User

INVITATIONS_PER_ADDRESS = Limit(times=300, seconds=60)
"""A whole school may open its links in the same minute; a guesser has 2^256 to go through."""


def invitation_link(context: Context, request: Request, token: str) -> str:
    """Return the whole address people are sent."""
    base = context.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/invitation/{token}"


def invited_user(context: Context, request: Request, token: str) -> User:
    """Return whom a link was made for; looking at it uses nothing up.

    Programs that look at mail open links as well, so that only the form's answer counts.

    Raises
    ------
    TooManyRequests, InvitationUnknown, InvitationUsed, InvitationReplaced, InvitationExpired,
    InvitationBlocked
    """
    limit_by_address(context, request, "invitation", INVITATIONS_PER_ADDRESS)
    with context.database.read() as session:
        return find_invitation(session, context, token)[1]


def set_password_by_link(
    context: Context, request: Request, token: str, password: str, request_id: str
) -> SignedIn:
    """Set the password and sign the person in; the browser's earlier sign-in ends.

    Raises
    ------
    InvalidRequest
        The password is not taken; the link can still be used.
    TooManyRequests, InvitationUnknown, InvitationUsed, InvitationReplaced, InvitationExpired,
    InvitationBlocked
    """
    user = invited_user(context, request, token)
    password_hash = hash_password(checked_password(password, login=user.login))
    earlier = request.cookies.get(SIGN_IN_COOKIE)
    with context.database.write() as session:
        if earlier:
            sign_out(session, earlier)
        use_invitation(session, context, token, password_hash, request_id)
        return start_sign_in(session, context, user.id)
