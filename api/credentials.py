"""What callers carry to prove who they are: sign-in tokens of people, API keys of systems."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.context import Context
from models.api_client import ApiClient, ApiKey
from models.user import SignIn, User

SIGN_IN_COOKIE = "face_monitor_sign_in"
"""Holds the random token of a sign-in and nothing else."""

TOKEN_BYTES = 32
"""256 random bits: nothing to guess, so that a plain hash of it may be stored."""

KEY_PREFIX = "fmk"
"""First letters of an API key, so that it is recognised where it does not belong."""


def new_token() -> str:
    """Return a fresh random token for a cookie, a header or a form."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_sha256(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_sign_in(session: Session, context: Context, token: str) -> tuple[SignIn, User] | None:
    """Return the sign-in of `token` and its user, unless it ended or the user is disabled."""
    row = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.token_sha256 == token_sha256(token), User.is_disabled.is_(False))
    ).one_or_none()
    if row is None:
        return None
    sign_in, user = row
    now = context.clock()
    idle = timedelta(seconds=context.settings.sign_in_idle_seconds)
    if now >= sign_in.expires_at or now >= sign_in.seen_at + idle:
        return None
    return sign_in, user


def set_sign_in_cookie(response: Response, context: Context, token: str) -> None:
    """Put the sign-in's token into the browser."""
    response.set_cookie(
        SIGN_IN_COOKIE,
        token,
        max_age=context.settings.sign_in_max_seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=context.settings.is_https,
    )


def clear_sign_in_cookie(response: Response, context: Context) -> None:
    """Take the sign-in's token out of the browser."""
    response.delete_cookie(
        SIGN_IN_COOKIE, path="/", httponly=True, samesite="lax", secure=context.settings.is_https
    )


def api_key_text(key: ApiKey, secret: str) -> str:
    """Return the key as its owner keeps it: `fmk_<key id>_<secret>`."""
    return f"{KEY_PREFIX}_{key.id.removeprefix('key_')}_{secret}"


def key_id_of(text: str) -> str:
    """Return the id of a key that is given whole, or by its id already."""
    whole = text.strip().removeprefix(f"{KEY_PREFIX}_")
    return text.strip() if whole == text.strip() else f"key_{whole.partition('_')[0]}"


# Made once: every request of another system asks it.
_KEY_AND_CLIENT = (
    select(ApiKey.secret_sha256, ApiKey.revoked_at, ApiClient)
    .join(ApiClient, ApiClient.id == ApiKey.client_id)
    .where(ApiKey.id == bindparam("key_id"))
)


def find_api_client(session: Session, api_key: str) -> ApiClient | None:
    """Return the system an API key belongs to, unless key or system were withdrawn."""
    prefix, _, rest = api_key.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != KEY_PREFIX or not key_id.isalnum() or not secret:
        return None
    row = session.execute(_KEY_AND_CLIENT, {"key_id": f"key_{key_id}"[:40]}).one_or_none()
    stored = row.secret_sha256 if row is not None else token_sha256("")
    is_right = hmac.compare_digest(stored, token_sha256(secret))
    if row is None or not is_right or row.revoked_at is not None:
        return None
    client: ApiClient = row.ApiClient
    return None if client.is_disabled else client
