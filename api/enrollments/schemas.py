"""What face enrollments look like in answers."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText
from models.statuses import EnrollmentState


class Reason(BaseModel):
    """Why an image was refused, or what would make it better."""

    code: str
    message: str


class PixelBox(BaseModel):
    """A face's box in pixels, after EXIF orientation."""

    x: float
    y: float
    width: float
    height: float


class ReferenceImageAnswer(BaseModel):
    """One image offered, with the server's answer to it."""

    id: str
    position: int
    """1, 2, 3 … in the order of the parts."""
    state: str
    reasons: list[Reason]
    width: int | None
    height: int | None
    box: PixelBox | None
    quality: dict[str, Any]


class EnrollmentWarning(BaseModel):
    """What a person should look at before the enrollment is relied on."""

    code: str
    """`resembles_other_subject`, or `not_compared_with_all`."""
    message: str
    subject_id: str | None = None
    """The other subject, when it is one that you may see."""
    enrollment_id: str | None = None
    distance: float | None = None
    """Between the closest pictures of both; lower is closer."""


class EnrollmentAnswer(BaseModel):
    """One version of a subject's reference images."""

    id: str
    subject_id: str
    version: int
    state: EnrollmentState
    created_at: Moment
    decided_at: Moment | None
    approved_at: Moment | None
    """When a person found that it shows the right one."""
    withdrawn_at: Moment | None
    """When a person found that it must not serve any more."""
    withdrawn_reason: str | None
    engine_id: str | None
    warnings: list[EnrollmentWarning] | None
    """Null for the person itself, and while nothing was compared with others."""
    images: list[ReferenceImageAnswer]


class Withdrawal(BaseModel):
    """Why a version must not serve any more."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PlainText, Field(min_length=1, max_length=500)]
    """The student reads it."""


class EnrollmentList(BaseModel):
    """All versions of a subject, newest first."""

    items: list[EnrollmentAnswer]
