"""Asking for an attempt to be scored again, and what came of it."""

from collections import defaultdict
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from api import audit
from api.context import Context
from api.principal import Person, Principal
from api.problems import InvalidRequest, NotFound, Problem
from api.rescores.schemas import (
    NewRescore,
    RescoreAnswer,
    RescoreColumns,
    RescoredFrameAnswer,
    RescoredFramePage,
    RescoreWithChanges,
    VerdictChange,
)
from api.timeline.course import milliseconds
from api.users.names import user_names
from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Attempt
from models.base import new_id
from models.database import database_now
from models.frame import Frame
from models.job import enqueue
from models.rescore import Rescore, RescoredFrame
from models.statuses import JobKind, RescoreState
from models.subject import Subject
from models.verification import Verification

FRAMES_ON_A_PAGE = 100


class RescoreRunning(Problem):
    """One at a time for an attempt."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "rescore_running"
    title: ClassVar[str] = "The attempt is being scored again just now"
    next_step: ClassVar[str] = "Wait until it is done, then ask again."


class NothingToScore(Problem):
    """No frame came in the attempt."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "nothing_to_score"
    title: ClassVar[str] = "The attempt has no frames"
    next_step: ClassVar[str] = "Ask again once frames came."


def ask_for_rescore(
    session: Session,
    context: Context,
    person: Person,
    attempt: Attempt,
    wanted: NewRescore,
    request_id: str,
) -> Rescore:
    """Have a locked attempt scored again; its verdicts stay what they are.

    Raises
    ------
    InvalidRequest
        The thresholds contradict each other, or those of the attempt.
    NothingToScore
    RescoreRunning
    """
    policy = _policy(attempt, wanted)
    if session.get_one(Subject, attempt.subject_id).erased_at is not None:
        raise NothingToScore(
            "The student was erased: no picture can be opened any more.",
            next_step="What was found stays on record.",
        )
    unfinished = select(Rescore.id).where(
        Rescore.attempt_id == attempt.id, Rescore.finished_at.is_(None)
    )
    if session.scalars(unfinished.limit(1)).first() is not None:
        raise RescoreRunning
    frame_count, last_seq = session.execute(
        select(func.count(), func.max(Frame.seq)).where(Frame.attempt_id == attempt.id)
    ).one()
    if not frame_count:
        raise NothingToScore
    now = database_now(session)
    rescore = Rescore(
        id=new_id("rsc"),
        attempt_id=attempt.id,
        asked_by=person.user_id,
        engine=wanted.engine or context.settings.engine,
        policy=policy,
        state=RescoreState.WAITING,
        last_seq=last_seq,
        done_seq=0,
        frame_count=frame_count,
        scored_count=0,
        created_at=now,
    )
    session.add(rescore)
    enqueue(session, JobKind.RESCORE_ATTEMPT, rescore.id, now=now)
    detail = {
        "attempt_id": attempt.id,
        "engine": rescore.engine,
        "match_threshold": policy["match_threshold"],
        "mismatch_threshold": policy["mismatch_threshold"],
    }
    session.flush()
    audit.record(session, context, person, "attempt.rescored", attempt.id, request_id, detail)
    return rescore


def load_rescore(session: Session, attempt: Attempt, rescore_id: str) -> Rescore:
    """Return a rescore of an attempt the caller was permitted to see.

    Raises
    ------
    NotFound
    """
    rescore = session.scalars(
        select(Rescore).where(Rescore.id == rescore_id, Rescore.attempt_id == attempt.id)
    ).one_or_none()
    if rescore is None:
        raise NotFound
    return rescore


def rescores_of(session: Session, principal: Principal, attempt_id: str) -> list[RescoreAnswer]:
    """Return every rescore of an attempt, newest first."""
    rescores = session.scalars(
        select(Rescore).where(Rescore.attempt_id == attempt_id).order_by(Rescore.id.desc())
    ).all()
    names = _names(session, principal, {rescore.asked_by for rescore in rescores})
    return [_answer(rescore, names) for rescore in rescores]


def rescore_answer(session: Session, principal: Principal, rescore: Rescore) -> RescoreWithChanges:
    """Return a rescore with how many frames got which other verdict."""
    changes = _changes(session, select(Rescore.id).where(Rescore.id == rescore.id))
    names = _names(session, principal, {rescore.asked_by})
    return _with_changes(_answer(rescore, names), changes[rescore.id])


def rescores_with_changes(
    session: Session, principal: Principal, attempt_id: str
) -> list[RescoreWithChanges]:
    """Return every rescore of an attempt, oldest first, with how its verdicts differ."""
    changes = _changes(session, select(Rescore.id).where(Rescore.attempt_id == attempt_id))
    return [
        _with_changes(answer, changes[answer.id])
        for answer in reversed(rescores_of(session, principal, attempt_id))
    ]


