"""How an attempt moves from state to state: the one way to change `Attempt.state`.

The web process and the workers use the same functions. Nothing here commits; callers pass the
server's clock as `now`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.alerts import queue_attempt_event
from models.attempt import Attempt, AttemptTransition
from models.attempt_readiness import (
    accepted_enrollment_id,
    exams_with_approval,
    missing_of_attempts,
)
from models.base import new_id
from models.enrollment import FaceEnrollment
from models.exam import Exam
from models.granted import Granted, granted_to
from models.job import arm
from models.scoring import score_attempt
from models.settings import Settings
from models.statuses import (
    AlertEvent,
    AttemptState,
    EnrollmentState,
    FaceCheck,
    JobKind,
    is_legal_move,
)

SYSTEM_ACTOR = "system"
"""Who moved an attempt when no person and no other system did."""

SUBMIT_GRACE = timedelta(seconds=30)
"""How long after the deadline handing in still counts: the page's own submit at zero has to
travel. No frame is taken in this time."""

NOT_STARTED = (AttemptState.CREATED, AttemptState.READY)
"""States in which what was granted still changes what an attempt needs."""

_HANDED_IN = (AttemptState.SUBMITTED, AttemptState.EXPIRED)
"""States in which nothing more is answered: what was saved is scored."""

EXPIRE_BATCH = 200
"""Attempts that one call of `expire_overdue` moves at most, so that its locks stay short."""


class IllegalMove(Exception):
    """The attempt may not go from its state to the wanted one."""


def locked_attempt(session: Session, attempt_id: str) -> Attempt | None:
    """Return the attempt as it is now, locked until the caller's transaction ends.

    SQLite knows no row locks; its writers take turns from their first statement on.
    """
    return session.scalars(
        select(Attempt)
        .where(Attempt.id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def held_exam(session: Session, attempt: Attempt) -> Exam | None:
    """Return the attempt's exam, if any; nobody mends its questions until the transaction ends.

    Many attempts hold one exam at once. Whoever mends takes it for itself alone.
    """
    if attempt.exam_id is None:
        return None
    return session.get(Exam, attempt.exam_id, with_for_update={"read": True})


def match_policy(settings: Settings, exam_policy: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the thresholds a new attempt freezes: the exam's own, else the settings'."""
    exam_policy = exam_policy or {}
    return {
        "match_threshold": exam_policy.get("match_threshold", settings.match_threshold),
        "mismatch_threshold": exam_policy.get("mismatch_threshold", settings.mismatch_threshold),
    }


def record_creation(session: Session, attempt: Attempt, *, actor: str, reason: str) -> None:
    """Write the first entry of a new attempt's record."""
    session.add(attempt)
    session.flush()
    _record(session, attempt, None, actor=actor, reason=reason, now=attempt.created_at)


