"""Moments as reports state them: in UTC, and saying so."""

from datetime import UTC, datetime


def moment(at: datetime | None, *, none: str = "unknown") -> str:
    """Return a moment to the second, as `2026-11-23 10:00:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else none


def time_of_day(at: datetime) -> str:
    """Return a moment within a day, as `10:00:00`."""
    return f"{at.astimezone(UTC):%H:%M:%S}"


def span(begin: datetime, end: datetime) -> str:
    """Return a stretch of time; the day stands once where it is one."""
    if begin.astimezone(UTC).date() == end.astimezone(UTC).date():
        return f"{begin.astimezone(UTC):%Y-%m-%d} {time_of_day(begin)} to {time_of_day(end)} UTC"
    return f"{moment(begin)} to {moment(end)}"
