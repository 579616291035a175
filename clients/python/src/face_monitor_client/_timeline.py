"""What stands in an attempt's timeline: frames, gaps, events and transitions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from face_monitor_client._attempts import Claim
from face_monitor_client._errors import UnexpectedAnswer
from face_monitor_client._faces import Verification
from face_monitor_client._reading import KEY, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame: what the client claimed beside what the service decided."""

    seq: int
    sha256: str
    received_at: datetime
    captured_at: datetime | None = None
    """The client's own clock."""
    attempt_id: str | None = None
    byte_count: int | None = None
    claim: Claim | None = None
    signals: tuple[Mapping[str, Any], ...] = ()
    """What was noticed when it came in (late, unattested …), each with a `code`."""
    verification: Verification | None = None
    """None until the worker has looked."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Numbers that never came, both ends included."""

    from_seq: int
    to_seq: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEvent:
    """A client event as the service received it."""

    kind: str
    reason: str
    at: datetime | None = None
    client_at: datetime | None = None
    received_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The attempt moved from one state to another."""

    from_state: str | None = field(default=None, metadata={KEY: "from"})
    to_state: str = field(metadata={KEY: "to"})
    at: datetime | None = None
    actor: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownItem:
    """An item of a type that this version does not know, as it came."""

    type: str
    body: Mapping[str, Any]


TimelineItem = Frame | Gap | ReportedEvent | Transition | UnknownItem

_ITEM_TYPES: Mapping[str, type[Frame | Gap | ReportedEvent | Transition]] = {
    "frame": Frame,
    "gap": Gap,
    "event": ReportedEvent,
    "transition": Transition,
}


def read_timeline_item(body: object) -> TimelineItem:
    """Return one item of a timeline; a type nobody knows yet comes back as `UnknownItem`."""
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise UnexpectedAnswer("An item of the timeline has no type.")
    item_type = _ITEM_TYPES.get(body["type"])
    return read(item_type, body) if item_type else UnknownItem(type=body["type"], body=body)
