"""Proof that a request of a browser comes from one of our own pages."""

import hashlib
import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from api.context import Context
from api.credentials import new_token
from api.problems import CsrfFailed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing, so that a foreign page gains nothing by them."""

CSRF_HEADER = "X-CSRF-Token"
"""How scripts send the token; it stands in `<meta name="csrf-token">` of every page."""

CSRF_FIELD = "csrf_token"
"""How forms send the token."""

PRE_SIGN_IN_COOKIE = "face_monitor_form"
"""Ties the sign-in and registration forms to the browser that loaded them."""

PRE_SIGN_IN_SECONDS = 3600
"""How long a sign-in form may stay open."""

FILE_FORMS = "/admin/"
"""Where pages have forms with files."""

FORM_FIELDS_MAX = 100
"""Fields of a form at most."""


async def sent_csrf_token(request: Request) -> str | None:
    """Return the token an unsafe request carries, in the header or in a form.

    Multipart bodies of the API are not looked into: they are read by their routes under limits of
    their own, and always come from scripts, which can set the header. The admins' pages have
    forms with files that are sent without a script, within the limit of any form.
    """
    if request.method in SAFE_METHODS:
        return None
    header = request.headers.get(CSRF_HEADER)
    content_type = request.headers.get("content-type", "")
    is_form = content_type.startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
        if request.scope["path"].startswith(FILE_FORMS)
        else "application/x-www-form-urlencoded"
    )
    if header is not None or not is_form:
        return header
    field = (await request.form(max_fields=FORM_FIELDS_MAX)).get(CSRF_FIELD)
    return field if isinstance(field, str) else None


SentCsrfToken = Annotated[str | None, Depends(sent_csrf_token)]
"""The token the request carries, as a parameter of a dependency."""


def check_csrf(request: Request, sent: str | None, expected: str) -> None:
    """Raise `CsrfFailed` for an unsafe request that did not come from our own page."""
    if request.method in SAFE_METHODS:
        return
    check_same_origin(request)
    if sent is None or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise CsrfFailed("The CSRF token is missing or wrong.")


def check_same_origin(request: Request) -> None:
    """Raise `CsrfFailed` when the browser itself says that a foreign page sent the request."""
    site = request.headers.get("sec-fetch-site")
    if site in {"cross-site", "same-site"}:
        raise CsrfFailed("The browser says that another site sent the request.")
    origin = request.headers.get("origin")
    if site is None and origin is not None and _site_of(origin) != request.url.netloc:
        raise CsrfFailed("The Origin header names another site.")


def _site_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def pre_sign_in_token(context: Context) -> str:
    """Return a signed token for a form that is sent before anybody has signed in."""
    issued = f"{int(context.clock().timestamp())}.{new_token()}"
    return f"{issued}.{_signature(context, issued)}"


def set_pre_sign_in_cookie(response: Response, context: Context, token: str) -> None:
    """Put the form's token into the browser as well; a foreign page can read neither."""
    response.set_cookie(
        PRE_SIGN_IN_COOKIE,
        token,
        max_age=PRE_SIGN_IN_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=context.settings.is_https,
    )


def check_pre_sign_in(request: Request, context: Context, form_token: str | None) -> None:
    """Raise `CsrfFailed` unless the form was loaded lately by the browser that sends it."""
    check_same_origin(request)
    cookie = request.cookies.get(PRE_SIGN_IN_COOKIE, "")
    if not form_token or not hmac.compare_digest(form_token.encode(), cookie.encode()):
        raise CsrfFailed("The form and the browser do not belong together.")
    issued, _, signature = form_token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(context, issued).encode()):
        raise CsrfFailed("The form was not made by this service.")
    age_seconds = context.clock().timestamp() - int(issued.partition(".")[0])
    if not 0 <= age_seconds + 60 <= PRE_SIGN_IN_SECONDS + 60:
        raise CsrfFailed("The form was open for too long.")


def _signature(context: Context, issued: str) -> str:
    return hmac.digest(context.secret_key, f"pre-sign-in:{issued}".encode(), hashlib.sha256).hex()
