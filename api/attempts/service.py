"""Opening attempts and listing them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.attempts.exam_window import check_window
from api.attempts.schemas import NewAttempt
from api.authorization import Action, authorize, load, visible_to
from api.context import Context
from api.paging import Page, newest_first
from api.practice import practice_exam
from api.principal import Person, Principal
from api.problems import AttemptClosed, NotAllowed, NotFound
from models.attempt import Attempt
from models.attempt_states import make_ready_if_possible, match_policy, record_creation
from models.base import new_id
from models.exam import Exam
from models.statuses import OPEN_STATES, AttemptState
from models.subject import Subject

DEFAULT_DURATION_SECONDS = 3 * 3600
"""Of an attempt whose opener named neither an exam nor a duration."""


def open_attempt_for_exam(
    session: Session, context: Context, person: Person, exam: Exam
) -> tuple[Attempt, bool]:
    """Return the student's open attempt of the exam and whether it is new.

    Call it in a write transaction: of two requests at once, one makes it, the other finds it.

    Raises
    ------
    ExamNotOpen
        Outside its window.
    AttemptClosed
        The student has sat this exam already; a new attempt would be a new time limit.
    """
    if person.subject_id is None:
        raise NotAllowed("Only students sit exams.")
    subject = _locked_subject(session, person.subject_id)
    existing = _open_attempt(session, subject.id, exam)
    if existing is not None:
        return existing, False
    now = context.clock()
    check_window(exam, now)
    if not exam.is_practice and _has_sat(session, subject.id, exam.id):
        raise AttemptClosed(
            "You have already sat this exam.",
            next_step="If you need another sitting, ask whoever runs the exam.",
        )
    attempt = _new_attempt(context, subject.id, now, exam=exam, wanted=None)
    _add(session, attempt, actor=person.actor, reason="Joined the exam.")
    return attempt, True


def open_attempt_for_system(
    session: Session, context: Context, system: Principal, wanted: NewAttempt
) -> tuple[Attempt, bool]:
    """Return a new attempt of a subject, or the open one it has of the same exam.

    Raises
    ------
    NotFound
        The subject or the exam is none of this system's.
    ExamNotOpen
        Outside the exam's window.
    """
    authorize(system, Action.CREATE, Attempt)
    subject = _locked_subject(session, load_own_subject(session, system, wanted.subject_id).id)
    exam = _exam_to_join(session, system, wanted.exam_id)
    now = context.clock()
    if exam is not None:
        existing = _open_attempt(session, subject.id, exam)
        if existing is not None:
            return existing, False
        check_window(exam, now)
    attempt = _new_attempt(context, subject.id, now, exam=exam, wanted=wanted)
    _add(session, attempt, actor=system.actor, reason="Opened by another system.")
    return attempt, True


def open_practice_attempt(
    session: Session, context: Context, person: Person
) -> tuple[Attempt, bool]:
    """Return the student's open attempt of the practice exam and whether it is new.

    Raises
    ------
    NotFound
        This house has no practice exam yet, and nobody who could have set one up.
    """
    return open_attempt_for_exam(session, context, person, practice_exam(session, context))


def load_own_subject(session: Session, system: Principal, subject_id: str) -> Subject:
    """Return a subject the principal owns and has not erased.

    Raises
    ------
    NotFound
        There is none.
    """
    subject = load(session, system, Action.CHANGE, Subject, subject_id)
    if subject.erased_at is not None:
        raise NotFound("The subject was erased.")
    return subject


def list_attempts(
    session: Session,
    principal: Principal,
    page: Page,
    *,
    state: AttemptState | None = None,
    exam_id: str | None = None,
    subject_id: str | None = None,
    is_practice: bool | None = None,
    where: ColumnElement[bool] | None = None,
) -> tuple[list[Attempt], str | None]:
    """Return the principal's attempts (an admin's: all), newest first, and the next cursor."""
    authorize(principal, Action.LIST, Attempt)
    wanted: dict[Any, str | bool | None] = {
        Attempt.state: state,
        Attempt.exam_id: exam_id,
        Attempt.subject_id: subject_id,
        Attempt.is_practice: is_practice,
    }
    statement = visible_to(principal, select(Attempt), Attempt).where(
        *(column == value for column, value in wanted.items() if value is not None)
    )
    if where is not None:
        statement = statement.where(where)
    return newest_first(session, statement, Attempt.id, page)


def _locked_subject(session: Session, subject_id: str) -> Subject:
    """Return the subject locked, so that its attempts are opened one after the other."""
    return session.scalars(select(Subject).where(Subject.id == subject_id).with_for_update()).one()


def _open_attempt(session: Session, subject_id: str, exam: Exam) -> Attempt | None:
    return session.scalars(
        select(Attempt)
        .where(
            Attempt.subject_id == subject_id,
            Attempt.exam_id == exam.id,
            # What was opened for practice stays practice, whatever the exam has become.
            Attempt.is_practice.is_(exam.is_practice),
            Attempt.state.in_(OPEN_STATES),
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    ).one_or_none()


def _has_sat(session: Session, subject_id: str, exam_id: str) -> bool:
    sat = select(Attempt.id).where(
        Attempt.subject_id == subject_id,
        Attempt.exam_id == exam_id,
        Attempt.is_practice.is_(False),
        Attempt.state.not_in({*OPEN_STATES, AttemptState.DECLINED}),
    )
    return session.scalars(sat.limit(1)).one_or_none() is not None


def _exam_to_join(session: Session, system: Principal, exam_id: str | None) -> Exam | None:
    return None if exam_id is None else load(session, system, Action.JOIN, Exam, exam_id)


def _new_attempt(
    context: Context,
    subject_id: str,
    now: datetime,
    *,
    exam: Exam | None,
    wanted: NewAttempt | None,
) -> Attempt:
    settings = context.settings
    duration = exam.duration_seconds if exam else DEFAULT_DURATION_SECONDS
    interval = exam.frame_interval_seconds if exam else settings.frame_interval_seconds
    if wanted is not None:
        duration = wanted.duration_seconds or duration
        interval = wanted.frame_interval_seconds or interval
    return Attempt(
        id=new_id("att"),
        subject_id=subject_id,
        exam_id=exam.id if exam else None,
        label=wanted.label if wanted else None,
        state=AttemptState.CREATED,
        is_practice=exam.is_practice if exam else False,
        # What a student opens, a student starts: the server has to have seen the right person.
        needs_verified_frame=wanted is None or wanted.needs_verified_frame,
        allowances={},
        policy=match_policy(settings, exam.policy if exam else None),
        duration_seconds=duration,
        frame_interval_seconds=interval,
        created_at=now,
    )


def _add(session: Session, attempt: Attempt, *, actor: str, reason: str) -> None:
    record_creation(session, attempt, actor=actor, reason=reason)
    make_ready_if_possible(session, attempt, attempt.created_at)
