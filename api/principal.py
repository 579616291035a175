"""Who is asking: a person who signed in, or another system with its key."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import update

from api.context import Context, Ctx
from api.credentials import SIGN_IN_COOKIE, find_api_client, find_sign_in
from api.csrf import SAFE_METHODS, SentCsrfToken, check_csrf
from api.problems import NotAllowed, NotSignedIn
from models.statuses import Role
from models.user import SignIn, User

SEEN_EVERY_SECONDS = 60
"""How exactly it is recorded that a sign-in is in use: a write a minute, not one a request."""


@dataclass(frozen=True)
class Person:
    """A user who signed in."""

    user_id: str
    role: Role
    subject_id: str | None
    display_name: str
    sign_in_id: str
    csrf_token: str

    @property
    def actor(self) -> str:
        """The id that audit entries and transitions name."""
        return self.user_id


@dataclass(frozen=True)
class System:
    """Another system, by its API key."""

    client_id: str
    name: str

    @property
    def actor(self) -> str:
        """The id that audit entries and transitions name."""
        return self.client_id


Principal = Person | System


def _person(sign_in: SignIn, user: User) -> Person:
    return Person(
        user_id=user.id,
        role=Role(user.role),
        subject_id=user.subject_id,
        display_name=user.display_name,
        sign_in_id=sign_in.id,
        csrf_token=sign_in.csrf_token,
    )


def maybe_person(request: Request, context: Ctx) -> Person | None:
    """Return who is signed in, if anybody is.

    It guards nothing and checks no CSRF token: only pages that everybody may load use it.
    """
    token = request.cookies.get(SIGN_IN_COOKIE)
    if not token:
        return None
    with context.database.read() as session:
        found = find_sign_in(session, context, token)
    if found is None:
        return None
    _note_use(context, found[0])
    return _person(*found)


MaybePerson = Annotated[Person | None, Depends(maybe_person)]
"""Who is signed in, if anybody is. For public pages only."""


def current_principal(request: Request, context: Ctx, csrf_token: SentCsrfToken) -> Principal:
    """Return the system or person behind the request.

    Raises
    ------
    NotSignedIn
        There is none, or its key or sign-in has ended.
    CsrfFailed
        A browser's unsafe request without the sign-in's token.
    """
    scheme, _, api_key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _system_of(context, api_key.strip())
    # Called here rather than depended on: a dependency of its own costs a thread's turn.
    signed_in = maybe_person(request, context)
    if signed_in is None:
        raise NotSignedIn
    check_csrf(request, csrf_token, signed_in.csrf_token)
    return signed_in


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
"""The person or system behind the request; others get 401."""


def still_stands(request: Request, context: Context, principal: Principal) -> bool:
    """Tell whether the key or sign-in of an open answer still stands for the same principal.

    It counts as use: who watches is not signed out for doing nothing else.
    """
    try:
        now = current_principal(request, context, None)
    except NotSignedIn:
        return False
    is_same_role = not isinstance(principal, Person) or (
        isinstance(now, Person) and now.role is principal.role
    )
    return now.actor == principal.actor and is_same_role


def current_person(principal: CurrentPrincipal) -> Person:
    """Return the person behind the request; systems are refused."""
    if not isinstance(principal, Person):
        raise NotAllowed("This is for people who signed in, not for API keys.")
    return principal


CurrentPerson = Annotated[Person, Depends(current_person)]
"""The person behind the request; a system gets 403."""


def current_system(principal: CurrentPrincipal) -> System:
    """Return the system behind the request; people are refused."""
    if not isinstance(principal, System):
        raise NotAllowed("This is for other systems with an API key.")
    return principal


CurrentSystem = Annotated[System, Depends(current_system)]
"""The system behind the request; a person gets 403."""


def admin_person(request: Request, person: CurrentPerson) -> Person:
    """Return the admin behind the request; reviewers may look, and change nothing."""
    may_look = person.role is Role.REVIEWER and request.method in SAFE_METHODS
    if person.role is not Role.ADMIN and not may_look:
        raise NotAllowed("This is for admins.")
    return person


AdminPerson = Annotated[Person, Depends(admin_person)]
"""An admin, or for looking a reviewer; others get 403."""


def _system_of(context: Context, api_key: str) -> System:
    with context.database.read() as session:
        client = find_api_client(session, api_key)
    if client is None:
        raise NotSignedIn("The API key is unknown or was withdrawn.")
    return System(client_id=client.id, name=client.name)


def _note_use(context: Context, sign_in: SignIn) -> None:
    now = context.clock()
    if now < sign_in.seen_at + timedelta(seconds=SEEN_EVERY_SECONDS):
        return
    with context.database.write() as session:
        session.execute(update(SignIn).where(SignIn.id == sign_in.id).values(seen_at=now))
