"""Moments as text, in answers, messages and files alike."""

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """Return RFC 3339 in UTC with microseconds, as `2026-11-23T10:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
