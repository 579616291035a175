"""Types of fields that requests and answers share."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer

from models.moments import moment_text as moment_text

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Make what follows run the other way: a name could rewrite the line it stands in."""

_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9998
"""MariaDB's DATETIME ends with 9999, and a time zone must not push a moment past the end."""


def written_text(text: str) -> str:
    """Return the text in NFC, its blanks as they were written.

    Raises
    ------
    ValueError
        It holds control characters, or such that turn the direction of writing.
    """
    for character in text:
        # NUL would break PostgreSQL, the others any page or terminal that shows the text.
        is_control = unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t"
        if is_control or character in _TURNING:
            message = "must not contain control characters"
            raise ValueError(message)
    return unicodedata.normalize("NFC", text)


def plain_text(text: str) -> str:
    """Return the text in NFC without outer blanks; refuses what `written_text` refuses."""
    return written_text(text).strip()


def storable_moment(moment: datetime) -> datetime:
    """Return the moment in UTC; one without a time zone is taken for UTC.

    Raises
    ------
    ValueError
        It lies outside the years every database can keep.
    """
    if not _EARLIEST_YEAR < moment.year <= _LATEST_YEAR:
        message = f"must lie between the years {_EARLIEST_YEAR + 1} and {_LATEST_YEAR}"
        raise ValueError(message)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(moment_text, return_type=str, when_used="json"),
]
"""A moment with a time zone; answers show it in UTC with microseconds and `Z`."""

WantedMoment = Annotated[Moment, AfterValidator(storable_moment)]
"""A moment that somebody sets."""

PlainText = Annotated[str, AfterValidator(plain_text)]
"""Text of people: NFC, without control characters and outer blanks."""

NONE_SEEN = "none"
"""What stands for a decision or a reply where there was none."""

SeenId = Annotated[str, Field(pattern=rf"^({NONE_SEEN}|[a-z]{{3}}_[0-9a-z]{{26}})$")]
"""The newest decision or reply that somebody has read before they decide."""

WrittenText = Annotated[str, AfterValidator(written_text)]
"""Text of people that keeps its outer blanks: answers, in which an indent can count."""
