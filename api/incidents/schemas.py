"""What incidents look like in requests and answers."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment, PlainText, SeenId
from api.incidents.reasons import IncidentReason
from models.statuses import (
    IncidentDecision,
    IncidentEnding,
    IncidentKind,
    IncidentReviewState,
    Severity,
)


class NewIncidentReview(BaseModel):
    """A person's decision on an incident."""

    model_config = ConfigDict(extra="forbid")

    decision: IncidentDecision
    reason_codes: Annotated[list[IncidentReason], Field(max_length=10)] = []
    note: Annotated[PlainText, Field(max_length=5000)] = ""
    """For other reviewers."""
    seen_review_id: SeenId | None = None
    """The newest decision that whoever decides has read, `none` where there was none: if
    another came since, this one is refused. Left out, nothing is compared."""

    seen_severity: Severity | None = None
    """How severe the incident was when they looked: if it has become more severe since, or a
    dismissal saw far less of it than there is now, the decision is refused."""
    seen_lasted_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """How long it had lasted when they looked."""


class IncidentReviewAnswer(BaseModel):
    """A decision as reviewers read it."""

    id: str
    reviewer_id: str
    reviewer_name: str
    decision: IncidentDecision
    reason_codes: list[str]
    note: str
    severity: Severity | None
    """The incident's as it was decided about; empty in decisions of earlier releases."""
    lasted_seconds: float | None
    """How long it had lasted as it was decided about; likewise."""
    created_at: Moment


class IncidentAnswer(BaseModel):
    """An incident. Moments are the server's; `figures` depend on the kind."""

    id: str
    attempt_id: str
    exam_id: str | None
    subject_id: str
    kind: IncidentKind
    severity: Severity
    evidence: float
    """How strongly it asks for a look; higher first."""
    first_seq: int | None
    worst_seq: int | None
    last_seq: int | None
    first_at: Moment
    opened_at: Moment
    last_at: Moment
    closed_at: Moment | None
    """Empty while it goes on."""
    ending: IncidentEnding | None
    figures: dict[str, Any]
    policy_id: str
    review_state: IncidentReviewState
    updated_at: Moment
    withdrawn_at: Moment | None
    """When a later look at the record, or another policy, found it no more."""


class IncidentWithReviews(IncidentAnswer):
    """An incident with every decision, oldest first."""

    reviews: list[IncidentReviewAnswer]


class IncidentPage(BaseModel):
    """Incidents, newest first."""

    items: list[IncidentAnswer]
    next_cursor: str | None


class ReviewClaimAnswer(BaseModel):
    """Who reviews an attempt just now."""

    attempt_id: str
    reviewer_id: str
    reviewer_name: str
    claimed_until: Moment


class IncidentPolicyAnswer(BaseModel):
    """The incident policy of an exam: the whole of it, and what differs from the shipped one."""

    policy_id: str
    policy: dict[str, Any]
    stored: dict[str, Any]
