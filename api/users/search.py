"""Finding people by what somebody typed of their name or login."""

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from api.users.login import login_key
from models.user import User

SEARCH_MAX_CHARACTERS = 200
"""As long as names are."""


def searched_text(text: str) -> str:
    """Return what is looked for: without outer blanks and characters that no name holds."""
    shown = "".join(character for character in text if character.isprintable())
    return " ".join(shown.split())[:SEARCH_MAX_CHARACTERS]


def has_name_or_login(
    text: str, *names: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """Return the condition that a name, or the login, contains the text in whatever case."""
    in_names = [name.icontains(text, autoescape=True) for name in names]
    return or_(*in_names, User.login_key.contains(login_key(text), autoescape=True))
