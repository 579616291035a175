"""What a subject is called wherever people read about it."""

from datetime import datetime

ERASED = "Erased student"

UNNAMED = "Unnamed"


def shown_name(display_name: str | None, erased_at: datetime | None) -> str:
    """Return the subject's name, or why there is none."""
    return ERASED if erased_at is not None else display_name or UNNAMED
