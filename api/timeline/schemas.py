"""The items of an attempt's timeline."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.attempts.schemas import AttemptAnswer
from api.field_types import Moment
from api.verifications.schemas import VerificationAnswer


class FrameItem(BaseModel):
    """A frame: claim and verdict side by side."""

    type: Literal["frame"] = "frame"
    at: Moment
    seq: int
    captured_at: Moment | None
    received_at: Moment
    sha256: str
    byte_count: int
    claim: dict[str, Any] | None
    signals: list[Any]
    verification: VerificationAnswer | None


class GapItem(BaseModel):
    """Numbers that never came, both ends included; `at` is when the frame after them came."""

    type: Literal["gap"] = "gap"
    at: Moment
    from_seq: int
    to_seq: int


class EventItem(BaseModel):
    """What the client reported, with both clocks."""

    type: Literal["event"] = "event"
    at: Moment
    kind: str
    reason: str
    client_at: Moment
    received_at: Moment
    detail: dict[str, Any] | None


class TransitionItem(BaseModel):
    """A change of the attempt's state."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["transition"] = "transition"
    at: Moment
    from_state: Annotated[str | None, Field(alias="from")]
    to_state: Annotated[str, Field(alias="to")]
    actor: str
    reason: str


TimelineItem = Annotated[
    FrameItem | GapItem | EventItem | TransitionItem, Field(discriminator="type")
]


class TimelinePage(BaseModel):
    """A part of the timeline in the order of receipt."""

    attempt: AttemptAnswer
    items: list[TimelineItem]
    next_cursor: str | None