def move(
    session: Session,
    attempt: Attempt,
    target: AttemptState,
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Put a locked attempt into `target`, set that state's moment and append the transition.

    Raises
    ------
    IllegalMove
        The table of legal moves does not know this one.
    """
    current = AttemptState(attempt.state)
    if not is_legal_move(current, target):
        message = f"attempt {attempt.id} cannot go from {current} to {target}"
        raise IllegalMove(message)
    attempt.state = target
    if target is AttemptState.READY:
        attempt.ready_at = now
    elif target is AttemptState.STARTED:
        _let_the_clock_run(session, attempt, now)
    elif target is AttemptState.SUBMITTED:
        attempt.submitted_at = now
    elif target is AttemptState.ERROR and attempt.deadline_at is not None:
        left = attempt.deadline_at - now
        attempt.remaining_seconds = max(0, round(left.total_seconds()))
    if target in _HANDED_IN:
        held_exam(session, attempt)
        score_attempt(session, attempt)
    _record(session, attempt, current, actor=actor, reason=reason, now=now)
    _tell_others(session, attempt, {current, target}, now)


def _tell_others(
    session: Session, attempt: Attempt, states: Collection[AttemptState], now: datetime
) -> None:
    """Let those know who follow from an attempt's state: the one it left and the new one.

    Of practice nobody hears.
    """
    if attempt.is_practice:
        return
    if AttemptState.STARTED in states:
        # What lasts is counted while the clock runs: from here on, or until here.
        arm(session, JobKind.FIND_INCIDENTS, attempt.id, now=now)
    if attempt.state == AttemptState.SUBMITTED:
        queue_attempt_event(session, attempt, AlertEvent.ATTEMPT_SUBMITTED, now=now)


def make_ready_if_possible(session: Session, attempt: Attempt, now: datetime) -> bool:
    """Move a locked `created` attempt to `ready` when nothing is missing; tell whether it moved.

    The enrollment accepted when it starts is the one every frame is compared against.
    """
    if attempt.state not in NOT_STARTED:
        return False
    refresh_allowances(session, attempt, now)
    if attempt.state == AttemptState.READY:
        _take_newest_enrollment(session, attempt)
        _wait_for_a_face(session, attempt, now)
        return False
    if missing_of_attempts(session, [attempt])[attempt.id]:
        return False
    _take_newest_enrollment(session, attempt)
    move(
        session,
        attempt,
        AttemptState.READY,
        actor=SYSTEM_ACTOR,
        reason="Everything it needs is there.",
        now=now,
    )
    return True


def _take_newest_enrollment(session: Session, attempt: Attempt) -> None:
    """Compare an attempt that has not started with the newest face that serves for it.

    Somebody whom the check does not recognise takes new pictures, and goes on.
    """
    if Granted.from_dict(attempt.allowances).face_check is not FaceCheck.MATCH:
        return
    approved = bool(exams_with_approval(session, [attempt.exam_id]))
    newest = accepted_enrollment_id(session, attempt.subject_id, approved=approved)
    attempt.enrollment_id = newest or attempt.enrollment_id


def _wait_for_a_face(session: Session, attempt: Attempt, now: datetime) -> None:
    """Take back that an attempt is ready when the face it would compare with serves no more."""
    if attempt.enrollment_id is None:
        return
    enrollment = session.get_one(FaceEnrollment, attempt.enrollment_id)
    if enrollment.state == EnrollmentState.WITHDRAWN:
        attempt.enrollment_id = None
        reason = "New pictures are asked for."
    elif enrollment.approved_at is None and exams_with_approval(session, [attempt.exam_id]):
        reason = "The exam asks for an approved face now."
    else:
        return
    move(session, attempt, AttemptState.CREATED, actor=SYSTEM_ACTOR, reason=reason, now=now)


def refresh_allowances(session: Session, attempt: Attempt, now: datetime) -> None:
    """Apply what the subject is granted now to an attempt that has not started.

    One that was ready for another kind of check has to become ready for the new one.
    """
    granted = granted_to(session, attempt.subject_id, attempt.exam_id)
    before = Granted.from_dict(attempt.allowances)
    if granted == before:
        return
    attempt.allowances = granted.as_dict()
    if attempt.state == AttemptState.READY and granted.face_check is not before.face_check:
        attempt.enrollment_id = None
        reason = "What was granted has changed."
        move(session, attempt, AttemptState.CREATED, actor=SYSTEM_ACTOR, reason=reason, now=now)


def make_attempts_ready(session: Session, subject_id: str, now: datetime) -> int:
    """Move every `created` attempt of the subject that can be to `ready`; return how many.

    Whoever accepts, approves or withdraws an enrollment, records a consent or grants something
    calls this in the same transaction.
    """
    waiting = session.scalars(
        select(Attempt)
        .where(Attempt.subject_id == subject_id, Attempt.state.in_(NOT_STARTED))
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return sum(make_ready_if_possible(session, attempt, now) for attempt in waiting)


def expire_overdue(session: Session, now: datetime) -> int:
    """Move attempts whose time has run out to `expired`; return how many.

    Started ones expire when the grace after their deadline is over; those whose clock does not
    run, when their exam's window has closed.
    """
    overdue = session.scalars(
        _for_sweep(
            (Attempt.state == AttemptState.STARTED) & (Attempt.deadline_at <= now - SUBMIT_GRACE)
        )
    ).all()
    waiting = session.scalars(
        _for_sweep(
            Attempt.state.in_((*NOT_STARTED, AttemptState.ERROR))
            & Attempt.exam_id.in_(select(Exam.id).where(Exam.closes_at <= now))
        )
    ).all()
    for attempt in overdue:
        _expire(session, attempt, "Its time ran out before it was handed in.", now)
    for attempt in waiting:
        what = "went on" if attempt.started_at else "was started"
        _expire(session, attempt, f"The exam closed before it {what}.", now)
    return len(overdue) + len(waiting)


def _for_sweep(condition: Any) -> Any:
    return (
        select(Attempt)
        .where(condition)
        .order_by(Attempt.id)
        .limit(EXPIRE_BATCH)
        # A row somebody works on now is left to the next sweep.
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _expire(session: Session, attempt: Attempt, reason: str, now: datetime) -> None:
    move(session, attempt, AttemptState.EXPIRED, actor=SYSTEM_ACTOR, reason=reason, now=now)


def _let_the_clock_run(session: Session, attempt: Attempt, now: datetime) -> None:
    """Set the deadline: of a first start by the time limit, of a resumed one by what was left."""
    if attempt.remaining_seconds is not None:
        seconds = attempt.remaining_seconds
        attempt.remaining_seconds = None
    else:
        granted = Granted.from_dict(attempt.allowances)
        seconds = granted.duration_seconds(attempt.duration_seconds)
    attempt.started_at = attempt.started_at or now
    deadline = now + timedelta(seconds=seconds)
    exam = session.get(Exam, attempt.exam_id) if attempt.exam_id else None
    closes_at = exam.closes_at if exam else None
    attempt.deadline_at = min(deadline, closes_at) if closes_at else deadline


def _record(
    session: Session,
    attempt: Attempt,
    from_state: AttemptState | None,
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        AttemptTransition(
            id=new_id("trn"),
            attempt_id=attempt.id,
            from_state=from_state,
            to_state=attempt.state,
            actor=actor,
            reason=reason,
            at=now,
        )
    )
