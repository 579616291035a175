"""Attempts as the API shows them and takes them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText
from models.statuses import AttemptState, Verdict

Label = Annotated[PlainText, Field(min_length=1, max_length=200)]


class NewAttempt(BaseModel):
    """What another system sends to open an attempt."""

    model_config = ConfigDict(extra="forbid")

    subject_id: Annotated[str, Field(max_length=40)]
    exam_id: Annotated[str, Field(max_length=40)] | None = None
    label: Label | None = None
    duration_seconds: Annotated[int, Field(ge=1, le=7 * 24 * 3600)] | None = None
    """Taken from the exam when it is not given, else three hours."""
    frame_interval_seconds: Annotated[float, Field(ge=0.2, le=300)] | None = None
    """Taken from the exam when it is not given, else from the settings."""


class ExamTitle(BaseModel):
    """The exam an attempt belongs to."""

    id: str
    title: str


class LastVerification(BaseModel):
    """The verdict of the newest frame that has one. No figures: students see this."""

    seq: int
    verdict: Verdict
    received_at: Moment
    verified_at: Moment
    reasons: list[Any]


class FrameCounts(BaseModel):
    """How many frames came in and what they were found to be."""

    frames: int
    verified: int
    by_verdict: dict[Verdict, int]


class AttemptAnswer(BaseModel):
    """An attempt and how it stands."""

    id: str
    subject_id: str
    exam: ExamTitle | None
    label: str | None
    state: AttemptState
    created_at: Moment
    ready_at: Moment | None
    started_at: Moment | None
    submitted_at: Moment | None
    deadline_at: Moment | None
    duration_seconds: int
    frame_interval_seconds: float
    next_seq: int
    missing: list[str]
    """`consent`, `enrollment`: why a `created` attempt is not ready yet."""
    last_verification: LastVerification | None
    counts: FrameCounts
    ticket: str | None
    """Attests the next frame. Only for those who send frames, while frames are taken."""


class AttemptPage(BaseModel):
    """One page of attempts, newest first."""

    items: list[AttemptAnswer]
    next_cursor: str | None
