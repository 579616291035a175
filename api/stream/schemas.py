"""The data of each kind of event."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.field_types import Moment
from api.subjects.names import shown_name
from models.incident import Incident
from models.statuses import (
    AttemptState,
    IncidentEnding,
    IncidentKind,
    IncidentReviewState,
    Severity,
    Verdict,
)


class VerificationEvent(BaseModel):
    """`verification`: the server's answer for a frame of an attempt."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    attempt_id: str
    exam_id: str | None
    seq: int
    """The frame's number."""
    received_at: Moment
    """When the frame came in."""
    created_at: Moment
    """When the answer was recorded."""
    verdict: Verdict
    distance: float | None
    """Euclidean, lower is closer."""
    match_threshold: float
    mismatch_threshold: float
    claim_status: str | None
    """What the client said it saw: testimony."""
    signals: list[str]
    """The codes of what stands beside the verdict."""


class IncidentEvent(BaseModel):
    """`incident`: an incident was found, went on, ended, was reviewed or withdrawn.

    None is of practice, about which nobody decides. Each event says all of it, so that the newest
    one by `updated_at` stands.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    attempt_id: str
    exam_id: str | None
    display_name: str | None
    """Of the subject."""
    shown_name: str
    """What people read: the name, or why there is none."""
    kind: IncidentKind
    severity: Severity
    evidence: float
    """How strongly it asks for a look, higher first."""
    first_seq: int | None
    worst_seq: int | None
    """The frame to look at first."""
    last_seq: int | None
    first_at: Moment
    opened_at: Moment
    last_at: Moment
    closed_at: Moment | None
    """Empty while it goes on."""
    ending: IncidentEnding | None
    figures: dict[str, Any]
    review_state: IncidentReviewState
    updated_at: Moment
    withdrawn_at: Moment | None
    """Set when it no longer counts."""


def incident_event(
    incident: Incident,
    *,
    exam_id: str | None,
    display_name: str | None,
    erased_at: datetime | None,
) -> IncidentEvent:
    """Return all that is said of an incident of a subject who may have been erased."""
    of_the_row = IncidentEvent.model_fields.keys() - {"exam_id", "display_name", "shown_name"}
    values = {name: getattr(incident, name) for name in of_the_row}
    return IncidentEvent(
        exam_id=exam_id,
        display_name=display_name,
        shown_name=shown_name(display_name, erased_at),
        **values,
    )


class AttemptEvent(BaseModel):
    """`attempt`: an attempt changed its state."""

    model_config = ConfigDict(populate_by_name=True, use_attribute_docstrings=True)

    id: str
    """Of the change."""
    attempt_id: str
    exam_id: str | None
    subject_id: str
    display_name: str | None
    """Of the subject."""
    shown_name: str
    """What people read: the name, or why there is none."""
    title: str | None
    """The exam's title, or what another system calls the attempt."""
    is_practice: bool
    from_state: Annotated[AttemptState | None, Field(alias="from")]
    to_state: Annotated[AttemptState, Field(alias="to")]
    at: Moment
    reason: str
    state: AttemptState
    """Where the attempt stands now. Changes of one moment may come in any order."""


class StandingEvent(BaseModel):
    """`hello` at the beginning and `alive` every few seconds: how fresh the stream is."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    read_at: Moment
    """Until when the database was read. It stands still while the database cannot be read."""
    now: Moment
    """The server's clock."""


class LostEvent(BaseModel):
    """`lost`: something was not sent. Read anew what you show; `GET /api/v1/wall` helps."""

    reason: Literal["too_slow", "too_long_ago", "too_much"]


class EndEvent(BaseModel):
    """`end`: the stream ends after this. Connect again, unless nobody is signed in any more."""

    reason: Literal["not_signed_in", "shutting_down"]


StreamEvent = (
    VerificationEvent | IncidentEvent | AttemptEvent | StandingEvent | LostEvent | EndEvent
)
"""The data of any event."""
