"""The walk of a sign-in and of a registration: several short transactions with the slow hash
between them, so that nobody's frame waits for somebody's password.
"""

import math

from fastapi import Request
from sqlalchemy import select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.problems import TooManyRequests, WrongCredentials
from api.throttle import Limit
from api.users.login import login_key
from api.users.passwords import hash_password, is_password_right, needs_rehash
from api.users.service import (
    SignedIn,
    add_student,
    count_try,
    new_user,
    sign_out,
    start_sign_in,
)
from models.user import User

SIGN_INS_PER_ADDRESS = Limit(times=300, seconds=60)
"""A whole school may sit behind one address and begin its exam in the same minute."""

REGISTRATIONS_PER_ADDRESS = Limit(times=120, seconds=60)
"""As above; people register at leisure."""


def sign_in_person(context: Context, request: Request, login: str, password: str) -> SignedIn:
    """Sign somebody in; the browser's earlier sign-in ends. The caller sets the cookie.

    Raises
    ------
    WrongCredentials
        The login is unknown, disabled, or the password is wrong: the same answer for all.
    TooManyRequests
        The login is locked for a while, or the address tries too often.
    """
    limit_by_address(context, request, "sign_in", SIGN_INS_PER_ADDRESS)
    known = _count_try(context, login_key(login))
    is_right = is_password_right(password, known.password_hash if known else None)
    if known is None or not is_right:
        raise WrongCredentials
    new_hash = hash_password(password) if needs_rehash(known.password_hash) else None
    earlier = request.cookies.get(SIGN_IN_COOKIE)
    with context.database.write() as session:
        if earlier:
            sign_out(session, earlier)
        return start_sign_in(session, context, known.id, new_hash=new_hash)


def register_person(
    context: Context, request: Request, *, login: str, display_name: str, password: str
) -> User:
    """Register a student from a public form.

    Raises
    ------
    InvalidRequest, LoginTaken, TooManyRequests
    """
    limit_by_address(context, request, "register", REGISTRATIONS_PER_ADDRESS)
    new = new_user(login, display_name, password)
    with context.database.write() as session:
        return add_student(session, context, new)


def _count_try(context: Context, key: str) -> User | None:
    """Return the user who may try now, or None for a login nobody can sign in with."""
    with context.database.write() as session:
        user = session.scalars(
            select(User).where(User.login_key == key[:190], User.is_disabled.is_(False))
        ).one_or_none()
        locked_seconds = count_try(session, context, user.id) if user else 0.0
    if user is None:
        # Logins that do not exist are locked just the same: else the lock told which do.
        settings = context.settings
        limit = Limit(settings.failed_sign_ins_allowed, settings.sign_in_lock_seconds)
        locked_seconds = context.throttle.count("unknown_login", key[:190], limit) or 0.0
    if locked_seconds:
        raise TooManyRequests(
            "Too many wrong passwords for this login.",
            retry_after_seconds=math.ceil(locked_seconds),
        )
    return user


def limit_by_address(context: Context, request: Request, what: str, limit: Limit) -> None:
    """Count one more try from the caller's address.

    Raises
    ------
    TooManyRequests
    """
    address = request.client.host if request.client else ""
    wait_seconds = context.throttle.count(what, address, limit)
    if wait_seconds is not None:
        raise TooManyRequests("Too many tries from here.", retry_after_seconds=wait_seconds)
