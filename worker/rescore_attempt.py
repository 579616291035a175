"""Score the frames of an attempt again: other thresholds or another engine, beside the record.

It is done a little at a time, behind everything that somebody sits in front of.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.database import database_now
from models.frame import Frame
from models.job import RESCORE_PRIORITY, Job, arm
from models.rescore import Rescore, RescoredFrame
from models.sealed_images import SubjectErased
from models.statuses import JobKind, JobState, RescoreState, Verdict
from verifier import FaceEngine, MatchPolicy, PolicyInvalid
from worker.failures import LASTING_FAILURES, POISON, SENTENCES, failure_of
from worker.frame_evidence import gather_evidence, look_at_frame, sitting_of
from worker.job_protocol import Claim, finish_job
from worker.references import ReferencesMissing
from worker.runtime import EngineUnavailable, Runtime

TURN_SECONDS = 1.0
"""How long one turn holds a worker: a frame that comes meanwhile waits no longer."""

FRAMES_A_TURN = 200

PAUSE_TURNS = 3
"""While other work is due, a rescore rests for so many times what its turn took."""

FAILURES_OF_ALL = (SubjectErased, ReferencesMissing, PolicyInvalid, EngineUnavailable)
"""Whatever meets one frame so would meet all."""


@dataclass(frozen=True)
class _Wanted:
    rescore_id: str
    engine: str
    engine_id: str | None
    policy: dict[str, Any]
    frames: tuple[tuple[str, int], ...]
    """Id and seq of those that come next."""


def rescore_attempt(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:  # noqa: ARG001
    """Score the next frames of the claimed rescore; the job is due again until all are done.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    wanted = _wanted(runtime, claim.target_id)
    begun = time.monotonic()
    try:
        policy = _policy_of(wanted.policy)
        chosen = runtime.engine_named(wanted.engine)
        if wanted.engine_id not in {None, chosen.engine_id}:
            raise EngineUnavailable("the engine was changed meanwhile")
        rows = _score(runtime, chosen, policy, wanted, only_one=claim.attempts > 1)
    except FAILURES_OF_ALL as error:
        _fail(runtime, claim, _code_of(error))
        return
    spent = timedelta(seconds=time.monotonic() - begun)
    with runtime.database.write() as session:
        finish_job(session, claim)
        rescore = session.get_one(Rescore, wanted.rescore_id)
        rescore.engine_id, rescore.policy_id = chosen.engine_id, policy.policy_id
        _go_on(session, rescore, rows, rest=spent * PAUSE_TURNS)


