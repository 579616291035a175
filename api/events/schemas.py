"""Client events as they are taken."""

import json
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.events.client_clock import ClientMoment
from api.field_types import Moment
from models.client_event import REASONS, ClientEventKind

DETAIL_MAX_BYTES = 2048
"""Longest `detail` of an event, as JSON."""

DETAIL_MAX_DEPTH = 8
"""Objects and lists within each other. MariaDB stores no JSON deeper than 32."""

EVENTS_PER_REQUEST = 200
"""More than an hour of heartbeats; a client that was offline sends several requests."""


def _storable(detail: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(detail, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        message = "must be plain JSON: no NaN, no lone surrogates"
        raise ValueError(message) from None
    if len(text) > DETAIL_MAX_BYTES or b"\\u0000" in text:
        message = f"must be at most {DETAIL_MAX_BYTES} bytes of JSON without NUL characters"
        raise ValueError(message)
    if _depth(detail) > DETAIL_MAX_DEPTH:
        message = f"must not be nested deeper than {DETAIL_MAX_DEPTH} levels"
        raise ValueError(message)
    return detail


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


class NewEvent(BaseModel):
    """One event as the client tells it."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
    """Made by the client, so that sending an event twice stores it once."""
    kind: ClientEventKind
    reason: Annotated[str, Field(max_length=40)]
    client_at: ClientMoment
    detail: Annotated[dict[str, Any], AfterValidator(_storable)] | None = None

    @model_validator(mode="after")
    def _reason_belongs_to_kind(self) -> Self:
        if self.reason not in REASONS[self.kind]:
            allowed = ", ".join(sorted(REASONS[self.kind]))
            message = f"reason must be one of: {allowed}"
            raise ValueError(message)
        return self


class NewEvents(BaseModel):
    """What a client reports in one request."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[list[NewEvent], Field(min_length=1, max_length=EVENTS_PER_REQUEST)]


class EventsReceipt(BaseModel):
    """How many events were new."""

    accepted: int
    duplicates: int
    received_at: Moment
