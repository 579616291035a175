"""Sitting an attempt: starting it, handing it in, and whether it takes frames."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api import audit
from api.attempts.answers import missing_of
from api.attempts.exam_window import check_window
from api.attempts.start_check import needs_verified_frame, verified_frames
from api.authorization import Action, load
from api.context import Context
from api.papers.drawing import draw_paper
from api.principal import Person, Principal
from api.problems import (
    AnotherAttemptRuns,
    AttemptClosed,
    AttemptNotReady,
    AttemptNotStarted,
    NotFound,
    NoVerifiedFrame,
    TakesNoFrames,
)
from models.attempt import Attempt
from models.attempt_states import (
    SUBMIT_GRACE,
    held_exam,
    locked_attempt,
    make_ready_if_possible,
    move,
)
from models.exam import Exam
from models.granted import Granted
from models.statuses import FRAME_STATES, OPEN_STATES, AttemptState, FaceCheck


def locked_own_attempt(
    session: Session, principal: Principal, action: Action, attempt_id: str
) -> Attempt:
    """Return the attempt as it is now, locked, once `authorize` has permitted `action`."""
    load(session, principal, action, Attempt, attempt_id)
    attempt = locked_attempt(session, attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def locked_to_start(
    session: Session, principal: Principal, attempt_id: str
) -> tuple[Attempt, list[Attempt]]:
    """Return the attempt and the others of its subject that are not over, all of them locked.

    All at once and in one order: of two exams that are started at the same moment the second
    then sees that the first one runs.
    """
    attempt = load(session, principal, Action.CHANGE, Attempt, attempt_id)
    is_open = or_(Attempt.id == attempt.id, Attempt.state.in_(OPEN_STATES))
    locked = session.scalars(
        select(Attempt)
        .where(Attempt.subject_id == attempt.subject_id, is_open)
        .order_by(Attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return attempt, [other for other in locked if other is not attempt]


def start_attempt(
    session: Session,
    context: Context,
    principal: Principal,
    attempt: Attempt,
    others: Sequence[Attempt],
) -> None:
    """Let the clock of a locked attempt run; one that runs already stays as it is.

    An attempt that broke off goes on with the time that was left.

    Parameters
    ----------
    others
        Every other attempt of the subject that is not over, locked as well.

    Raises
    ------
    AttemptNotReady, AttemptClosed, ExamNotOpen
        It cannot be started now.
    NoVerifiedFrame
        The server has not just recognised the subject.
    AnotherAttemptRuns
        The student sits another exam.
    """
    now = context.clock()
    make_ready_if_possible(session, attempt, now)
    if attempt.state == AttemptState.STARTED:
        return
    if attempt.state == AttemptState.CREATED:
        lacking = " and ".join(missing_of(session, attempt))
        raise AttemptNotReady(f"It cannot start yet: {lacking} missing.")
    is_resumed = attempt.state == AttemptState.ERROR and attempt.started_at is not None
    if attempt.state != AttemptState.READY and not is_resumed:
        raise AttemptClosed(f"The attempt is {attempt.state} and cannot be started.")
    exam = held_exam(session, attempt)
    if exam is not None:
        check_window(exam, now)
    _check_was_recognised(session, context, attempt)
    if attempt.needs_verified_frame:
        _leave_others(session, principal, others, now)
    if not is_resumed:
        attempt.paper = draw_paper(session, attempt)
    reason = "Went on with the time that was left." if is_resumed else "Started; the time runs."
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


def check_identity(
    session: Session, context: Context, person: Person, attempt: Attempt, request_id: str
) -> None:
    """Record that a named person saw who sits a locked attempt, where no camera does.

    Raises
    ------
    AttemptClosed
        The attempt is not waiting for it.
    """
    if attempt.identity_checked_at is not None:
        return
    check = Granted.from_dict(attempt.allowances).face_check
    if attempt.state != AttemptState.CREATED or check is not FaceCheck.PERSON:
        raise AttemptClosed(
            "The attempt does not wait for a person's check.",
            next_step="Read the attempt again: `missing` says what it waits for.",
        )
    now = context.clock()
    attempt.identity_checked_at = now
    attempt.identity_checked_by = person.user_id
    make_ready_if_possible(session, attempt, now)
    audit.record(session, context, person, "identity.checked", attempt.id, request_id)


def break_off(
    session: Session,
    context: Context,
    principal: Principal,
    attempt: Attempt,
    reason: str,
    request_id: str,
) -> None:
    """Stop a locked attempt for a technical reason; the time that is left is kept for it.

    Raises
    ------
    AttemptNotStarted, AttemptClosed
        It does not run.
    """
    if attempt.state == AttemptState.ERROR:
        return
    if attempt.state in {AttemptState.CREATED, AttemptState.READY}:
        raise AttemptNotStarted
    if attempt.state != AttemptState.STARTED:
        raise AttemptClosed(f"The attempt is {attempt.state}.")
    now = context.clock()
    move(session, attempt, AttemptState.ERROR, actor=principal.actor, reason=reason, now=now)
    # Without the reason: somebody typed it, and the chain keeps its words for ever.
    audit.record(session, context, principal, "attempt.broken_off", attempt.id, request_id)


def check_takes_frames(attempt: Attempt, now: datetime) -> None:
    """Return when the attempt takes frames at `now`.

    Raises
    ------
    AttemptNotReady, AttemptClosed
        It does not yet, or does not any more.
    """
    if Granted.from_dict(attempt.allowances).face_check is FaceCheck.PERSON:
        raise TakesNoFrames
    if attempt.state == AttemptState.CREATED:
        raise AttemptNotReady("It takes no frames before it is ready.")
    if attempt.state not in FRAME_STATES:
        raise AttemptClosed(f"The attempt is {attempt.state} and takes no frames.")
    deadline_at = attempt.deadline_at if attempt.state == AttemptState.STARTED else None
    if deadline_at is not None and now >= deadline_at:
        raise AttemptClosed("Its time has run out; it takes no frames.")


def _check_was_recognised(session: Session, context: Context, attempt: Attempt) -> None:
    if not needs_verified_frame(attempt):
        return
    within_seconds = context.settings.start_frame_seconds
    now = context.clock()
    if attempt.id not in verified_frames(session, [attempt], now, within_seconds=within_seconds):
        raise NoVerifiedFrame


def _leave_others(
    session: Session, principal: Principal, others: Sequence[Attempt], now: datetime
) -> None:
    """Let nobody sit two exams at once; practice gives way to the real thing."""
    for other in others:
        if other.state != AttemptState.STARTED:
            continue
        if other.is_practice:
            reason = "Another exam was started."
            target = AttemptState.SUBMITTED
            move(session, other, target, actor=principal.actor, reason=reason, now=now)
        elif other.deadline_at is None or now < other.deadline_at + SUBMIT_GRACE:
            exam = session.get(Exam, other.exam_id or "")
            title = exam.title if exam else other.label or other.id
            raise AnotherAttemptRuns(f"You are sitting “{title}”.")
