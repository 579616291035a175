"""Sitting an attempt: starting it, handing it in, and whether it takes frames."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.attempts.answers import missing_of
from api.attempts.exam_window import check_window
from api.authorization import Action, load
from api.context import Context
from api.principal import Principal
from api.problems import AttemptClosed, AttemptNotReady, AttemptNotStarted, NotFound
from models.attempt import Attempt
from models.attempt_states import SUBMIT_GRACE, locked_attempt, make_ready_if_possible, move
from models.exam import Exam
from models.statuses import FRAME_STATES, AttemptState


def locked_own_attempt(
    session: Session, principal: Principal, action: Action, attempt_id: str
) -> Attempt:
    """Return the attempt as it is now, locked, once `authorize` has permitted `action`."""
    load(session, principal, action, Attempt, attempt_id)
    attempt = locked_attempt(session, attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def start_attempt(
    session: Session, context: Context, principal: Principal, attempt: Attempt
) -> None:
    """Let the clock of a locked attempt run; one that runs already stays as it is.

    Raises
    ------
    AttemptNotReady, AttemptClosed, ExamNotOpen
        It cannot be started now.
    """
    now = context.clock()
    make_ready_if_possible(session, attempt, now)
    if attempt.state == AttemptState.STARTED:
        return
    if attempt.state == AttemptState.CREATED:
        lacking = " and ".join(missing_of(session, attempt))
        raise AttemptNotReady(f"It cannot start yet: {lacking} missing.")
    if attempt.state != AttemptState.READY:
        raise AttemptClosed(f"The attempt is {attempt.state} and cannot be started.")
    if attempt.exam_id is not None:
        check_window(session.get_one(Exam, attempt.exam_id), now)
    reason = "Started; the time runs."
    move(session, attempt, AttemptState.STARTED, actor=principal.actor, reason=reason, now=now)


def submit_attempt(
    session: Session, context: Context, principal: Principal, attempt: Attempt
) -> None:
    """Hand a locked attempt in; one that was handed in stays as it is.

    Raises
    ------
    AttemptNotStarted, AttemptClosed
        There is nothing to hand in, or the time and its grace are over.
    """
    now = context.clock()
    if attempt.submitted_at is not None:
        return
    if attempt.state in {AttemptState.CREATED, AttemptState.READY}:
        raise AttemptNotStarted
    if attempt.state != AttemptState.STARTED:
        raise AttemptClosed(f"The attempt is {attempt.state}; it was not handed in.")
    if attempt.deadline_at is not None and now >= attempt.deadline_at + SUBMIT_GRACE:
        raise AttemptClosed("Its time ran out before it was handed in.")
    reason = "Handed in."
    move(session, attempt, AttemptState.SUBMITTED, actor=principal.actor, reason=reason, now=now)


def check_takes_frames(attempt: Attempt, now: datetime) -> None:
    """Return when the attempt takes frames at `now`.

    Raises
    ------
    AttemptNotReady, AttemptClosed
        It does not yet, or does not any more.
    """
    if attempt.state == AttemptState.CREATED:
        raise AttemptNotReady("It takes no frames before it is ready.")
    if attempt.state not in FRAME_STATES:
        raise AttemptClosed(f"The attempt is {attempt.state} and takes no frames.")
    if attempt.deadline_at is not None and now >= attempt.deadline_at:
        raise AttemptClosed("Its time has run out; it takes no frames.")
