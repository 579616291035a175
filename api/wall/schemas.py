"""What the live wall shows."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.authorization import ID_PATTERN
from api.field_types import Moment
from api.stream.schemas import IncidentEvent, VerificationEvent
from models.statuses import AttemptState, Verdict

TILES_MOST = 1000
"""Attempts shown at once: started ones first, then the newest."""

AttemptId = Annotated[str, Field(pattern=ID_PATTERN)]


Point = tuple[int, Verdict, float | None]
"""One check, as a line shows it: the frame's number, the verdict, the distance. Bare, because a
full wall has twenty thousand of them."""


class Tile(BaseModel):
    """An open attempt."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    attempt_id: str
    exam_id: str | None
    subject_id: str
    display_name: str | None
    shown_name: str
    """What people read: the name, or why there is none."""
    title: str | None
    """The exam's title, or what another system calls the attempt."""
    state: AttemptState
    started_at: Moment | None
    deadline_at: Moment | None
    silent_after_seconds: float | None
    """How long after the last frame something is wrong; null where no frames are due."""
    last_frame_at: Moment | None
    """When the newest frame came in, verified or not."""
    waiting_frames: int
    """Frames that no worker has verified yet."""
    last: VerificationEvent | None
    """The newest check."""
    points: list[Point]
    """The checks of the last minutes, oldest first, each as `[seq, verdict, distance]`."""


class WallAnswer(BaseModel):
    """How everything stands, and from where the stream tells how it goes on."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    read_at: Moment
    """Give it to `GET /api/v1/stream` as `last_event_id`."""
    tiles: list[Tile]
    is_cut: bool
    """More attempts are open than are shown: name an exam."""
    incidents: list[IncidentEvent]
    """What asks for a look and nobody has decided yet, strongest evidence first."""
    incidents_are_cut: bool


class NewLook(BaseModel):
    """Whose pictures somebody is about to watch."""

    exam_id: AttemptId | None = None
    """Set when the wall shows one exam."""
    attempt_ids: Annotated[list[AttemptId], Field(min_length=1, max_length=TILES_MOST)]


class LookAnswer(BaseModel):
    """The right to watch, on record."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    attempt_ids: list[str]
    """Those that may be watched; others do not exist, or not for you."""
    expires_at: Moment
