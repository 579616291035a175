"""Verifying several attempts together: those about which nothing is open.

Each gets a decision of its own, by the same rules as one that is decided by itself.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from api.attempts.answers import attempt_answer
from api.attempts.schemas import AttemptAnswer
from api.context import Context
from api.enrollments.approval import has_warning
from api.field_types import NONE_SEEN
from api.principal import Person
from api.problems import NotToReview, ReviewClaimed
from api.reviews.schemas import NewReview
from api.reviews.service import add_review
from models.attempt import Attempt
from models.database import database_now
from models.enrollment import FaceEnrollment
from models.incident import WAITING_FOR_REVIEW, Incident, ReviewClaim
from models.job import Job, is_due
from models.review import Review
from models.statuses import (
    AttemptState,
    EnrollmentState,
    FaceCheck,
    IncidentReviewState,
    JobState,
    Verdict,
)
from models.user import User

_NOBODY_DECIDED = (AttemptState.SUBMITTED, AttemptState.EXPIRED)
"""Who was asked is decided about by itself, with the answer read."""

_IN_ORDER = (Verdict.MATCH, Verdict.PRESENT)


@dataclass(frozen=True)
class OpenMatter:
    """Why an attempt is not verified with others."""

    words: str
    """Without a full stop."""
    next_step: str = "Decide about it by itself."


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
    open_matter: OpenMatter | None
    """None where nothing is open."""

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
    looks: dict[str, str]
    """Whether the look for incidents is to be `awaited` or was `given up`."""
    faces: dict[str, str]
    """Whether the enrolled face is `withdrawn` or like somebody else's and `unsure`."""


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

    What this person has verified already, by a form that was sent twice, stays as it is.

    Raises
    ------
    NotToReview
        Something is open about it, or not as it was seen.
    """
    if _has_verified(session, person, attempt):
        return
    answer = attempt_answer(session, context, person, attempt)
    found = findings_of(session, context, person, [answer])[attempt.id]
    if found.open_matter:
        raise NotToReview(f"{found.open_matter.words}.", next_step=found.open_matter.next_step)
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


def _has_verified(session: Session, person: Person, attempt: Attempt) -> bool:
    if attempt.state != AttemptState.VERIFIED:
        return False
    newest = session.scalars(
        select(Review).where(Review.attempt_id == attempt.id).order_by(Review.id.desc()).limit(1)
    ).one_or_none()
    return newest is not None and newest.reviewer_id == person.user_id


_NOTHING_LEFT = "Nothing is left to do about it."
_IN_WORK = "Wait a moment, then load the list again."
_AWAITED, _GIVEN_UP = "awaited", "given up"
_WITHDRAWN, _UNSURE = "withdrawn", "unsure"


def _open_matter(
    person: Person, attempt: AttemptAnswer, incidents: dict[str, int], matters: _Matters
) -> OpenMatter | None:
    """Return the first thing that is open, the plainest first."""
    counts = attempt.counts
    in_order = sum(counts.by_verdict.get(verdict, 0) for verdict in _IN_ORDER)
    has_camera = attempt.face_check is not FaceCheck.PERSON
    claimed_by = matters.claimed_by.get(attempt.id)
    look, face = matters.looks.get(attempt.id), matters.faces.get(attempt.id)
    found = (
        (attempt.state == AttemptState.SECOND_REVIEW_REQUIRED, OpenMatter("The student was asked")),
        (
            attempt.state not in _NOBODY_DECIDED,
            OpenMatter("Nothing is to be decided any more", _NOTHING_LEFT),
        ),
        (
            person.subject_id == attempt.subject_id,
            OpenMatter(
                "This is you, and nobody decides about themselves", "Somebody else has to decide."
            ),
        ),
        (
            bool(claimed_by),
            OpenMatter(f"{claimed_by} reviews it just now", ReviewClaimed.next_step),
        ),
        (
            any(incidents.get(state) for state in WAITING_FOR_REVIEW),
            OpenMatter("An incident waits for a person", "Look at it, then decide by itself."),
        ),
        (
            bool(incidents.get(IncidentReviewState.CONFIRMED)),
            OpenMatter("An incident was confirmed"),
        ),
        (
            counts.frames > counts.verified,
            OpenMatter("Pictures wait for the server", _IN_WORK),
        ),
        (look == _AWAITED, OpenMatter("The server looks through it just now", _IN_WORK)),
        (
            look == _GIVEN_UP,
            OpenMatter(
                "Its incidents could not be computed",
                "Tell whoever runs the service, or read it whole and decide by itself.",
            ),
        ),
        (has_camera and not counts.frames, OpenMatter("No picture was checked")),
        (
            has_camera and 2 * in_order < counts.verified,
            OpenMatter("Less than half of the checks match"),
        ),
        (
            face == _WITHDRAWN,
            OpenMatter("The pictures it was compared with were withdrawn"),
        ),
        (face == _UNSURE, OpenMatter("The enrolled face is like somebody else's")),
    )
    return next((matter for is_so, matter in found if is_so), None)


def _matters(
    session: Session, context: Context, person: Person, attempt_ids: Sequence[str]
) -> _Matters:
    incidents: dict[str, dict[str, int]] = defaultdict(dict)
    counted = session.execute(
        select(Incident.attempt_id, Incident.review_state, func.count())
        .where(
            Incident.attempt_id.in_(attempt_ids),
            # What somebody confirmed is not forgotten because a new policy finds it no more.
            or_(
                Incident.withdrawn_at.is_(None),
                Incident.review_state == IncidentReviewState.CONFIRMED,
            ),
        )
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
    # One whose newest try failed is as open as one that is due, though it waits or was given up.
    has_failed = Job.last_error.is_not(None)
    looks = session.execute(
        select(Job.target_id, Job.state).where(
            Job.target_id.in_(attempt_ids), or_(is_due(database_now(session)), has_failed)
        )
    )
    faces = session.execute(
        select(Attempt.id, FaceEnrollment.state)
        .join(FaceEnrollment, FaceEnrollment.id == Attempt.enrollment_id)
        .where(
            Attempt.id.in_(attempt_ids),
            or_(
                FaceEnrollment.state == EnrollmentState.WITHDRAWN,
                and_(has_warning(), FaceEnrollment.approved_at.is_(None)),
            ),
        )
    )
    return _Matters(
        incidents=dict(incidents),
        claimed_by=dict(claims.all()),
        looks={one: _GIVEN_UP if state == JobState.DONE else _AWAITED for one, state in looks},
        faces={
            one: _WITHDRAWN if state == EnrollmentState.WITHDRAWN else _UNSURE
            for one, state in faces
        },
    )
