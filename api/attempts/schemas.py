"""Attempts as the API shows them and takes them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText
from api.reviews.schemas import Outcome
from models.statuses import AttemptState, FaceCheck, Verdict

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
    needs_verified_frame: bool = False
    """Whether it starts only after the server recognised the subject in a frame just before."""


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


class BreakOff(BaseModel):
    """Why somebody breaks an attempt off."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PlainText, Field(min_length=1, max_length=180)]


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
    """With the extra time that was granted."""
    remaining_seconds: int | None
    """What is left when it goes on, after it broke off."""
    frame_interval_seconds: float
    """With the slower pace that was granted."""
    is_practice: bool
    face_check: FaceCheck
    allowances: dict[str, Any]
    """What was granted; empty when nothing was."""
    next_seq: int
    missing: list[str]
    """`consent`, `enrollment`, `approval`, `identity_check`: why it is not ready yet."""
    needs_verified_frame: bool
    verified_frame_at: Moment | None
    """When the newest frame came in that would permit the start now; null when none would."""
    question_count: int
    answered_count: int
    awarded_points: float | None
    """Null while it runs, while a person has yet to score, and for students who shall not see
    them."""
    possible_points: float | None
    outcome: Outcome | None
    """What was decided, or asked, last."""
    last_verification: LastVerification | None
    counts: FrameCounts
    ticket: str | None
    """Attests the next frame. Only for those who send frames, while frames are taken."""


class AttemptPage(BaseModel):
    """One page of attempts, newest first."""

    items: list[AttemptAnswer]
    next_cursor: str | None
