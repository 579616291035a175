"""What was decided about attempts, for any number of them with the same number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.reviews.reasons import SENTENCES, ReviewReason
from api.reviews.schemas import Outcome, PlainReason, ReplyAnswer
from models.attempt import Attempt
from models.review import Review, StudentReply
from models.statuses import AttemptState, ReviewDecision

_REVIEWED = (
    AttemptState.SECOND_REVIEW_REQUIRED,
    AttemptState.VERIFIED,
    AttemptState.REJECTED,
)


def outcomes(session: Session, attempts: Sequence[Attempt], now: datetime) -> dict[str, Outcome]:
    """Return the newest decision on each attempt that has one, by attempt id."""
    reviewed = {attempt.id: attempt for attempt in attempts if attempt.state in _REVIEWED}
    if not reviewed:
        return {}
    newest: dict[str, Review] = {}
    in_order = select(Review).where(Review.attempt_id.in_(reviewed)).order_by(Review.id)
    for review in session.scalars(in_order):
        newest[review.attempt_id] = review
    replies: dict[str, list[StudentReply]] = defaultdict(list)
    in_order_too = (
        select(StudentReply).where(StudentReply.attempt_id.in_(reviewed)).order_by(StudentReply.id)
    )
    for reply in session.scalars(in_order_too):
        replies[reply.attempt_id].append(reply)
    return {
        attempt_id: _outcome(review, replies[attempt_id], reviewed[attempt_id], now)
        for attempt_id, review in newest.items()
    }


def can_reply(attempt: Attempt, review: Review, now: datetime) -> bool:
    """Tell whether the student can still answer."""
    is_asked = (
        attempt.state == AttemptState.SECOND_REVIEW_REQUIRED
        and review.decision == ReviewDecision.QUESTIONED
    )
    return is_asked and review.reply_until is not None and now < review.reply_until


def reply_answers(replies: Iterable[StudentReply]) -> list[ReplyAnswer]:
    """Return replies as callers see them."""
    return [
        ReplyAnswer(id=reply.id, text=reply.text, created_at=reply.created_at) for reply in replies
    ]


def _outcome(
    review: Review, replies: Sequence[StudentReply], attempt: Attempt, now: datetime
) -> Outcome:
    return Outcome(
        decision=ReviewDecision(review.decision),
        reasons=[
            PlainReason(code=code, message=SENTENCES[ReviewReason(code)])
            for code in review.reason_codes
        ],
        message=review.message,
        decided_at=review.created_at,
        reply_until=review.reply_until,
        can_reply=can_reply(attempt, review, now),
        replies=reply_answers(replies),
    )