def pass_over_frame(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """Record `error` for the next frame, which took its worker down every time, and go on.

    Two in a row are the engine's fault, not the frames': it would take the workers down with every
    frame that is left.
    """
    wanted = _wanted(runtime, claim.target_id)
    if _was_passed_over_before(runtime, claim.target_id):
        _fail(runtime, claim, error_code)
        return
    rows = [
        _failed(wanted.rescore_id, frame_id, seq, error_code, SENTENCES[error_code])
        for frame_id, seq in wanted.frames[:1]
    ]
    with runtime.database.write() as session:
        finish_job(session, claim)
        _go_on(session, session.get_one(Rescore, wanted.rescore_id), rows, rest=timedelta(0))


def _was_passed_over_before(runtime: Runtime, rescore_id: str) -> bool:
    with runtime.database.read() as session:
        newest = session.scalars(
            select(RescoredFrame)
            .where(RescoredFrame.rescore_id == rescore_id)
            .order_by(RescoredFrame.seq.desc())
            .limit(1)
        ).one_or_none()
    return newest is not None and newest.error_code == POISON


def _wanted(runtime: Runtime, rescore_id: str) -> _Wanted:
    with runtime.database.read() as session:
        rescore = session.scalars(select(Rescore).where(Rescore.id == rescore_id)).one()
        frames = session.execute(
            select(Frame.id, Frame.seq)
            .where(
                Frame.attempt_id == rescore.attempt_id,
                Frame.seq > rescore.done_seq,
                Frame.seq <= rescore.last_seq,
            )
            .order_by(Frame.seq)
            .limit(FRAMES_A_TURN)
        )
        return _Wanted(
            rescore_id=rescore.id,
            engine=rescore.engine,
            engine_id=rescore.engine_id,
            policy=rescore.policy,
            frames=tuple((frame_id, seq) for frame_id, seq in frames),
        )


def _policy_of(numbers: dict[str, Any]) -> MatchPolicy:
    """Return the policy; a number of enrolment must only not be above the wanted threshold."""
    of_enrolment = numbers.get("resemblance_threshold", MatchPolicy.resemblance_threshold)
    lowered = min(of_enrolment, numbers["mismatch_threshold"])
    return MatchPolicy.from_dict({**numbers, "resemblance_threshold": lowered})


def _score(
    runtime: Runtime, engine: FaceEngine, policy: MatchPolicy, wanted: _Wanted, *, only_one: bool
) -> list[RescoredFrame]:
    """Return the results of one turn.

    Where the worker died over a turn they are done singly, until the frame that kills comes first
    and is passed over.
    """
    ends_at = time.monotonic() + TURN_SECONDS
    rows: list[RescoredFrame] = []
    for frame_id, seq in wanted.frames:
        rows.append(_scored(runtime, engine, policy, wanted.rescore_id, frame_id, seq))
        if only_one or time.monotonic() >= ends_at:
            break
    return rows


def _scored(
    runtime: Runtime,
    engine: FaceEngine,
    policy: MatchPolicy,
    rescore_id: str,
    frame_id: str,
    seq: int,
) -> RescoredFrame:
    try:
        evidence = gather_evidence(runtime, engine, sitting_of(runtime, frame_id))
        result = look_at_frame(runtime, engine, policy, frame_id, evidence)
    except FAILURES_OF_ALL:
        raise
    except LASTING_FAILURES as error:
        return _failed(rescore_id, frame_id, seq, *failure_of(error))
    figures = result.as_dict()
    return RescoredFrame(
        rescore_id=rescore_id,
        frame_id=frame_id,
        seq=seq,
        verdict=figures["verdict"],
        distance=figures["distance"],
        match_score=figures["match_score"],
        face_count=figures["face_count"],
        reasons=figures["reasons"],
        look=figures["look"],
    )


def _failed(rescore_id: str, frame_id: str, seq: int, code: str, message: str) -> RescoredFrame:
    return RescoredFrame(
        rescore_id=rescore_id,
        frame_id=frame_id,
        seq=seq,
        verdict=Verdict.ERROR,
        error_code=code,
        reasons=[{"code": code, "message": message}],
    )


def _go_on(
    session: Session, rescore: Rescore, rows: Sequence[RescoredFrame], *, rest: timedelta
) -> None:
    """Keep the results of a turn; end the rescore, or make it due again."""
    session.add_all(rows)
    now = database_now(session)
    rescore.scored_count += len(rows)
    if rows:
        rescore.done_seq = rows[-1].seq
    if not rows or rescore.done_seq >= rescore.last_seq:
        rescore.state, rescore.finished_at = RescoreState.DONE, now
        return
    rescore.state = RescoreState.RUNNING
    due = now + rest if _others_wait(session) else now
    arm(session, JobKind.RESCORE_ATTEMPT, rescore.id, now=due)


def _others_wait(session: Session) -> bool:
    more_urgent = exists().where(
        Job.state == JobState.PENDING,
        Job.priority < RESCORE_PRIORITY,
        Job.not_before <= database_now(session),
    )
    return bool(session.scalar(select(more_urgent)))


def _fail(runtime: Runtime, claim: Claim, code: str) -> None:
    with runtime.database.write() as session:
        finish_job(session, claim)
        rescore = session.get_one(Rescore, claim.target_id)
        rescore.state, rescore.error_code = RescoreState.FAILED, code
        rescore.finished_at = database_now(session)


def _code_of(error: Exception) -> str:
    return "engine_unavailable" if isinstance(error, EngineUnavailable) else failure_of(error)[0]
