"""Rules of reviews. Nothing here commits.

A machine may flag; only a named person decides, and rejects only after the student was asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.field_types import NONE_SEEN
from api.incidents.claims import check_not_claimed
from api.principal import Person
from api.problems import InvalidRequest, NotToReview, ReplyPending
from api.reviews.outcome import can_reply, reply_answers
from api.reviews.schemas import (
    NewReply,
    NewReview,
    ReviewAnswer,
    ReviewsAnswer,
)
from models.alerts import queue_attempt_event
from models.attempt import Attempt
from models.attempt_states import move
from models.base import new_id
from models.exam import Exam
from models.review import Review, StudentReply
from models.statuses import AlertEvent, AttemptState, ReviewDecision
from models.subject import Subject
from models.user import User

_TARGETS = {
    ReviewDecision.VERIFIED: AttemptState.VERIFIED,
    ReviewDecision.QUESTIONED: AttemptState.SECOND_REVIEW_REQUIRED,
    ReviewDecision.REJECTED: AttemptState.REJECTED,
}

_DECIDABLE = {
    AttemptState.SUBMITTED: {ReviewDecision.VERIFIED, ReviewDecision.QUESTIONED},
    AttemptState.EXPIRED: {ReviewDecision.VERIFIED, ReviewDecision.QUESTIONED},
    AttemptState.SECOND_REVIEW_REQUIRED: {
        ReviewDecision.VERIFIED,
        ReviewDecision.QUESTIONED,
        ReviewDecision.REJECTED,
    },
}
"""What can be decided in which state. Who was asked may be asked again, with new time to answer."""

REPLIES_MAX = 20
"""To one question. Somebody with more to say is heard in person."""


def add_review(
    session: Session,
    context: Context,
    person: Person,
    attempt: Attempt,
    wanted: NewReview,
    request_id: str,
) -> Review:
    """Record a named person's decision on a locked attempt, and move it.

    The same question sent twice is one, as long as the student can answer it.

    Raises
    ------
    ReviewClaimed
        Somebody else reviews it just now.
    NotToReview
        Somebody decided, or the student replied, unseen by who decides; the attempt is not in a
        state for this decision, is only for practice, nobody is left who could be asked, or its
        exam wants a second person to reject it.
    ReplyPending
        It would be rejected while the student can still answer and has not.
    InvalidRequest
        Reasons or a message are missing where the student needs them.
    """
    check_not_claimed(session, context, person, attempt)
    now = context.clock()
    earlier = _newest_review(session, attempt.id)
    is_sent_twice = earlier is not None and _is_same_question(earlier, person, wanted, now)
    if not is_sent_twice:
        _check_seen(session, attempt, earlier, wanted)
    _check_decidable(attempt, wanted.decision)
    if wanted.decision is not ReviewDecision.VERIFIED:
        _check_explained(wanted)
        _check_can_be_asked(session, attempt)
    if wanted.decision is ReviewDecision.REJECTED:
        _check_was_asked(session, context, attempt)
        _check_second_person(session, person, attempt)
    if earlier is not None and is_sent_twice:
        return earlier
    is_asked = wanted.decision is ReviewDecision.QUESTIONED
    review = Review(
        id=new_id("rev"),
        attempt_id=attempt.id,
        reviewer_id=person.user_id,
        decision=wanted.decision,
        reason_codes=[code.value for code in wanted.reason_codes],
        note=wanted.note,
        message=wanted.message,
        reply_until=now + timedelta(days=context.settings.reply_days) if is_asked else None,
        created_at=now,
    )
    session.add(review)
    target = _TARGETS[wanted.decision]
    if attempt.state != target:
        reason = f"Decided by a person: {wanted.decision}."
        move(session, attempt, target, actor=person.actor, reason=reason, now=now)
    detail = {"decision": wanted.decision.value, "review_id": review.id}
    queue_attempt_event(
        session, attempt, AlertEvent.ATTEMPT_REVIEWED, now=now, detail={"decision": wanted.decision}
    )
    audit.record(session, context, person, "attempt.reviewed", attempt.id, request_id, detail)
    session.flush()
    return review


def _is_same_question(earlier: Review, person: Person, wanted: NewReview, now: datetime) -> bool:
    if earlier.reply_until is None or earlier.reply_until <= now:
        return False
    asked = (earlier.reviewer_id, earlier.decision, earlier.reason_codes)
    asks = (person.user_id, wanted.decision, [code.value for code in wanted.reason_codes])
    words = (earlier.message, earlier.note) == (wanted.message, wanted.note)
    return wanted.decision is ReviewDecision.QUESTIONED and asked == asks and words


def add_reply(
    session: Session, context: Context, attempt: Attempt, wanted: NewReply
) -> StudentReply:
    """Record what the student answers to the newest question about a locked attempt.

    The same words sent twice are one reply.

    Raises
    ------
    NotToReview
        Nobody asked, the time to answer is over, or there are replies enough.
    """
    now = context.clock()
    review = _newest_review(session, attempt.id)
    if review is None or not can_reply(attempt, review, now):
        raise NotToReview(
            "There is nothing to answer any more.", next_step="Ask whoever runs the exam."
        )
    earlier = _replies_to(session, review.id)
    for reply in earlier:
        if reply.text == wanted.text:
            return reply
    if len(earlier) >= REPLIES_MAX:
        raise NotToReview(
            "You have answered often enough; all of it will be read.",
            next_step="Ask whoever runs the exam.",
        )
    reply = StudentReply(
        id=new_id("rep"),
        attempt_id=attempt.id,
        review_id=review.id,
        text=wanted.text,
        created_at=now,
    )
    session.add(reply)
    session.flush()
    return reply


def reviews_answer(session: Session, attempt_id: str) -> ReviewsAnswer:
    """Return every decision on an attempt with who made it, and the student's replies."""
    rows = session.execute(
        select(Review, User.display_name)
        .join(User, User.id == Review.reviewer_id)
        .where(Review.attempt_id == attempt_id)
        .order_by(Review.id)
    )
    replies = session.scalars(
        select(StudentReply).where(StudentReply.attempt_id == attempt_id).order_by(StudentReply.id)
    )
    return ReviewsAnswer(
        items=[_review_answer(review, name) for review, name in rows],
        replies=reply_answers(replies),
    )


