"""Who may sign in, and as what: the list, and a page for each person."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from api.authorization import Action
from api.context import Context, Ctx
from api.invitations.service import invite, newest_invitation
from api.pages.form_values import check_confirmation
from api.pages.invited import link_page
from api.pages.page import render_page
from api.pages.posted_form import see_other
from api.paging import Page, WantedPage
from api.principal import AdminPerson, Person
from api.problems import InvalidRequest, LoginTaken, NotAllowed, Problem
from api.request_id import RequestId
from api.subjects.erasure import delete_files
from api.users.administration import (
    add_invited_user,
    change_role,
    delete_user,
    load_user,
    switch_access,
)
from api.users.departure import stands_in_the_record
from api.users.search import SEARCH_MAX_CHARACTERS
from api.users.service import list_users, new_invited_user
from models.statuses import Role

router = APIRouter(prefix="/admin/users", include_in_schema=False)

_FIRST = Page(cursor=None, limit=50)

_SHOWN_ON_THE_PAGE = (InvalidRequest, NotAllowed)
"""What went wrong; it is told on the person's page."""

FILTERS = {
    "": "Everybody",
    Role.ADMIN: "Admins",
    Role.REVIEWER: "Reviewers",
    Role.STUDENT: "Students",
}
"""What part of the list is called."""

STAFF_ROLES = (Role.REVIEWER, Role.ADMIN)
"""Students are invited on their own page, or register."""


@router.get("")
def show_users(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    wanted: WantedPage,
    search: Annotated[str, Query(max_length=SEARCH_MAX_CHARACTERS)] = "",
    role: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show who may sign in, newest first."""
    chosen = _role(role) if role else None
    return _list_page(request, context, admin, wanted, search=search, role=chosen)


@router.post("")
def invite_staff(
    request: Request,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    login: Annotated[str, Form()] = "",
    display_name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = Role.REVIEWER.value,
) -> Response:
    """Add a reviewer or admin, and show the link with which they set their password."""
    try:
        new = new_invited_user(login, display_name)
        with context.database.write() as session:
            user, made = add_invited_user(session, context, admin, new, _role(role), request_id)
    except (InvalidRequest, LoginTaken) as problem:
        typed = {"login": login, "display_name": display_name, "role": role}
        return _list_page(request, context, admin, _FIRST, problem=problem, typed=typed)
    return link_page(request, context, admin, user, made, back=f"/admin/users/{user.id}")


@router.get("/{user_id}")
def show_user(request: Request, user_id: str, context: Ctx, admin: AdminPerson) -> Response:
    """Show a person's role and access, and what can be done about them."""
    return _user_page(request, context, admin, user_id)


@router.post("/{user_id}/invite")
def invite_user(
    request: Request, user_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> Response:
    """Make a link with which the person sets a new password, and show it."""
    try:
        with context.database.write() as session:
            user = load_user(session, admin, Action.MANAGE, user_id)
            made = invite(session, context, admin, user, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return _user_page(request, context, admin, user_id, problem)
    back = f"/admin/students/{user.subject_id}" if user.role == Role.STUDENT else _address(user_id)
    return link_page(request, context, admin, user, made, back=back)


@router.post("/{user_id}/role")
def give_role(
    request: Request,
    user_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    role: Annotated[str, Form()] = "",
) -> Response:
    """Give the person another role; their sign-ins end."""
    try:
        wanted = _role(role)
        with context.database.write() as session:
            change_role(session, context, admin, user_id, wanted, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return _user_page(request, context, admin, user_id, problem)
    return see_other(_address(user_id))


@router.post("/{user_id}/access")
def switch(
    request: Request,
    user_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    access: Annotated[str, Form()] = "",
) -> Response:
    """Switch the person's access off or on."""
    try:
        if access not in {"off", "on"}:
            raise InvalidRequest.at("access", "must be on or off")
        with context.database.write() as session:
            switch_access(session, context, admin, user_id, request_id, is_disabled=access == "off")
    except _SHOWN_ON_THE_PAGE as problem:
        return _user_page(request, context, admin, user_id, problem)
    return see_other(_address(user_id))


@router.post("/{user_id}/delete")
def delete(
    request: Request,
    user_id: str,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    confirmation: Annotated[str, Form()] = "",
) -> Response:
    """Delete the person once the login was typed, and say what became of them."""
    try:
        with context.database.write() as session:
            user = load_user(session, admin, Action.MANAGE, user_id)
            name, role = user.display_name, user.role
            check_confirmation(confirmation, user.login)
            departure = delete_user(session, context, admin, user_id, request_id)
    except _SHOWN_ON_THE_PAGE as problem:
        return _user_page(request, context, admin, user_id, problem, confirmation=confirmation)
    delete_files(context, departure.erasure)
    if departure.erasure is not None and role == Role.STUDENT:
        return see_other(f"/admin/students/{departure.erasure.receipt.subject_id}/receipt")
    return render_page(request, "admin/departed.html", person=admin, name=name, departure=departure)


def _list_page(
    request: Request,
    context: Context,
    admin: Person,
    wanted: Page,
    *,
    search: str = "",
    role: Role | None = None,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    with context.database.read() as session:
        users, next_cursor = list_users(session, admin, wanted, text=search, role=role)
    return render_page(
        request,
        "admin/users.html",
        person=admin,
        problem=problem,
        typed=typed or {"login": "", "display_name": "", "role": Role.REVIEWER.value},
        users=users,
        next_cursor=next_cursor,
        kept={"search": search, "role": role.value if role else ""},
        filters=FILTERS,
        staff_roles=STAFF_ROLES,
    )


def _user_page(
    request: Request,
    context: Context,
    admin: Person,
    user_id: str,
    problem: Problem | None = None,
    **typed: Any,
) -> Response:
    with context.database.read() as session:
        user = load_user(session, admin, Action.READ, user_id)
        return render_page(
            request,
            "admin/user.html",
            person=admin,
            problem=problem,
            typed={"confirmation": ""} | typed,
            user=user,
            invitation=newest_invitation(session, user.id),
            keeps_name=stands_in_the_record(session, user),
            now=context.clock(),
        )


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise InvalidRequest.at("role", f"must be one of: {', '.join(Role)}") from None


def _address(user_id: str) -> str:
    return f"/admin/users/{user_id}"
