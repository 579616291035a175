"""Moments that a client tells: testimony, but they must fit into every database."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter, ValidationError

from api.field_types import storable_moment

ClientMoment = Annotated[datetime, AfterValidator(storable_moment)]
"""A client's moment in UTC. Without a time zone it is taken for UTC; it is testimony anyway."""

_ADAPTER: TypeAdapter[datetime] = TypeAdapter(ClientMoment)


def client_moment(text: str) -> datetime | None:
    """Return the moment a client wrote, or None when it cannot be read."""
    try:
        return _ADAPTER.validate_python(text)
    except ValidationError:
        return None
