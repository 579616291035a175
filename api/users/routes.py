"""Routes of users: who may sign in, and as what."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api import problems
from api.authorization import Action
from api.context import Context, Ctx
from api.invitations.links import invitation_link
from api.invitations.service import MadeInvitation, invite
from api.paging import WantedPage
from api.principal import AdminPerson
from api.request_id import RequestId
from api.subjects.erasure import delete_files
from api.users.administration import (
    add_invited_user,
    change_role,
    delete_user,
    load_user,
    switch_access,
)
from api.users.schemas import (
    DepartureAnswer,
    InvitationAnswer,
    InvitedUserAnswer,
    NewInvitedUser,
    UserAnswer,
    UserChange,
    UserPage,
)
from api.users.search import SEARCH_MAX_CHARACTERS
from api.users.service import list_users, new_invited_user
from models.statuses import Role
from models.user import User

router = APIRouter(
    prefix="/api/v1/users",
    tags=["users"],
    responses=problems.responses(problems.NotAllowed, problems.CsrfFailed, problems.NotFound),
)


@router.get("")
def get_users(
    context: Ctx,
    person: AdminPerson,
    page: WantedPage,
    search: Annotated[str, Query(max_length=SEARCH_MAX_CHARACTERS)] = "",
    role: Role | None = None,
) -> UserPage:
    """List users, newest first; `search` looks into names and logins."""
    with context.database.read() as session:
        users, next_cursor = list_users(session, person, page, text=search, role=role)
    return UserPage(items=[user_answer(user) for user in users], next_cursor=next_cursor)


@router.get("/{user_id}")
def get_user(user_id: str, context: Ctx, person: AdminPerson) -> UserAnswer:
    """Show a user."""
    with context.database.read() as session:
        return user_answer(load_user(session, person, Action.READ, user_id))


@router.post("", status_code=201, responses=problems.responses(problems.LoginTaken))
def post_user(
    request: Request,
    wanted: NewInvitedUser,
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
) -> InvitedUserAnswer:
    """Add somebody who sets their password by a link. The link is shown this once."""
    new = new_invited_user(wanted.login, wanted.display_name)
    with context.database.write() as session:
        user, made = add_invited_user(session, context, admin, new, wanted.role, request_id)
    return InvitedUserAnswer(
        user=user_answer(user), invitation=_invitation_answer(context, request, made)
    )


@router.post("/{user_id}/invitations", status_code=201)
def post_invitation(
    request: Request, user_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> InvitationAnswer:
    """Make a link with which somebody sets a new password; their earlier links end."""
    with context.database.write() as session:
        user = load_user(session, admin, Action.MANAGE, user_id)
        made = invite(session, context, admin, user, request_id)
    return _invitation_answer(context, request, made)


@router.patch("/{user_id}")
def patch_user(
    user_id: str, wanted: UserChange, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> UserAnswer:
    """Give somebody another role, or switch their access off or on. Their sign-ins end."""
    with context.database.write() as session:
        if wanted.role is not None:
            user = change_role(session, context, admin, user_id, wanted.role, request_id)
        else:
            off = bool(wanted.is_disabled)
            user = switch_access(session, context, admin, user_id, request_id, is_disabled=off)
        return user_answer(user)


@router.delete("/{user_id}")
def delete_one_user(
    user_id: str, context: Ctx, admin: AdminPerson, request_id: RequestId
) -> DepartureAnswer:
    """Delete a user. Faces are erased; of staff everything goes but what they decided."""
    with context.database.write() as session:
        departure = delete_user(session, context, admin, user_id, request_id)
    delete_files(context, departure.erasure)
    return DepartureAnswer(
        user_id=departure.user_id,
        keeps_name=departure.keeps_name,
        erasure=departure.erasure.receipt if departure.erasure else None,
    )


def user_answer(user: User) -> UserAnswer:
    """Return a user as staff see them."""
    return UserAnswer(
        id=user.id,
        login=user.login,
        display_name=user.display_name,
        role=Role(user.role),
        is_disabled=user.is_disabled,
        has_password=bool(user.password_hash),
        subject_id=user.subject_id,
        created_at=user.created_at,
    )


def _invitation_answer(
    context: Context, request: Request, made: MadeInvitation
) -> InvitationAnswer:
    link = invitation_link(context, request, made.token)
    return InvitationAnswer(link=link, expires_at=made.expires_at)
