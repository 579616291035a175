"""Moments that a client tells: testimony, but they must fit into every database."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter, ValidationError

_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9998
"""MariaDB's DATETIME ends with 9999, and a time zone must not push a moment past the end."""


def _as_utc(moment: datetime) -> datetime:
    if not _EARLIEST_YEAR < moment.year <= _LATEST_YEAR:
        message = f"must lie between the years {_EARLIEST_YEAR + 1} and {_LATEST_YEAR}"
        raise ValueError(message)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


ClientMoment = Annotated[datetime, AfterValidator(_as_utc)]
"""A client's moment in UTC. Without a time zone it is taken for UTC; it is testimony anyway."""

_ADAPTER: TypeAdapter[datetime] = TypeAdapter(ClientMoment)


def client_moment(text: str) -> datetime | None:
    """Return the moment a client wrote, or None when it cannot be read."""
    try:
        return _ADAPTER.validate_python(text)
    except ValidationError:
        return None
