"""Requests for another way than the camera."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText


class NewAlternativeRequest(BaseModel):
    """What a student asks for who does not agree to being recorded."""

    model_config = ConfigDict(extra="forbid")

    text_version: Annotated[PlainText, Field(min_length=1, max_length=40)]
    """The version of the text the student has read."""
    message: Annotated[PlainText, Field(max_length=2000)] = ""


class AlternativeDecision(BaseModel):
    """What an admin answers."""

    model_config = ConfigDict(extra="forbid")

    granted: bool


class AlternativeRequestAnswer(BaseModel):
    """A request and what became of it."""

    id: str
    subject_id: str
    text_version: str
    message: str
    asked_at: Moment
    answered_at: Moment | None
    granted: bool | None
    """Null while nobody has answered."""


class AlternativeRequestPage(BaseModel):
    """Requests, newest first."""

    items: list[AlternativeRequestAnswer]
    next_cursor: str | None