def rescored_frames(
    session: Session,
    rescore: Rescore,
    *,
    only_differing: bool,
    after_seq: int = 0,
    limit: int = FRAMES_ON_A_PAGE,
) -> RescoredFramePage:
    """Return frames by number, what is on record beside what was found again."""
    statement = (
        _side_by_side(
            Frame.received_at,
            RescoredFrame,
            Verification.verdict.label("recorded_verdict"),
            Verification.distance.label("recorded_distance"),
        )
        .where(RescoredFrame.rescore_id == rescore.id, RescoredFrame.seq > after_seq)
        .order_by(RescoredFrame.seq)
        .limit(limit + 1)
    )
    if only_differing:
        statement = statement.where(_differs())
    rows = session.execute(statement).all()
    shown = rows[:limit]
    items = [
        RescoredFrameAnswer(
            seq=row.RescoredFrame.seq,
            recorded_verdict=row.recorded_verdict,
            recorded_distance=row.recorded_distance,
            verdict=row.RescoredFrame.verdict,
            distance=row.RescoredFrame.distance,
            face_count=row.RescoredFrame.face_count,
            reasons=row.RescoredFrame.reasons,
            error_code=row.RescoredFrame.error_code,
            received_at=row.received_at,
        )
        for row in shown
    ]
    return RescoredFramePage(
        items=items, next_seq=items[-1].seq if len(rows) > len(shown) else None
    )


def rescore_columns(session: Session, rescore: Rescore) -> RescoreColumns:
    """Return both distances of every frame, for a chart."""
    rows = session.execute(
        _side_by_side(
            RescoredFrame.seq,
            Frame.received_at,
            Verification.distance.label("recorded_distance"),
            RescoredFrame.distance,
        )
        .where(RescoredFrame.rescore_id == rescore.id)
        .order_by(RescoredFrame.seq)
    ).all()
    return RescoreColumns(
        seq=[row.seq for row in rows],
        received_ms=[milliseconds(row.received_at) for row in rows],
        recorded_distance=[row.recorded_distance for row in rows],
        distance=[row.distance for row in rows],
    )


def _policy(attempt: Attempt, wanted: NewRescore) -> dict[str, Any]:
    """Return the numbers of the attempt with the wanted thresholds in their place."""
    changed = wanted.model_dump(
        include={"match_threshold", "mismatch_threshold"}, exclude_none=True
    )
    policy = {**attempt.policy, **changed}
    if policy["match_threshold"] > policy["mismatch_threshold"]:
        raise InvalidRequest.at("match_threshold", "must not be above that of a mismatch")
    return policy


def _side_by_side(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(RescoredFrame)
        .join(Frame, Frame.id == RescoredFrame.frame_id)
        .outerjoin(
            Verification,
            and_(Verification.frame_id == RescoredFrame.frame_id, is_newest_of_its_frame()),
        )
    )


def _differs() -> ColumnElement[bool]:
    return or_(Verification.verdict.is_(None), Verification.verdict != RescoredFrame.verdict)


def _names(session: Session, principal: Principal, user_ids: set[str]) -> dict[str, str]:
    """Return who asked, for people of the house; other systems learn of none of them."""
    return user_names(session, user_ids) if isinstance(principal, Person) else {}


def _changes(session: Session, rescores: Select[Any]) -> dict[str, list[VerdictChange]]:
    """Return by rescore id how many frames got which verdict, in one query for all of them."""
    frame_count = func.count()
    rows = session.execute(
        _side_by_side(
            RescoredFrame.rescore_id, Verification.verdict, RescoredFrame.verdict, frame_count
        )
        .where(RescoredFrame.rescore_id.in_(rescores), Verification.verdict.is_not(None))
        .group_by(RescoredFrame.rescore_id, Verification.verdict, RescoredFrame.verdict)
        .order_by(frame_count.desc(), Verification.verdict, RescoredFrame.verdict)
    )
    changes: dict[str, list[VerdictChange]] = defaultdict(list)
    for rescore_id, recorded, found, count in rows:
        change = VerdictChange(recorded=recorded, found=found, frame_count=count)
        changes[rescore_id].append(change)
    return changes


def _with_changes(answer: RescoreAnswer, changes: list[VerdictChange]) -> RescoreWithChanges:
    return RescoreWithChanges(
        **answer.model_dump(),
        changes=changes,
        differing_count=sum(one.frame_count for one in changes if one.recorded != one.found),
    )


def _answer(rescore: Rescore, names: dict[str, str]) -> RescoreAnswer:
    return RescoreAnswer(
        id=rescore.id,
        attempt_id=rescore.attempt_id,
        asked_by=rescore.asked_by if rescore.asked_by in names else None,
        asked_by_name=names.get(rescore.asked_by),
        engine=rescore.engine,
        engine_id=rescore.engine_id,
        policy_id=rescore.policy_id,
        match_threshold=rescore.policy["match_threshold"],
        mismatch_threshold=rescore.policy["mismatch_threshold"],
        state=RescoreState(rescore.state),
        error_code=rescore.error_code,
        frame_count=rescore.frame_count,
        scored_count=rescore.scored_count,
        created_at=rescore.created_at,
        finished_at=rescore.finished_at,
    )
