"""Verifying several attempts together: those about which nothing is open.

Each gets a decision of its own, by the same rules as one that is decided by itself.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.context import Context
from api.enrollments.approval import has_warning
from api.field_types import NONE_SEEN
from api.principal import Person
from api.problems import NotToReview
from api.reviews.schemas import NewReview
from api.reviews.service import add_review
from models.attempt import Attempt
from models.database import database_now
from models.enrollment import FaceEnrollment
from models.incident import WAITING_FOR_REVIEW, Incident, ReviewClaim
from models.job import Job, is_due
from models.statuses import (
    AttemptState,
    FaceCheck,
    IncidentReviewState,
    Verdict,
)
from models.user import User

_NOBODY_DECIDED = (AttemptState.SUBMITTED, AttemptState.EXPIRED)
"""Who was asked is decided about by itself, with the answer read."""

_IN_ORDER = (Verdict.MATCH, Verdict.PRESENT)


@dataclass(frozen=True)
class Findings:
    """What was found about an attempt, as the list shows it."""

    frames: int
    in_order: int
    """Checks that found the enrolled person, or by an allowance somebody."""
    others: dict[str, int]
    """What the other checks found, by verdict."""
    incidents: dict[str, int]
    """By what persons said of them."""
    open_matter: str
    """Why it is decided by itself; empty where nothing is open."""

    @property
    def waiting(self) -> int:
        """How many incidents wait for a person."""
        return sum(self.incidents.get(state, 0) for state in WAITING_FOR_REVIEW)

    @property
    def seen(self) -> str:
        """A short text that differs when anything of this does."""
        shown = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Matters:
    """What may be open about attempts, each by attempt id."""

    incidents: dict[str, dict[str, int]]
    claimed_by: dict[str, str]
    being_looked_through: set[str]
    unsure_faces: set[str]


def findings_of(
    session: Session, context: Context, person: Person, attempts: Sequence[AttemptAnswer]
) -> dict[str, Findings]:
    """Return what was found, by attempt id, for any number with the same number of queries."""
    matters = _matters(session, context, person, [attempt.id for attempt in attempts])
    return {attempt.id: _findings(person, attempt, matters) for attempt in attempts}


def verify_where_nothing_is_open(
    session: Session,
    context: Context,
    person: Person,
    attempt: Attempt,
    wanted: NewReview,
    seen: str,
    request_id: str,
) -> None:
    """Record a person's decision that a locked attempt was in order, as `seen` in the list.

    Raises
    ------
    NotToReview
        Something is open about it, or not as it was seen.
    ReviewClaimed
        Somebody else reviews it just now.
    """
    answer = attempt_answer(session, context, person, attempt)
    found = findings_of(session, context, person, [answer])[attempt.id]
    if found.open_matter:
        raise NotToReview(f"{found.open_matter}.", next_step="Decide about it by itself.")
    if found.seen != seen:
        raise NotToReview(
            "Something came in since the list was shown.",
            next_step="Look at what the list shows now.",
        )
    nothing_seen = {"seen_review_id": NONE_SEEN, "seen_reply_id": NONE_SEEN}
    wanted = wanted.model_copy(update=nothing_seen)
    add_review(session, context, person, attempt, wanted, request_id)


def _findings(person: Person, attempt: AttemptAnswer, matters: _Matters) -> Findings:
    found = attempt.counts.by_verdict
    incidents = matters.incidents.get(attempt.id, {})
    return Findings(
        frames=attempt.counts.frames,
        in_order=sum(found.get(verdict, 0) for verdict in _IN_ORDER),
        others={one.value: count for one, count in found.items() if one not in _IN_ORDER},
        incidents=incidents,
        open_matter=_open_matter(person, attempt, incidents, matters),
    )


def _open_matter(
    person: Person, attempt: AttemptAnswer, incidents: dict[str, int], matters: _Matters
) -> str:
    counts = attempt.counts
    in_order = sum(counts.by_verdict.get(verdict, 0) for verdict in _IN_ORDER)
    has_camera = attempt.face_check is not FaceCheck.PERSON
    found = {
        "The student was asked": attempt.state == AttemptState.SECOND_REVIEW_REQUIRED,
        "Nothing is to be decided any more": attempt.state not in _NOBODY_DECIDED,
        "This is you, and nobody decides about themselves": (
            person.subject_id == attempt.subject_id
        ),
        f"{matters.claimed_by.get(attempt.id)} reviews it just now": (
            attempt.id in matters.claimed_by
        ),
        "An incident waits for a person": any(incidents.get(state) for state in WAITING_FOR_REVIEW),
        "An incident was confirmed": bool(incidents.get(IncidentReviewState.CONFIRMED)),
        "Pictures wait for the server": counts.frames > counts.verified,
        "The server looks through it just now": attempt.id in matters.being_looked_through,
        "No picture was checked": has_camera and not counts.frames,
        "Less than half of the checks match": has_camera and 2 * in_order < counts.verified,
        "The enrolled face is like somebody else's": attempt.id in matters.unsure_faces,
    }
    return next((words for words, is_so in found.items() if is_so), "")


def _matters(
    session: Session, context: Context, person: Person, attempt_ids: Sequence[str]
) -> _Matters:
    incidents: dict[str, dict[str, int]] = defaultdict(dict)
    counted = session.execute(
        select(Incident.attempt_id, Incident.review_state, func.count())
        .where(Incident.attempt_id.in_(attempt_ids), Incident.withdrawn_at.is_(None))
        .group_by(Incident.attempt_id, Incident.review_state)
    )
    for attempt_id, review_state, count in counted:
        incidents[attempt_id][review_state] = count
    claims = session.execute(
        select(ReviewClaim.attempt_id, User.display_name)
        .join(User, User.id == ReviewClaim.reviewer_id)
        .where(
            ReviewClaim.attempt_id.in_(attempt_ids),
            ReviewClaim.claimed_until > context.clock(),
            ReviewClaim.reviewer_id != person.user_id,
        )
    )
    looks = session.scalars(
        select(Job.target_id).where(Job.target_id.in_(attempt_ids), is_due(database_now(session)))
    )
    unsure = session.scalars(
        select(Attempt.id)
        .join(FaceEnrollment, FaceEnrollment.id == Attempt.enrollment_id)
        .where(Attempt.id.in_(attempt_ids), has_warning(), FaceEnrollment.approved_at.is_(None))
    )
    return _Matters(dict(incidents), dict(claims.all()), set(looks), set(unsure))
