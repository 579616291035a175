"""Registering, signing in and signing out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, Response

from api.context import Context, Ctx
from api.credentials import SIGN_IN_COOKIE, clear_sign_in_cookie, set_sign_in_cookie
from api.csrf import check_pre_sign_in, pre_sign_in_token, set_pre_sign_in_cookie
from api.pages.form_values import field_errors
from api.pages.local_path import local_path
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.principal import MaybePerson, current_person
from api.problems import (
    CsrfFailed,
    InvalidRequest,
    LoginTaken,
    MethodNotAllowed,
    Problem,
    TooManyRequests,
    WrongCredentials,
)
from api.users.login import LOGIN_MAX_CHARACTERS
from api.users.passwords import PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from api.users.service import sign_out
from api.users.sign_in import register_person, sign_in_person

router = APIRouter(include_in_schema=False)

_SHOWN_ON_THE_FORM = (CsrfFailed, InvalidRequest, LoginTaken, TooManyRequests, WrongCredentials)
"""What went wrong with what was typed; the form is shown again with all but the password."""

Field = Annotated[str, Form()]


@router.get("/login")
def show_sign_in(
    request: Request,
    context: Ctx,
    person: MaybePerson,
    wanted: Annotated[str, Query(alias="next")] = "/",
) -> Response:
    """Show the sign-in form; who is signed in goes on."""
    if person is not None:
        return see_other(local_path(wanted))
    return _form(request, context, "login.html", next=local_path(wanted))


@router.post("/login")
def sign_in(
    request: Request,
    context: Ctx,
    login: Field = "",
    password: Field = "",
    wanted: Annotated[str, Form(alias="next")] = "/",
    csrf_token: Field = "",
) -> Response:
    """Sign somebody in and lead on to where they wanted to go."""
    try:
        check_pre_sign_in(request, context, csrf_token)
        signed_in = sign_in_person(context, request, login, password)
    except _SHOWN_ON_THE_FORM as problem:
        next_path = local_path(wanted)
        return _form(request, context, "login.html", problem, login=login, next=next_path)
    response = see_other(local_path(wanted))
    set_sign_in_cookie(response, context, signed_in.token)
    return response


@router.get("/register")
def show_registration(request: Request, context: Ctx, person: MaybePerson) -> Response:
    """Show the registration form with its rules."""
    if person is not None:
        return see_other("/")
    return _form(request, context, "register.html")


@router.post("/register")
def register(
    request: Request,
    context: Ctx,
    login: Field = "",
    display_name: Field = "",
    password: Field = "",
    csrf_token: Field = "",
) -> Response:
    """Register a student and sign them in. No other field of the form is looked at."""
    typed = {"login": login, "display_name": display_name}
    try:
        check_pre_sign_in(request, context, csrf_token)
        register_person(context, request, **typed, password=password)
        signed_in = sign_in_person(context, request, login, password)
    except _SHOWN_ON_THE_FORM as problem:
        return _form(request, context, "register.html", problem, **typed)
    response = see_other("/")
    set_sign_in_cookie(response, context, signed_in.token)
    return response


@router.post("/logout", dependencies=[Depends(current_person)])
def log_out(request: Request, context: Ctx) -> Response:
    """End this browser's sign-in."""
    with context.database.write() as session:
        sign_out(session, request.cookies.get(SIGN_IN_COOKIE, ""))
    response = see_other("/login")
    clear_sign_in_cookie(response, context)
    return response


@router.get("/logout")
def refuse_logout_by_link() -> Response:
    """Change nothing: a link on a foreign page could sign people out in the middle of an exam."""
    raise MethodNotAllowed(
        "Signing out takes a press of the button, so that no link can do it for you.",
        next_step="Go to the start page and press Sign out.",
        headers={"Allow": "POST"},
    )


def _form(
    request: Request,
    context: Context,
    template: str,
    problem: Problem | None = None,
    **values: Any,
) -> HTMLResponse:
    token = pre_sign_in_token(context)
    errors = field_errors(problem)
    if isinstance(problem, LoginTaken):
        errors["login"] = "is taken; choose another one, or sign in if it is yours"
    page = render_page(
        request,
        template,
        person=None,
        csrf_token=token,
        problem=problem,
        errors=errors,
        rules={
            "login_max": LOGIN_MAX_CHARACTERS,
            "password_min": PASSWORD_MIN_CHARACTERS,
            "password_max": PASSWORD_MAX_CHARACTERS,
        },
        **{"login": "", "display_name": "", "next": "/"} | values,
    )
    page.headers.update(problem.headers or {} if problem else {})
    set_pre_sign_in_cookie(page, context, token)
    return page
