"""What face enrollments look like in answers."""

from typing import Any

from pydantic import BaseModel

from api.field_types import Moment
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


class EnrollmentAnswer(BaseModel):
    """One version of a subject's reference images."""

    id: str
    subject_id: str
    version: int
    state: EnrollmentState
    created_at: Moment
    decided_at: Moment | None
    engine_id: str | None
    images: list[ReferenceImageAnswer]


class EnrollmentList(BaseModel):
    """All versions of a subject, newest first."""

    items: list[EnrollmentAnswer]
