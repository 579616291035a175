"""Housekeeping removes leftovers and nothing else."""

import os
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from models.attempt import Attempt
from models.base import new_id
from models.database import database_now
from models.frame_store import open_frame_store
from models.job import WorkerProcess
from models.measurement import STORAGE, TOTALS, Measurement
from models.settings import Settings
from models.statuses import AttemptState
from models.totals import totals
from models.user import SignIn, User
from tests.worker.conftest import Sitting
from worker.health import is_dispatcher_healthy, is_housekeeping_healthy, is_worker_healthy
from worker.holder import this_host
from worker.housekeeping import Housekeeping


def housekeeping(sitting: Sitting) -> Housekeeping:
    settings = sitting.runtime.settings
    return Housekeeping(settings, sitting.runtime.database, open_frame_store(settings.frame_store))


def make_old(folder: Path) -> None:
    long_ago = time.time() - 2 * 3600
    for path in folder.rglob("*"):
        os.utime(path, (long_ago, long_ago))


def test_files_that_no_row_names_go_and_the_others_stay(sitting: Sitting, tmp_path: Path) -> None:
    store = sitting.runtime.images.store
    frame, _job = sitting.add_frame(1, b"a frame")
    store.put("frames/att_x/frm_orphan", b"uploaded by a process that was killed")
    (tmp_path / "frames/frames/att_x/frm_y.tmp_1.half").write_bytes(b"half")
    make_old(tmp_path / "frames")
    store.put("frames/att_x/frm_new", b"its row is about to be written")
    housekeeping(sitting).run_once()
    assert sorted(store.keys_older_than(0)) == sorted([frame.storage_key, "frames/att_x/frm_new"])


def test_a_database_that_knows_none_of_the_files_removes_none(
    sitting: Sitting, tmp_path: Path
) -> None:
    store = sitting.runtime.images.store
    for number in range(3):
        store.put(f"frames/att_other/frm_{number}", b"of another database")
    make_old(tmp_path / "frames")
    housekeeping(sitting).run_once()
    assert len(list(store.keys_older_than(0))) == 3


def test_a_file_a_system_left_does_not_stop_the_sweep(sitting: Sitting, tmp_path: Path) -> None:
    store = sitting.runtime.images.store
    frame, _job = sitting.add_frame(1, b"a frame")
    (tmp_path / "frames/frames/.DS_Store").write_bytes(b"x")
    store.put("frames/att_x/frm_orphan", b"uploaded by a process that was killed")
    make_old(tmp_path / "frames")
    housekeeping(sitting).run_once()
    assert list(store.keys_older_than(0)) == [frame.storage_key]


def test_an_attempt_past_its_time_expires_without_anybody_looking(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt.id)
        attempt.deadline_at = database_now(session) - timedelta(hours=1)
    settings = sitting.runtime.settings
    assert not is_housekeeping_healthy(sitting.runtime.database, settings)
    housekeeping(sitting).run_once()
    with sitting.runtime.database.read() as session:
        assert session.get_one(Attempt, sitting.attempt.id).state == AttemptState.EXPIRED
    assert is_housekeeping_healthy(sitting.runtime.database, settings)


def test_sign_ins_past_their_time_go(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        now = database_now(session)
        user = User(
            id=new_id("usr"),
            login="anna",
            login_key="anna",
            display_name="Anna",
            password_hash="-",
            role="student",
            failed_sign_ins=0,
            created_at=now,
        )
        session.add(user)
        session.flush()
        for name, minutes in (("old", -1), ("new", 1)):
            session.add(
                SignIn(
                    id=new_id("sgn"),
                    user_id=user.id,
                    token_sha256=name,
                    csrf_token="-",
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(minutes=minutes),
                )
            )
    housekeeping(sitting).run_once()
    with sitting.runtime.database.read() as session:
        assert session.scalars(select(SignIn.token_sha256)).all() == ["new"]


def test_one_failing_chore_does_not_stop_the_others(sitting: Sitting) -> None:
    with sitting.runtime.database.write() as session:
        attempt = session.get_one(Attempt, sitting.attempt.id)
        attempt.deadline_at = database_now(session) - timedelta(hours=1)
    house = housekeeping(sitting)

    def fail() -> None:
        raise OSError("the disk is away")

    house.sweep_store = fail  # type: ignore[method-assign]
    house.run_once()
    with sitting.runtime.database.read() as session:
        assert session.get_one(Attempt, sitting.attempt.id).state == AttemptState.EXPIRED


def test_a_worker_is_healthy_while_it_is_heard_of_and_has_its_engine(sitting: Sitting) -> None:
    database, settings = sitting.runtime.database, sitting.runtime.settings
    assert not is_worker_healthy(database, settings)
    with database.write() as session:
        now = database_now(session)
        process = WorkerProcess(
            holder=f"{this_host()}/1/1", engine_id="dlib", started_at=now, seen_at=now
        )
        session.add(process)
    assert is_worker_healthy(database, settings)
    with database.write() as session:
        session.merge(process).engine_id = None
    assert not is_worker_healthy(database, settings)


def test_a_dispatcher_that_overlooks_due_jobs_is_unhealthy(
    sitting: Sitting, settings: Settings
) -> None:
    database = sitting.runtime.database
    _frame, job = sitting.add_frame(1, b"a frame")
    with database.write() as session:
        now = database_now(session)
        session.add(
            WorkerProcess(holder="elsewhere/1/1", engine_id="dlib", started_at=now, seen_at=now)
        )
        session.merge(job).not_before = now - timedelta(minutes=2)
    assert not is_dispatcher_healthy(database, settings)
    with database.write() as session:
        session.merge(job).hinted_at = now
    assert is_dispatcher_healthy(database, settings)


def test_the_store_is_counted_now_and_then(sitting: Sitting) -> None:
    sitting.add_frame(1, b"a frame")
    house = housekeeping(sitting)
    house.run_once()
    sitting.add_frame(2, b"another frame")
    house.run_once()
    with sitting.runtime.database.read() as session:
        measured = session.get_one(Measurement, STORAGE)
        assert measured.figures["file_count"] == 1
        assert measured.figures["byte_count"] > len(b"a frame")
        assert session.get_one(Measurement, TOTALS).figures["frames"] == 0
        # Counted is what is a minute old; what is newer is counted when somebody asks.
        assert totals(session).frames == 2
