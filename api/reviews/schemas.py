"""Reviews as they are written, and what a student reads of them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText, SeenId
from api.reviews.reasons import ReviewReason
from models.statuses import ReviewDecision


class NewReview(BaseModel):
    """A person's decision on an attempt."""

    model_config = ConfigDict(extra="forbid")

    decision: ReviewDecision
    reason_codes: Annotated[list[ReviewReason], Field(max_length=10)] = []
    note: Annotated[PlainText, Field(max_length=5000)] = ""
    """For other reviewers."""
    message: Annotated[PlainText, Field(max_length=5000)] = ""
    """For the student, in plain words."""
    seen_review_id: SeenId | None = None
    """The newest decision that whoever decides has read, `none` where there was none: if
    another came since, this one is refused. Left out, nothing is compared."""
    seen_reply_id: SeenId | None = None
    """The student's newest reply likewise."""


class NewReply(BaseModel):
    """What a student answers."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[PlainText, Field(min_length=1, max_length=5000)]


class PlainReason(BaseModel):
    """A reason and the sentence a page can show."""

    code: str
    message: str


class ReplyAnswer(BaseModel):
    """What a student answered."""

    id: str
    text: str
    created_at: Moment


class Outcome(BaseModel):
    """The newest decision as a student reads it: no names, no notes."""

    decision: ReviewDecision
    reasons: list[PlainReason]
    message: str
    decided_at: Moment
    reply_until: Moment | None
    can_reply: bool
    replies: list[ReplyAnswer]


class ReviewAnswer(BaseModel):
    """A decision as reviewers read it."""

    id: str
    reviewer_id: str
    reviewer_name: str
    decision: ReviewDecision
    reason_codes: list[str]
    note: str
    message: str
    reply_until: Moment | None
    created_at: Moment


class ReviewsAnswer(BaseModel):
    """Every decision on an attempt and every reply, oldest first."""

    items: list[ReviewAnswer]
    replies: list[ReplyAnswer]
