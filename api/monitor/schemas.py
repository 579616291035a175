"""Events as clients of the first face-monitor send them: a reason and a moment."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.authorization import ID_PATTERN
from api.events.client_clock import ClientMoment
from api.events.schemas import EVENTS_PER_REQUEST


class FaceEvent(BaseModel):
    """What the browser's own face detection reported."""

    reason: Literal["no_face_detected", "unverified_face_detected"]
    timestamp: ClientMoment


class TabEvent(BaseModel):
    """The exam's tab was left."""

    reason: Literal["tab_switch"]
    timestamp: ClientMoment


AttemptId = Annotated[str, Field(pattern=ID_PATTERN)]


class FaceLog(BaseModel):
    """Body of `POST /api/monitor/face_log`."""

    events: Annotated[list[FaceEvent], Field(min_length=1, max_length=EVENTS_PER_REQUEST)]
    attempt_id: AttemptId | None = None
    """Needed only by somebody with several open attempts."""


class TabEvents(BaseModel):
    """Body of `POST /api/monitor/tab_event`."""

    events: Annotated[list[TabEvent], Field(min_length=1, max_length=EVENTS_PER_REQUEST)]
    attempt_id: AttemptId | None = None
