"""What scoring an attempt again looks like in requests and answers."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.field_types import Moment
from models.statuses import RescoreState, Verdict

EngineName = Literal["onnx", "dlib"]
"""Engines that can look; the worker knows them by these names."""

Threshold = Annotated[float, Field(ge=0.1, le=1.5, allow_inf_nan=False)]
"""A distance: 0.1 is closer than two pictures of one person are, 1.5 further than strangers."""


class NewRescore(BaseModel):
    """By what an attempt is scored again; what is left out is as in the attempt."""

    model_config = ConfigDict(extra="forbid")

    match_threshold: Threshold | None = None
    mismatch_threshold: Threshold | None = None
    engine: EngineName | None = None
    """The one the service uses, if left out."""

    @model_validator(mode="after")
    def _in_order(self) -> "NewRescore":
        low, high = self.match_threshold, self.mismatch_threshold
        if low is not None and high is not None and low > high:
            message = "match_threshold must not be above mismatch_threshold"
            raise ValueError(message)
        return self


class VerdictChange(BaseModel):
    """Frames by what is on record and what was found again."""

    recorded: Verdict
    found: Verdict
    frame_count: int


class RescoreAnswer(BaseModel):
    """A look through an attempt with other numbers or another engine. It decides nothing."""

    id: str
    attempt_id: str
    asked_by: str | None
    asked_by_name: str | None
    """Both for people of the house only."""
    engine: str
    engine_id: str | None
    """Empty before the first frame."""
    policy_id: str | None
    match_threshold: float
    mismatch_threshold: float
    state: RescoreState
    error_code: str | None
    """Why it failed as a whole."""
    frame_count: int
    """Frames that were there when it was asked for."""
    scored_count: int
    created_at: Moment
    finished_at: Moment | None


class RescoreWithChanges(RescoreAnswer):
    """A rescore and how its verdicts differ from those on record."""

    changes: list[VerdictChange]
    """Where both agree too; the most frames first."""
    differing_count: int
    """Frames whose verdict is another one."""


class RescoreList(BaseModel):
    """The rescores of an attempt, newest first."""

    items: list[RescoreAnswer]


class RescoredFrameAnswer(BaseModel):
    """One frame: what is on record beside what was found again."""

    seq: int
    recorded_verdict: Verdict | None
    """Empty while it waits for a worker."""
    recorded_distance: float | None
    verdict: Verdict
    distance: float | None
    face_count: int | None
    reasons: list[dict[str, Any]]
    error_code: str | None
    received_at: Moment


class RescoreColumns(BaseModel):
    """One entry a frame in each column, by seq: what a chart needs."""

    seq: list[int]
    received_ms: list[int]
    """The server's clock, in milliseconds since 1970, UTC."""
    recorded_distance: list[float | None]
    distance: list[float | None]


class RescoredFramePage(BaseModel):
    """Frames of a rescore, by number."""

    items: list[RescoredFrameAnswer]
    next_seq: int | None
    """`after_seq` of the next page; empty at the end."""
