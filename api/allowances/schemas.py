"""Allowances as admins grant and read them."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.field_types import Moment, PlainText
from models.statuses import FaceCheck


class NewAllowance(BaseModel):
    """What is granted. It counts for attempts that have not started."""

    model_config = ConfigDict(extra="forbid")

    subject_id: Annotated[str, Field(max_length=40)]
    exam_id: Annotated[str, Field(max_length=40)] | None = None
    """Left out: for every exam."""
    extra_time_percent: Annotated[int, Field(ge=0, le=400)] = 0
    extra_time_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    frame_interval_factor: Annotated[float, Field(ge=1, le=20, allow_inf_nan=False)] = 1.0
    """2 asks for a picture half as often."""
    face_check: FaceCheck = FaceCheck.MATCH
    second_person_allowed: bool = False
    note: Annotated[PlainText, Field(max_length=2000)] = ""
    """Why, for those who review."""

    @model_validator(mode="after")
    def _grants_something(self) -> Self:
        plain = NewAllowance.model_construct(subject_id=self.subject_id)
        ignored = {"subject_id", "exam_id", "note"}
        if self.model_dump(exclude=ignored) == plain.model_dump(exclude=ignored):
            message = "must grant something"
            raise ValueError(message)
        return self


class AllowanceAnswer(BaseModel):
    """An allowance and whether it stands."""

    id: str
    subject_id: str
    exam_id: str | None
    extra_time_percent: int
    extra_time_seconds: int
    frame_interval_factor: float
    face_check: FaceCheck
    second_person_allowed: bool
    note: str
    granted_by: str
    granted_at: Moment
    withdrawn_at: Moment | None


class AllowancePage(BaseModel):
    """Allowances, newest first."""

    items: list[AllowanceAnswer]
    next_cursor: str | None
