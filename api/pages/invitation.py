"""The page an invitation link leads to: setting a password, and what to do when it cannot be."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from api.context import Context, Ctx
from api.credentials import set_sign_in_cookie
from api.csrf import check_pre_sign_in, pre_sign_in_token, set_pre_sign_in_cookie
from api.invitations.links import invited_user, set_password_by_link
from api.invitations.refusals import (
    InvitationBlocked,
    InvitationExpired,
    InvitationReplaced,
    InvitationUnknown,
    InvitationUsed,
)
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.problems import CsrfFailed, InvalidRequest, Problem, TooManyRequests
from api.request_id import RequestId
from api.users.passwords import PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from models.user import User

router = APIRouter(include_in_schema=False)

_ENDED = (
    InvitationBlocked,
    InvitationExpired,
    InvitationReplaced,
    InvitationUnknown,
    InvitationUsed,
    TooManyRequests,
)
"""Why a link cannot be used; the page says what to do next."""


@router.get("/invitation/{token}")
def show_invitation(request: Request, token: str, context: Ctx) -> Response:
    """Show whom the link is for, and the form for their password. It uses nothing up."""
    try:
        user = invited_user(context, request, token)
    except _ENDED as problem:
        return _ended(request, context, problem)
    return _form(request, context, token, user)


@router.post("/invitation/{token}")
def set_password(
    request: Request,
    token: str,
    context: Ctx,
    request_id: RequestId,
    password: Annotated[str, Form()] = "",
    csrf_token: Annotated[str, Form()] = "",
) -> Response:
    """Set the password, sign the person in and lead them to their start page."""
    try:
        check_pre_sign_in(request, context, csrf_token)
        signed_in = set_password_by_link(context, request, token, password, request_id)
    except (CsrfFailed, InvalidRequest) as problem:
        return _form_again(request, context, token, problem)
    except _ENDED as problem:
        return _ended(request, context, problem)
    response = see_other("/")
    set_sign_in_cookie(response, context, signed_in.token)
    return response


def _form_again(request: Request, context: Context, token: str, problem: Problem) -> Response:
    try:
        user = invited_user(context, request, token)
    except _ENDED as ended:
        return _ended(request, context, ended)
    return _form(request, context, token, user, problem)


def _form(
    request: Request, context: Context, token: str, user: User, problem: Problem | None = None
) -> HTMLResponse:
    return _page(
        request,
        context,
        "invitation.html",
        problem,
        token=token,
        login=user.login,
        display_name=user.display_name,
        is_first=not user.password_hash,
        rules={
            "password_min": PASSWORD_MIN_CHARACTERS,
            "password_max": PASSWORD_MAX_CHARACTERS,
        },
    )


def _ended(request: Request, context: Context, problem: Problem) -> HTMLResponse:
    return _page(request, context, "invitation_ended.html", problem)


def _page(
    request: Request, context: Context, template: str, problem: Problem | None, **values: Any
) -> HTMLResponse:
    # Nobody's sign-in counts here: the link says whose password it is.
    form_token = pre_sign_in_token(context)
    page = render_page(
        request,
        template,
        person=None,
        csrf_token=form_token,
        problem=problem,
        **values,
    )
    page.headers.update(problem.headers or {} if problem else {})
    set_pre_sign_in_cookie(page, context, form_token)
    return page
