"""Passwords: which are taken, and how they are kept (argon2id)."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.problems import InvalidRequest, ServiceUnavailable
from api.users.login import login_key

PASSWORD_MIN_CHARACTERS = 10
"""NIST SP 800-63B asks for 8 and no rules about kinds of characters; ten cost little more."""

PASSWORD_MAX_CHARACTERS = 200
"""Long enough for any phrase, short enough to hash without harm."""

MEMORY_KIB = 19_456
"""With two rounds and one lane: OWASP's password storage cheat sheet, argon2id."""

HASHES_AT_ONCE = 4
"""19 MiB and 20 ms each; more at once would take the processor from frames."""

HASH_WAIT_SECONDS = 10.0
"""A longer queue of sign-ins is answered with 503 and Retry-After."""

COMMON_PASSWORDS = frozenset(
    """
    1234567890 12345678910 123456789a 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345
    qwerty123456 password12 password123 password1234 password12345 password123! passw0rd123
    p@ssw0rd123 iloveyou123 iloveyou12 letmein123 letmein1234 welcome123 welcome1234 administrator
    admin12345 admin123456 adminadmin abcdefghij abcdefghijkl abc1234567 abcd123456 abcd1234567
    0123456789 0987654321 9876543210 1111111111 0000000000 1212121212 1234512345 123123123123
    123321123321 asdfghjkl; asdfghjkl1 asdfghjkl123 zxcvbnm123 changeme123 changemenow
    football123 baseball123 superman123 basketball sunshine123 princess123 monkey12345
    dragon12345 trustno1trustno1 mypassword mypassword1 secret12345 student123 student1234
    examexam12 test123456 test1234567 testtest12 google12345 computer12 internet12 michael123
    facemonitor facemonitor1 face-monitor qazwsxedcr 1q2w3e4r5t6y 147258369a 1029384756
    """.split()  # noqa: SIM905
)
"""The ones of ten and more characters that lead every published list of stolen passwords."""

_hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)


def checked_password(password: str, *, login: str) -> str:
    """Return the password in the spelling that is hashed.

    Raises
    ------
    InvalidRequest
        It is too short, too long, the login itself, or one that everybody tries first.
    """
    password = _spelling(password)
    if not PASSWORD_MIN_CHARACTERS <= len(password) <= PASSWORD_MAX_CHARACTERS:
        raise InvalidRequest.at(
            "password",
            f"must have {PASSWORD_MIN_CHARACTERS} to {PASSWORD_MAX_CHARACTERS} characters",
        )
    if login_key(password) == login_key(login):
        raise InvalidRequest.at("password", "must not be the login")
    if password.casefold() in COMMON_PASSWORDS or len(set(password)) < 4:
        raise InvalidRequest.at("password", "is one that is tried first; choose a less common one")
    return password


def hash_password(password: str) -> str:
    """Return the argon2id hash in its encoded form. Takes some 20 ms: not in a transaction."""
    with _turn():
        return _hasher().hash(_spelling(password))


def is_password_right(password: str, password_hash: str | None) -> bool:
    """Tell whether the password is the hashed one.

    Without a hash (an unknown login, or one whose password was never set) it takes as long and is
    false, so that the time it takes does not tell which logins exist.
    """
    with _turn():
        try:
            _hasher().verify(password_hash or _dummy_hash(), _spelling(password)[:1000])
        except (VerificationError, InvalidHashError):
            return False
    return bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)


def _spelling(password: str) -> str:
    """Return one spelling for what different keyboards send for the same password."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody's password")


@contextmanager
def _turn() -> Iterator[None]:
    if not _hashing.acquire(timeout=HASH_WAIT_SECONDS):
        raise ServiceUnavailable("Too many people are signing in at once.")
    try:
        yield
    finally:
        _hashing.release()
