"""Incidents: what lasted and deserves a person's look. And what persons decided about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASE_SENSITIVE, ID_LENGTH, Base
from models.statuses import IncidentKind, IncidentReviewState, Severity

WAITING_FOR_REVIEW = (IncidentReviewState.UNREVIEWED, IncidentReviewState.SECOND_REVIEW)
"""States in which an incident waits for a person."""


class Incident(Base):
    """Several frames or events of an attempt that together deserve a person's look.

    Computed anew from the record whenever something comes in that may change it: what it says
    follows from what is there, not from the order it came in. A person's decision stays with it.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index(None, "attempt_id", "opened_at"),
        Index(None, "review_state", "withdrawn_at", "evidence"),
        Index(None, "updated_at"),
        CASE_SENSITIVE,
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    kind: Mapped[str] = mapped_column(String(30))
    """An `IncidentKind`."""
    severity: Mapped[str] = mapped_column(String(10))
    """A `Severity`, by the policy named in `policy_id`."""
    evidence: Mapped[float]
    """How strongly it asks for a look, higher first: severity, then how long and how far."""
    first_seq: Mapped[int | None] = mapped_column(BigInteger)
    """The first frame that shows it; empty where no frame does, as for an absence of frames."""
    worst_seq: Mapped[int | None] = mapped_column(BigInteger)
    """The frame to look at first."""
    last_seq: Mapped[int | None] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    """When it began, by the server's clock. Likewise all moments here; what frames that came late
    show is placed by their numbers."""
    opened_at: Mapped[datetime]
    """When the evidence was enough."""
    last_at: Mapped[datetime]
    """The last moment known to belong to it."""
    closed_at: Mapped[datetime | None]
    """When enough spoke against it, or it was lost from sight; empty while it goes on."""
    ending: Mapped[str | None] = mapped_column(String(20))
    """An `IncidentEnding`; empty while it goes on."""
    figures: Mapped[dict[str, Any]]
    """What it rests on, as `frames_supporting`, `worst_distance` or `away_seconds`."""
    policy_id: Mapped[str] = mapped_column(String(80))
    """The incident policy it was found by."""
    review_state: Mapped[str] = mapped_column(
        String(20), default=IncidentReviewState.UNREVIEWED.value
    )
    """An `IncidentReviewState`: what the newest review said."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    """When a later look at the record, or another policy, found it no more. It stays for the
    record, and no page counts it."""

    @property
    def lasted_seconds(self) -> float:
        """How long it has lasted; of several absences, all of them together."""
        return float(self.figures.get("lasted_seconds", 0.0))


GROWS_BY_ITSELF = (IncidentKind.NO_FRAMES, IncidentKind.AWAY)
"""Kinds that last longer while nothing comes in."""

GROWN_SECONDS = 60.0
"""What is dismissed waits again once it has lasted as long again as was seen, and by this much
more at least: a dismissed incident that goes on for another few seconds is no news."""


def has_outgrown(
    *,
    severity: Severity,
    lasted_seconds: float,
    seen_severity: Severity,
    seen_seconds: float | None,
) -> bool:
    """Tell whether an incident has grown well beyond what somebody saw of it."""
    if severity.rank > seen_severity.rank:
        return True
    if seen_seconds is None:
        return False
    return lasted_seconds >= outgrown_seconds(seen_seconds)


def outgrown_seconds(seen_seconds: float) -> float:
    """Return from which length on an incident is more than what was seen of it."""
    return seen_seconds + max(seen_seconds, GROWN_SECONDS)


class IncidentReview(Base):
    """A named person's decision on an incident. Appended, never edited."""

    __tablename__ = "incident_review"
    __table_args__ = (Index(None, "incident_id", "created_at"), CASE_SENSITIVE)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    decision: Mapped[str] = mapped_column(String(20))
    """An `IncidentDecision`."""
    reason_codes: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    """For other reviewers."""
    severity: Mapped[str | None] = mapped_column(String(10))
    """The incident's, as it was decided about; empty in decisions of earlier releases."""
    lasted_seconds: Mapped[float | None]
    """How long it had lasted, as far as the reviewer saw it; likewise."""
    created_at: Mapped[datetime]


class ReviewClaim(Base):
    """Who reviews an attempt just now, so that two reviewers do not decide about one at once."""

    __tablename__ = "review_claim"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    claimed_until: Mapped[datetime]
    """It lapses by itself, so that nobody has to free what a closed browser held."""
