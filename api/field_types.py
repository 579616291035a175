"""Types of fields that requests and answers share."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer


def moment_text(moment: datetime) -> str:
    """Return RFC 3339 in UTC with microseconds, as `2026-11-23T10:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _without_control_characters(text: str) -> str:
    for character in text:
        # NUL would break PostgreSQL, the others any page or terminal that shows the text.
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            message = "must not contain control characters"
            raise ValueError(message)
    return unicodedata.normalize("NFC", text).strip()


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(moment_text, return_type=str, when_used="json"),
]
"""A moment with a time zone; answers show it in UTC with microseconds and `Z`."""

PlainText = Annotated[str, AfterValidator(_without_control_characters)]
"""Text of people: NFC, without control characters and outer blanks."""
