"""Logins: one spelling for comparing, and which names are taken at all."""

import unicodedata

from api.problems import InvalidRequest

LOGIN_MAX_CHARACTERS = 150
"""As the table keeps them."""

_REFUSED_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"}
"""Control, invisible, unassigned and combining characters and blanks: names that look the same
must be the same."""


def login_key(login: str) -> str:
    """Return the spelling that uniqueness and sign-in look at."""
    # No login holds a NUL, and PostgreSQL takes none even to look for it.
    folded = unicodedata.normalize("NFKC", login.replace("\0", "\ufffd").strip()).casefold()
    return unicodedata.normalize("NFKC", folded)


def checked_login(login: str) -> str:
    """Return the login as it is stored and shown.

    Raises
    ------
    InvalidRequest
        It is empty, too long, holds blanks or invisible characters, or mixes alphabets so that
        it could pass for another login.
    """
    login = unicodedata.normalize("NFC", login).strip()
    key = login_key(login)
    if not key or max(len(login), len(key)) > LOGIN_MAX_CHARACTERS:
        raise InvalidRequest.at("login", f"must have 1 to {LOGIN_MAX_CHARACTERS} characters")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in login + key):
        raise InvalidRequest.at("login", "must not contain blanks or invisible characters")
    if len({_alphabet(character) for character in key if character.isalpha()}) > 1:
        raise InvalidRequest.at("login", "must not mix letters of different alphabets")
    return login


def _alphabet(letter: str) -> str:
    """Return the first word of the letter's Unicode name: LATIN, CYRILLIC, GREEK …"""
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
