"""Who reviews an attempt: one at a time, and nobody for ever."""

from datetime import timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from api.context import Context
from api.incidents.schemas import ReviewClaimAnswer
from api.principal import Person
from api.problems import ReviewClaimed
from models.attempt import Attempt
from models.incident import ReviewClaim
from models.user import User

CLAIM_LASTS = timedelta(minutes=5)
"""Without another sign of the reviewer, the attempt is free again."""


def claim_attempt(
    session: Session, context: Context, person: Person, attempt: Attempt
) -> ReviewClaim:
    """Claim a locked attempt for a reviewer, or go on with their claim.

    Raises
    ------
    ReviewClaimed
        Somebody else reviews it just now.
    """
    now = context.clock()
    claim = session.get(ReviewClaim, attempt.id, with_for_update=True, populate_existing=True)
    if claim is None:
        claim = ReviewClaim(attempt_id=attempt.id)
        session.add(claim)
    elif claim.reviewer_id != person.user_id and claim.claimed_until > now:
        raise _claimed_by(session.get_one(User, claim.reviewer_id).display_name)
    claim.reviewer_id = person.user_id
    claim.claimed_until = now + CLAIM_LASTS
    session.flush()
    return claim


def check_not_claimed(session: Session, context: Context, person: Person, attempt: Attempt) -> None:
    """Return when nobody else reviews a locked attempt.

    Raises
    ------
    ReviewClaimed
        Somebody does.
    """
    claim = claim_of(session, context, attempt.id)
    if claim is not None and claim.reviewer_id != person.user_id:
        raise _claimed_by(claim.reviewer_name)


def free_attempt(session: Session, person: Person, attempt: Attempt) -> None:
    """End the reviewer's own claim, if there is one."""
    claim = session.get(ReviewClaim, attempt.id, with_for_update=True, populate_existing=True)
    if claim is not None and claim.reviewer_id == person.user_id:
        session.delete(claim)


def claim_of(session: Session, context: Context, attempt_id: str) -> ReviewClaimAnswer | None:
    """Return who reviews the attempt just now; None if nobody does."""
    row: Row[ReviewClaim, str] | None = session.execute(
        select(ReviewClaim, User.display_name)
        .join(User, User.id == ReviewClaim.reviewer_id)
        .where(ReviewClaim.attempt_id == attempt_id, ReviewClaim.claimed_until > context.clock())
    ).one_or_none()
    if row is None:
        return None
    claim, name = row
    return ReviewClaimAnswer(
        attempt_id=claim.attempt_id,
        reviewer_id=claim.reviewer_id,
        reviewer_name=name,
        claimed_until=claim.claimed_until,
    )


def _claimed_by(name: str) -> ReviewClaimed:
    return ReviewClaimed(f"{name} reviews this attempt just now.")
