"""Rules of users and their sign-ins. Nothing here commits."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.authorization import Action, authorize, visible_to
from api.context import Context
from api.credentials import new_token, token_sha256
from api.field_types import plain_text
from api.paging import Page, newest_first
from api.principal import Principal
from api.problems import InvalidRequest, LoginTaken
from api.users.login import checked_login, login_key
from api.users.passwords import checked_password, hash_password
from api.users.search import has_name_or_login, searched_text
from models.base import new_id
from models.statuses import Role
from models.subject import Subject, SubjectKey
from models.user import SignIn, User


@dataclass(frozen=True)
class NewUser:
    """What a registration comes to, checked and hashed before any transaction."""

    login: str
    display_name: str
    password_hash: str


@dataclass(frozen=True)
class SignedIn:
    """A fresh sign-in; the token goes into the cookie and is kept nowhere."""

    user: User
    token: str
    sign_in: SignIn


def new_user(login: str, display_name: str, password: str) -> NewUser:
    """Check and hash what somebody typed; an empty display name becomes the login.

    Raises
    ------
    InvalidRequest
        The login or the password is not taken.
    """
    login = checked_login(login)
    password = checked_password(password, login=login)
    return NewUser(login, checked_name(display_name) or login, hash_password(password))


def new_invited_user(login: str, display_name: str) -> NewUser:
    """Check what an admin typed; the password is set by the person, through an invitation.

    Raises
    ------
    InvalidRequest
        The login or the name is not taken.
    """
    login = checked_login(login)
    return NewUser(login, checked_name(display_name) or login, "")


def checked_name(display_name: str) -> str:
    """Return a person's name as it is stored and shown: in one line, at most 200 characters.

    Raises
    ------
    InvalidRequest
        It holds control characters.
    """
    try:
        return " ".join(plain_text(display_name).split())[:200]
    except ValueError as error:
        raise InvalidRequest.at("display_name", str(error)) from None


def add_student(session: Session, context: Context, new: NewUser) -> User:
    """Add a student with a subject and its key.

    Raises
    ------
    LoginTaken
        Somebody has this login, in whatever spelling.
    """
    user = add_user(session, context, new, Role.STUDENT)
    give_subject(session, context, user)
    return user


def give_subject(session: Session, context: Context, user: User) -> None:
    """Give a user a subject with its key, so that they can sit exams."""
    now = context.clock()
    subject = Subject(
        id=new_id("sub"),
        owner_client_id=None,
        external_ref=user.id,
        display_name=user.display_name,
        created_at=now,
    )
    session.add(subject)
    session.flush()
    session.add(
        SubjectKey(
            subject_id=subject.id,
            sealed_key=context.key_ring.new_sealed_key(subject.id),
            created_at=now,
        )
    )
    user.subject_id = subject.id
    session.flush()


def create_admin(session: Session, context: Context, login: str, password: str) -> User:
    """Add an admin; only the operator's command line can."""
    return add_user(session, context, new_user(login, login, password), Role.ADMIN)


def has_admin(session: Session) -> bool:
    """Tell whether there is any admin."""
    return session.scalar(select(exists().where(User.role == Role.ADMIN))) or False


def count_try(session: Session, context: Context, user_id: str) -> float:
    """Count one more try before its password is looked at; return the seconds it is locked for.

    Counting first bounds the guesses that are sent all at once. 0 means: go on.
    """
    settings, now = context.settings, context.clock()
    user = session.get_one(User, user_id, with_for_update=True)
    if user.locked_until is not None:
        if now < user.locked_until:
            return (user.locked_until - now).total_seconds()
        user.locked_until, user.failed_sign_ins = None, 0
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= settings.failed_sign_ins_allowed:
        user.locked_until = now + timedelta(seconds=settings.sign_in_lock_seconds)
    return 0


def start_sign_in(
    session: Session, context: Context, user_id: str, *, new_hash: str | None = None
) -> SignedIn:
    """Record a sign-in whose password was right, and forget the wrong ones before it."""
    now = context.clock()
    user = session.get_one(User, user_id)
    user.failed_sign_ins, user.locked_until = 0, None
    if new_hash is not None:
        user.password_hash = new_hash
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at <= now))
    token = new_token()
    sign_in = SignIn(
        id=new_id("sgn"),
        user_id=user_id,
        token_sha256=token_sha256(token),
        csrf_token=new_token(),
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(seconds=context.settings.sign_in_max_seconds),
    )
    session.add(sign_in)
    session.flush()
    return SignedIn(user, token, sign_in)


def sign_out(session: Session, token: str) -> None:
    """End the sign-in of `token`, if there is one."""
    session.execute(delete(SignIn).where(SignIn.token_sha256 == token_sha256(token)))


def sign_out_everywhere(session: Session, user_id: str) -> None:
    """End every sign-in of a user."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id))


def list_users(
    session: Session,
    principal: Principal,
    page: Page,
    *,
    text: str = "",
    role: Role | None = None,
    only_disabled: bool = False,
) -> tuple[list[User], str | None]:
    """Return users that were not deleted, newest first, and the cursor of the next page."""
    authorize(principal, Action.LIST, User)
    statement = visible_to(principal, select(User).where(User.deleted_at.is_(None)), User)
    if wanted := searched_text(text):
        statement = statement.where(has_name_or_login(wanted, User.display_name))
    if role is not None:
        statement = statement.where(User.role == role)
    if only_disabled:
        statement = statement.where(User.is_disabled.is_(True))
    return newest_first(session, statement, User.id, page)


def set_disabled(session: Session, user: User, *, is_disabled: bool) -> None:
    """Shut a user out at once, or let them in again."""
    session.execute(update(User).where(User.id == user.id).values(is_disabled=is_disabled))
    if is_disabled:
        sign_out_everywhere(session, user.id)


def add_user(session: Session, context: Context, new: NewUser, role: Role) -> User:
    """Add a user without a subject.

    Raises
    ------
    LoginTaken
        Somebody has this login, in whatever spelling.
    """
    user = User(
        id=new_id("usr"),
        login=new.login,
        login_key=login_key(new.login),
        display_name=new.display_name,
        password_hash=new.password_hash,
        role=role,
        created_at=context.clock(),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise LoginTaken from None
    return user
