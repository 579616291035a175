"""Everything on record about one attempt, as values that outlive the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.papers.schemas import ScoredAnswer
from api.rescores.schemas import RescoreWithChanges
from models.allowance import Allowance
from models.attempt import Attempt, AttemptTransition
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam
from models.frame import Frame
from models.incident import Incident, IncidentReview
from models.match_policy import MatchPolicy
from models.review import Review, StudentReply
from models.running_spans import Span, running_spans
from models.subject import Subject
from models.user import User
from models.verification import Verification


@dataclass(frozen=True, slots=True)
class FrameNote:
    """What the chart and the figures need of a frame; an attempt has thousands."""

    seq: int
    received_at: datetime
    claim_status: str | None
    signals: frozenset[str]
    """Codes; of the verification once there is one."""
    verdict: str | None
    """None while it waits for a worker."""
    distance: float | None
    engine_id: str | None
    policy_id: str | None
    enrollment_version: int | None


@dataclass(frozen=True)
class ShownFrame:
    """A frame whose picture is shown."""

    frame: Frame
    verification: Verification | None


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt with all that belongs to it, as its reader may see it."""

    attempt: Attempt
    subject: Subject
    user: User | None
    """The student's account; None for subjects of other systems."""
    exam: Exam | None
    transitions: Sequence[AttemptTransition]
    frames: Sequence[FrameNote]
    """By number."""
    events: Sequence[ClientEvent]
    """In the order of receipt, without the regular signs of life."""
    heartbeat_count: int
    incidents: Sequence[Incident]
    """By the moment they began; those found no more are apart."""
    withdrawn_incidents: Sequence[Incident]
    incident_reviews: Mapping[str, Sequence[IncidentReview]]
    """By incident id, oldest first."""
    rescores: Sequence[RescoreWithChanges]
    """How it was scored again, oldest first."""
    reviews: Sequence[Review]
    replies: Sequence[StudentReply]
    answers: Sequence[ScoredAnswer]
    allowances: Sequence[Allowance]
    enrollment: FaceEnrollment | None
    reference_images: Sequence[ReferenceImage]
    policies: Sequence[MatchPolicy]
    shown_frames: Mapping[int, ShownFrame]
    """By number: the frames whose pictures are shown."""
    key: bytes | None
    """Opens the pictures; None once the subject was erased."""
    names: Mapping[str, str]
    """Of those who acted, by id; of people only where the reader may know them."""
    sees_notes: bool
    """Whether the reader may see who decided, notes among reviewers, and the audit record."""

    @property
    def running(self) -> tuple[Span, ...]:
        """When the attempt ran."""
        return running_spans((one.from_state, one.to_state, one.at) for one in self.transitions)

    def name_of(self, actor: str | None) -> str:
        """Return who acted as a reader knows them."""
        return self.names.get(actor or "", actor or "somebody")
