"""An attempt scored again with real faces: other results, and nothing on record touched."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from clients.simulator.scenes import empty_room, webcam_frame
from models.base import new_id
from models.database import database_now
from models.frame import Frame
from models.incident import Incident
from models.job import FRAME_PRIORITY, RESCORE_PRIORITY, Job, enqueue
from models.rescore import Rescore, RescoredFrame
from models.statuses import JobKind, JobState, RescoreState
from models.subject import SubjectKey
from models.verification import Verification
from tests.worker.conftest import Sitting, sit
from verifier import FaceEngine
from worker import rescore_attempt as module
from worker.runtime import Runtime
from worker.use_cases import do_job

RIGHT = webcam_frame("obama2.jpg")
WRONG = webcam_frame("biden.jpg")


@pytest.fixture
def three_frames(sitting: Sitting) -> Sitting:
    """Right, wrong, nobody: verified as ever."""
    for seq, content in enumerate((RIGHT, WRONG, empty_room()), start=1):
        _, job = sitting.add_frame(seq, content)
        do_job(sitting.runtime, job.id)
    return sitting


def ask(sitting: Sitting, *, engine: str = "onnx", last_seq: int = 3, **numbers: float) -> str:
    """Ask for a rescore, as the API does; return its id."""
    policy = sitting.attempt.policy | numbers
    with sitting.runtime.database.write() as session:
        due = database_now(session) - timedelta(seconds=1)
        rescore = Rescore(
            id=new_id("rsc"),
            attempt_id=sitting.attempt.id,
            asked_by="usr_1",
            engine=engine,
            policy=policy,
            state=RescoreState.WAITING,
            last_seq=last_seq,
            frame_count=last_seq,
            created_at=due,
        )
        session.add(rescore)
        enqueue(session, JobKind.RESCORE_ATTEMPT, rescore.id, now=due)
    return rescore.id


def take_turns(runtime: Runtime, rescore_id: str, turns: int = 10) -> Rescore:
    """Do the job until it is done, at most so often; return the rescore."""
    for _ in range(turns):
        with runtime.database.write() as session:
            job = session.scalars(select(Job).where(Job.target_id == rescore_id)).one()
            if job.state == JobState.DONE:
                break
            job.not_before = database_now(session) - timedelta(seconds=1)
        do_job(runtime, job.id)
    with runtime.database.read() as session:
        return session.get_one(Rescore, rescore_id)


def found(runtime: Runtime, rescore_id: str) -> list[tuple[int, str, float | None]]:
    with runtime.database.read() as session:
        rows = session.scalars(
            select(RescoredFrame)
            .where(RescoredFrame.rescore_id == rescore_id)
            .order_by(RescoredFrame.seq)
        )
        return [(row.seq, row.verdict, row.distance) for row in rows]


def on_record(runtime: Runtime) -> list[dict[str, Any]]:
    """All verifications and incidents, whole."""
    with runtime.database.read() as session:
        return [
            {column.key: getattr(row, column.key) for column in table.__table__.columns}
            for table in (Verification, Incident)
            for row in session.scalars(select(table).order_by(table.id))
        ]


def test_same_numbers_and_engine_find_what_is_on_record(three_frames: Sitting) -> None:
    runtime = three_frames.runtime
    before = on_record(runtime)
    rescore_id = ask(three_frames)
    rescore = take_turns(runtime, rescore_id)
    assert (rescore.state, rescore.scored_count, rescore.error_code) == ("done", 3, None)
    assert found(runtime, rescore_id) == [
        (seq, row["verdict"], row["distance"]) for seq, row in enumerate(before, start=1)
    ]
    assert [verdict for _, verdict, _ in found(runtime, rescore_id)] == [
        "match",
        "mismatch",
        "no_face",
    ]
    assert on_record(runtime) == before


def test_other_thresholds_find_another_verdict_beside_the_record(three_frames: Sitting) -> None:
    runtime = three_frames.runtime
    before = on_record(runtime)
    rescore_id = ask(three_frames, match_threshold=0.1, mismatch_threshold=1.4)
    rescore = take_turns(runtime, rescore_id)
    assert [verdict for _, verdict, _ in found(runtime, rescore_id)] == [
        "inconclusive",
        "inconclusive",
        "no_face",
    ]
    assert rescore.policy_id != before[0]["policy_id"]
    assert rescore.engine_id == before[0]["engine_id"]
    assert on_record(runtime) == before


def test_an_engine_without_anything_to_compare_with_ends_it(
    three_frames: Sitting, next_engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = three_frames.runtime
    monkeypatch.setattr("worker.runtime.load_engine", lambda _name: next_engine)
    # Its only picture is no photograph: the engine has nothing to compare with.
    failed = take_turns(runtime, ask(three_frames, engine="dlib"))
    assert (failed.state, failed.error_code) == ("failed", "references_missing")
    with runtime.database.read() as session:
        assert session.scalars(select(RescoredFrame)).all() == []


def test_an_engine_that_cannot_be_loaded_ends_it(
    three_frames: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> FaceEngine:
        raise ValueError(name)

    monkeypatch.setattr("worker.runtime.load_engine", broken)
    failed = take_turns(three_frames.runtime, ask(three_frames, engine="dlib"))
    assert (failed.state, failed.error_code) == ("failed", "engine_unavailable")
    assert failed.finished_at is not None


def test_an_erased_subject_ends_it(three_frames: Sitting) -> None:
    rescore_id = ask(three_frames)
    with three_frames.runtime.database.write() as session:
        session.execute(delete(SubjectKey))
    failed = take_turns(three_frames.runtime, rescore_id)
    assert (failed.state, failed.error_code) == ("failed", "subject_erased")


def test_numbers_that_contradict_each_other_end_it(three_frames: Sitting) -> None:
    failed = take_turns(
        three_frames.runtime, ask(three_frames, match_threshold=0.9, mismatch_threshold=0.2)
    )
    assert (failed.state, failed.error_code) == ("failed", "policy_invalid")


def test_turn_after_turn_each_frame_once(
    three_frames: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS", 0)
    runtime = three_frames.runtime
    rescore_id = ask(three_frames)
    halfway = take_turns(runtime, rescore_id, turns=2)
    assert (halfway.state, halfway.scored_count, halfway.done_seq) == ("running", 2, 2)
    assert halfway.finished_at is None
    done = take_turns(runtime, rescore_id)
    assert (done.state, done.scored_count) == ("done", 3)
    assert [seq for seq, _, _ in found(runtime, rescore_id)] == [1, 2, 3]


def test_it_rests_while_frames_wait(three_frames: Sitting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS", 0)
    runtime = three_frames.runtime
    rescore_id = ask(three_frames)
    _, waiting = three_frames.add_frame(4, RIGHT)
    take_turns(runtime, rescore_id, turns=1)
    with runtime.database.read() as session:
        now = database_now(session)
        job = session.scalars(select(Job).where(Job.target_id == rescore_id)).one()
        assert job.not_before > now
        assert job.priority == RESCORE_PRIORITY > waiting.priority == FRAME_PRIORITY
    with runtime.database.write() as session:
        session.execute(delete(Job).where(Job.target_id != rescore_id))
    take_turns(runtime, rescore_id, turns=1)
    with runtime.database.read() as session:
        now = database_now(session)
        job = session.scalars(select(Job).where(Job.target_id == rescore_id)).one()
        assert job.not_before <= now


def test_a_lost_picture_is_an_error_of_its_frame_alone(three_frames: Sitting) -> None:
    runtime = three_frames.runtime
    with runtime.database.read() as session:
        lost = session.scalars(select(Frame).where(Frame.seq == 2)).one()
    runtime.images.store.delete(lost.storage_key)
    rescore_id = ask(three_frames)
    done = take_turns(runtime, rescore_id)
    assert (done.state, done.scored_count) == ("done", 3)
    verdicts = [verdict for _, verdict, _ in found(runtime, rescore_id)]
    assert verdicts == ["match", "error", "no_face"]


def test_a_frame_that_kills_its_worker_is_passed_over(three_frames: Sitting) -> None:
    runtime = three_frames.runtime
    rescore_id = ask(three_frames)
    with runtime.database.write() as session:
        # As if it had died on each try it is allowed.
        session.execute(
            update(Job)
            .where(Job.target_id == rescore_id)
            .values(attempts=runtime.settings.job_attempts_allowed)
        )
    done = take_turns(runtime, rescore_id)
    assert (done.state, done.scored_count) == ("done", 3)
    with runtime.database.read() as session:
        first = session.scalars(select(RescoredFrame).where(RescoredFrame.seq == 1)).one()
        assert (first.verdict, first.error_code) == ("error", "poison")
    assert [verdict for _, verdict, _ in found(runtime, rescore_id)][1:] == ["mismatch", "no_face"]


def test_an_engine_that_kills_its_worker_ends_it(three_frames: Sitting) -> None:
    runtime = three_frames.runtime
    rescore_id = ask(three_frames)
    allowed = runtime.settings.job_attempts_allowed
    for _ in range(2):
        with runtime.database.write() as session:
            died = update(Job).where(Job.target_id == rescore_id).values(attempts=allowed)
            session.execute(died)
        ended = take_turns(runtime, rescore_id, turns=1)
    assert (ended.state, ended.error_code, ended.scored_count) == ("failed", "poison", 1)
    assert ended.finished_at is not None


def test_later_frames_are_not_looked_at(three_frames: Sitting) -> None:
    rescore_id = ask(three_frames, last_seq=2)
    done = take_turns(three_frames.runtime, rescore_id)
    assert (done.state, done.scored_count) == ("done", 2)


def test_the_plain_engine_scores_with_templates_of_its_own(runtime: Runtime) -> None:
    sitting = sit(runtime)
    for seq, content in enumerate((RIGHT, WRONG, empty_room()), start=1):
        _, job = sitting.add_frame(seq, content)
        do_job(runtime, job.id)
    before = on_record(runtime)
    rescore_id = ask(sitting, engine="dlib")
    done = take_turns(runtime, rescore_id)
    assert (done.state, done.scored_count) == ("done", 3)
    assert done.engine_id == runtime.engine_named("dlib").engine_id != before[0]["engine_id"]
    again = found(runtime, rescore_id)
    assert [verdict for _, verdict, _ in again] == ["match", "mismatch", "no_face"]
    # The same networks in another library: close, and not the same to the last digit.
    assert again[0][2] == pytest.approx(before[0]["distance"], abs=0.05)
    assert on_record(runtime) == before


def test_an_engine_is_loaded_once(runtime: Runtime) -> None:
    assert runtime.engine_named(runtime.settings.engine) is runtime.engine
    assert runtime.engine_named("dlib") is runtime.engine_named("dlib")


def test_a_strict_threshold_is_not_refused_for_a_number_of_enrolment(
    three_frames: Sitting,
) -> None:
    strict = ask(three_frames, match_threshold=0.1, mismatch_threshold=0.2)
    rescore = take_turns(three_frames.runtime, strict)
    assert (rescore.state, rescore.error_code, rescore.scored_count) == ("done", None, 3)
