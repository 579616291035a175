"""The page that shows a fresh invitation link, once."""

from fastapi import Request
from starlette.responses import Response

from api.context import Context
from api.invitations.links import invitation_link
from api.invitations.service import MadeInvitation
from api.pages.page import render_page
from api.principal import Person
from models.user import User


def link_page(
    request: Request,
    context: Context,
    admin: Person,
    user: User,
    made: MadeInvitation,
    *,
    back: str,
) -> Response:
    """Return the page with the link for one person; `back` leads to where they stand."""
    return render_page(
        request,
        "admin/invitation_link.html",
        person=admin,
        user=user,
        link=invitation_link(context, request, made.token),
        expires_at=made.expires_at,
        back=back,
    )
