"""How attempts stand, for any number of them with the same number of queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session, aliased

from api.attempts.schemas import AttemptAnswer, ExamTitle, FrameCounts, LastVerification
from api.attempts.start_check import needs_verified_frame, verified_frames
from api.authorization import Action, is_allowed
from api.context import Context
from api.frames.ticket import issue_ticket
from api.principal import Principal
from api.questions.service import question_figures
from api.reviews.outcome import outcomes
from api.reviews.schemas import Outcome
from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Answer, Attempt
from models.attempt_readiness import missing_of_attempts
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.statuses import FRAME_STATES, AttemptState, FaceCheck, Verdict
from models.subject import Subject
from models.verification import Verification


@dataclass(frozen=True)
class _Figures:
    """What is known of all the attempts wanted, each by attempt id."""

    titles: dict[str, str]
    """By exam id."""
    frames: dict[str, tuple[int, int]]
    """Number of frames and highest seq."""
    verdicts: dict[str, dict[Verdict, int]]
    last: dict[str, LastVerification]
    missing: dict[str, list[str]]
    verified_frames: dict[str, datetime]
    question_counts: dict[str, int]
    """By exam id; of attempts whose paper is not drawn yet."""
    answered: dict[str, int]
    exams_that_show_points: set[str]
    outcomes: dict[str, Outcome]


def attempt_answer(
    session: Session, context: Context, principal: Principal, attempt: Attempt
) -> AttemptAnswer:
    """Return one attempt as `principal` may see it."""
    return attempt_answers(session, context, principal, [attempt])[0]


def attempt_answers(
    session: Session, context: Context, principal: Principal, attempts: Sequence[Attempt]
) -> list[AttemptAnswer]:
    """Return the attempts in their order as `principal` may see them."""
    session.flush()
    figures = _figures(session, context, attempts)
    _load_subjects(session, attempts)
    return [_answer(context, principal, attempt, figures) for attempt in attempts]


def last_verification(session: Session, attempt_id: str) -> LastVerification | None:
    """Return the newest verdict of one attempt, for the price of one statement."""
    row = session.execute(_LAST_OF_ONE, {"attempt_id": attempt_id}).one_or_none()
    return _last_verification(row) if row else None


def missing_of(session: Session, attempt: Attempt) -> list[str]:
    """Return what the attempt lacks before it can be ready."""
    return missing_of_attempts(session, [attempt]).get(attempt.id, [])


def _answer(
    context: Context, principal: Principal, attempt: Attempt, figures: _Figures
) -> AttemptAnswer:
    frame_count, highest_seq = figures.frames.get(attempt.id, (0, 0))
    by_verdict = figures.verdicts.get(attempt.id, {})
    exam = attempt.exam_id and ExamTitle(id=attempt.exam_id, title=figures.titles[attempt.exam_id])
    state = AttemptState(attempt.state)
    granted = Granted.from_dict(attempt.allowances)
    sees_points = _sees_points(principal, attempt, figures)
    takes_frames = state in FRAME_STATES and granted.face_check is not FaceCheck.PERSON
    sends_frames = takes_frames and is_allowed(principal, Action.SEND, attempt)
    return AttemptAnswer(
        id=attempt.id,
        subject_id=attempt.subject_id,
        exam=exam or None,
        label=attempt.label,
        state=state,
        created_at=attempt.created_at,
        ready_at=attempt.ready_at,
        started_at=attempt.started_at,
        submitted_at=attempt.submitted_at,
        deadline_at=attempt.deadline_at,
        duration_seconds=granted.duration_seconds(attempt.duration_seconds),
        remaining_seconds=attempt.remaining_seconds,
        frame_interval_seconds=granted.frame_interval_seconds(attempt.frame_interval_seconds),
        is_practice=attempt.is_practice,
        face_check=granted.face_check,
        allowances=attempt.allowances or {},
        needs_verified_frame=needs_verified_frame(attempt),
        verified_frame_at=figures.verified_frames.get(attempt.id),
        question_count=_question_count(attempt, figures),
        answered_count=figures.answered.get(attempt.id, 0),
        awarded_points=attempt.awarded_points if sees_points else None,
        possible_points=attempt.possible_points if sees_points else None,
        outcome=figures.outcomes.get(attempt.id),
        next_seq=highest_seq + 1,
        missing=figures.missing.get(attempt.id, []),
        last_verification=figures.last.get(attempt.id),
        counts=FrameCounts(
            frames=frame_count, verified=sum(by_verdict.values()), by_verdict=by_verdict
        ),
        ticket=issue_ticket(context.secret_key, attempt.id, context.clock())
        if sends_frames
        else None,
    )


def _sees_points(principal: Principal, attempt: Attempt, figures: _Figures) -> bool:
    if is_allowed(principal, Action.SEE_FIGURES, attempt):
        return True
    is_settled = attempt.state == AttemptState.VERIFIED or attempt.is_practice
    return is_settled and attempt.exam_id in figures.exams_that_show_points


def _question_count(attempt: Attempt, figures: _Figures) -> int:
    if attempt.paper is not None:
        return len(attempt.paper["question_ids"])
    return figures.question_counts.get(attempt.exam_id or "", 0)


def _figures(session: Session, context: Context, attempts: Sequence[Attempt]) -> _Figures:
    ids = [attempt.id for attempt in attempts]
    exam_ids = {attempt.exam_id for attempt in attempts if attempt.exam_id}
    exams = session.execute(
        select(Exam.id, Exam.title, Exam.shows_points).where(Exam.id.in_(exam_ids))
    ).all()
    undrawn = {attempt.exam_id for attempt in attempts if attempt.exam_id and not attempt.paper}
    counted = question_figures(session, undrawn)
    return _Figures(
        titles={exam.id: exam.title for exam in exams},
        exams_that_show_points={exam.id for exam in exams if exam.shows_points},
        verified_frames=verified_frames(
            session,
            attempts,
            context.clock(),
            within_seconds=context.settings.start_frame_seconds,
        ),
        question_counts={exam_id: count for exam_id, (count, _points) in counted.items()},
        answered=_answered(session, ids),
        outcomes=outcomes(session, attempts, context.clock()),
        frames={
            attempt_id: (count, highest)
            for attempt_id, count, highest in session.execute(
                select(Frame.attempt_id, func.count(), func.max(Frame.seq))
                .where(Frame.attempt_id.in_(ids))
                .group_by(Frame.attempt_id)
            )
        },
        verdicts=_verdicts(session, ids),
        last=_last_verifications(session, ids),
        missing=missing_of_attempts(session, attempts),
    )


def _verdicts(session: Session, attempt_ids: Collection[str]) -> dict[str, dict[Verdict, int]]:
    counted: dict[str, dict[Verdict, int]] = defaultdict(dict)
    rows = session.execute(
        select(Verification.attempt_id, Verification.verdict, func.count())
        .where(Verification.attempt_id.in_(attempt_ids), is_newest_of_its_frame())
        .group_by(Verification.attempt_id, Verification.verdict)
    )
    for attempt_id, verdict, count in rows:
        counted[attempt_id or ""][Verdict(verdict)] = count
    return counted


_LAST_COLUMNS = (
    Frame.attempt_id,
    Frame.seq,
    Frame.received_at,
    Verification.verdict,
    Verification.created_at,
    Verification.reasons,
)

LATELY_FRAMES = 64
"""Among so many of the newest numbers one has a verdict, or the workers are minutes behind."""

_highest = aliased(Frame)

# Made once: every frame that comes in asks for it.
_LAST_OF_ONE = (
    select(*_LAST_COLUMNS)
    .join(Verification, Verification.frame_id == Frame.id)
    .where(
        Frame.attempt_id == bindparam("attempt_id"),
        Frame.seq
        > select(func.max(_highest.seq) - LATELY_FRAMES)
        .where(_highest.attempt_id == bindparam("attempt_id"))
        .scalar_subquery(),
    )
    .order_by(Frame.seq.desc(), Verification.id.desc())
    .limit(1)
)


def _last_verifications(
    session: Session, attempt_ids: Collection[str]
) -> dict[str, LastVerification]:
    """Return the verdict of each attempt's highest verified seq, whichever came in last."""
    highest = (
        select(Frame.attempt_id, func.max(Frame.seq).label("seq"))
        .join(Verification, Verification.frame_id == Frame.id)
        .where(Frame.attempt_id.in_(attempt_ids))
        .group_by(Frame.attempt_id)
        .subquery()
    )
    is_highest = and_(Frame.attempt_id == highest.c.attempt_id, Frame.seq == highest.c.seq)
    rows = session.execute(
        select(*_LAST_COLUMNS)
        .join(highest, is_highest)
        .join(Verification, Verification.frame_id == Frame.id)
        .where(is_newest_of_its_frame())
    )
    return {row.attempt_id: _last_verification(row) for row in rows}


def _last_verification(row: Row[Any]) -> LastVerification:
    return LastVerification(
        seq=row.seq,
        verdict=row.verdict,
        received_at=row.received_at,
        verified_at=row.created_at,
        reasons=row.reasons,
    )


def _answered(session: Session, attempt_ids: Collection[str]) -> dict[str, int]:
    """Return to how many questions each attempt has an answer that is not empty."""
    rows = session.execute(
        select(Answer.attempt_id, func.count())
        # An answer that was cleared is stored as an empty object.
        .where(Answer.attempt_id.in_(attempt_ids), cast(Answer.value, Text) != "{}")
        .group_by(Answer.attempt_id)
    )
    return dict(rows.all())


def _load_subjects(session: Session, attempts: Sequence[Attempt]) -> None:
    """Fetch all subjects at once: `is_allowed` asks for each attempt's, and finds it loaded."""
    subject_ids = {attempt.subject_id for attempt in attempts}
    session.info["subjects"] = session.scalars(
        select(Subject).where(Subject.id.in_(subject_ids))
    ).all()