def decidable(attempt: Attempt) -> set[ReviewDecision]:
    """Return what a person can decide about the attempt now."""
    return set() if attempt.is_practice else _DECIDABLE.get(AttemptState(attempt.state), set())


def _check_seen(
    session: Session, attempt: Attempt, newest: Review | None, wanted: NewReview
) -> None:
    """Return when what is decided takes account of all that was decided and replied before."""
    if wanted.seen_review_id not in {None, newest.id if newest else NONE_SEEN}:
        raise NotToReview(
            "There is a decision about this attempt that you had not seen.",
            next_step="Read that decision, then decide again if you still want to.",
        )
    if wanted.seen_reply_id is None:
        return
    newest_reply = session.scalar(
        select(func.max(StudentReply.id)).where(StudentReply.attempt_id == attempt.id)
    )
    if wanted.seen_reply_id != (newest_reply or NONE_SEEN):
        raise NotToReview(
            "The student replied something that you had not seen.",
            next_step="Read the reply, then decide again if you still want to.",
        )


def _check_decidable(attempt: Attempt, decision: ReviewDecision) -> None:
    if attempt.is_practice:
        raise NotToReview("Practice is not reviewed.", next_step="Leave it as it is.")
    if decision in decidable(attempt):
        return
    if decision is ReviewDecision.REJECTED:
        raise _not_asked()
    raise NotToReview(f"The attempt is {attempt.state}.")


def _check_explained(wanted: NewReview) -> None:
    if not wanted.reason_codes:
        raise InvalidRequest.at("reason_codes", "must name at least one reason")
    if not wanted.message:
        raise InvalidRequest.at("message", "must tell the student what it is about")


def _check_can_be_asked(session: Session, attempt: Attempt) -> None:
    if session.get_one(Subject, attempt.subject_id).erased_at is not None:
        raise NotToReview(
            "The student was erased and cannot answer any more.",
            next_step="Verify the attempt, or leave it as it is.",
        )


def _check_was_asked(session: Session, context: Context, attempt: Attempt) -> None:
    review = _newest_review(session, attempt.id)
    if review is None or review.decision != ReviewDecision.QUESTIONED:
        raise _not_asked()
    if can_reply(attempt, review, context.clock()) and not _replies_to(session, review.id):
        raise ReplyPending


def _check_second_person(session: Session, person: Person, attempt: Attempt) -> None:
    exam = session.get(Exam, attempt.exam_id) if attempt.exam_id else None
    review = _newest_review(session, attempt.id)
    if exam is None or not exam.rejection_needs_two or review is None:
        return
    if review.reviewer_id == person.user_id:
        raise NotToReview(
            "In this exam two people have to agree before an attempt is rejected.",
            next_step="Ask somebody else to decide: you questioned the student yourself.",
        )


def _not_asked() -> NotToReview:
    return NotToReview(
        "Nothing is rejected before the student was asked.",
        next_step="Question the student first.",
    )


def _replies_to(session: Session, review_id: str) -> Sequence[StudentReply]:
    return session.scalars(select(StudentReply).where(StudentReply.review_id == review_id)).all()


def _newest_review(session: Session, attempt_id: str) -> Review | None:
    return session.scalars(
        select(Review).where(Review.attempt_id == attempt_id).order_by(Review.id.desc()).limit(1)
    ).one_or_none()


def _review_answer(review: Review, reviewer_name: str) -> ReviewAnswer:
    names = ReviewAnswer.model_fields.keys() - {"reviewer_name"}
    columns = {name: getattr(review, name) for name in names}
    return ReviewAnswer(**columns, reviewer_name=reviewer_name)
