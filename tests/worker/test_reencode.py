"""`face-monitor reencode`: everything that can be renewed is, and the rest is told."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from clients.simulator.portraits import portrait_path
from models.database import Database
from models.enrollment import FaceEnrollment, FaceTemplate
from models.face_templates import enrollments_to_renew
from models.settings import Settings
from models.subject import SubjectKey
from tests.conftest import ENCRYPTION_KEY
from tests.support.builders import make_enrollment, make_subject
from verifier import FaceEngine
from worker.reencode import reencode
from worker.runtime import Runtime, open_runtime

OBAMA = portrait_path("obama.jpg").read_bytes()
BIDEN = portrait_path("biden.jpg").read_bytes()


def enroll(runtime: Runtime, *contents: bytes, **columns: Any) -> FaceEnrollment:
    """Insert an accepted enrollment whose images are stored, with templates of no engine."""
    with runtime.database.write() as session:
        subject = make_subject(session, runtime.images.key_ring)
        return make_enrollment(
            session, subject.id, images=runtime.images, contents=contents, **columns
        )


def stale(runtime: Runtime, engine: FaceEngine) -> dict[str, int]:
    with runtime.database.read() as session:
        return enrollments_to_renew(session, engine.engine_id)


def template_count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(FaceTemplate)) or 0


def test_all_are_renewed_and_then_nothing_is_left(any_runtime: Runtime, engine: FaceEngine) -> None:
    one, other = enroll(any_runtime, OBAMA, BIDEN), enroll(any_runtime, BIDEN)
    before = stale(any_runtime, engine)
    assert before == {one.id: 2, other.id: 1}
    outcome = reencode(any_runtime, engine, before)
    assert (outcome.template_count, outcome.enrollment_count, outcome.problems) == (3, 2, [])
    assert stale(any_runtime, engine) == {}


def test_what_cannot_be_renewed_stops_no_other_and_is_told(
    runtime: Runtime, engine: FaceEngine
) -> None:
    lost, poor, whole = enroll(runtime, OBAMA), enroll(runtime, b"?", OBAMA), enroll(runtime, BIDEN)
    runtime.images.store.delete(lost.images[0].storage_key)
    outcome = reencode(runtime, engine, [lost.id, poor.id, whole.id])
    assert (outcome.template_count, outcome.enrollment_count) == (2, 2)
    about = [problem.partition(" ")[0] for problem in outcome.problems]
    assert about == [lost.id, lost.id, poor.id]
    assert "has no template now" in outcome.problems[1]
    assert lost.subject_id in outcome.problems[0]


def test_an_unexpected_failure_stops_no_other(
    runtime: Runtime, engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = enroll(runtime, OBAMA), enroll(runtime, BIDEN)
    get = runtime.images.get

    def fail_for_the_first(storage_key: str, **known: Any) -> bytes:
        if storage_key == broken.images[0].storage_key:
            raise MemoryError
        return get(storage_key, **known)

    monkeypatch.setattr(runtime.images, "get", fail_for_the_first)
    outcome = reencode(runtime, engine, [broken.id, whole.id])
    assert outcome.template_count == 1
    assert outcome.problems == [
        f"{broken.id}: MemoryError. Run this again; the log above has more."
    ]


def test_a_database_that_went_away_ends_the_run(
    runtime: Runtime, engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("worker.reencode.renew_templates", fail)
    with pytest.raises(OperationalError):
        reencode(runtime, engine, ["enr_1"])


def test_erased_subjects_are_left_out(runtime: Runtime, engine: FaceEngine) -> None:
    erased, whole = enroll(runtime, OBAMA), enroll(runtime, BIDEN)
    with runtime.database.write() as session:
        session.delete(session.get_one(SubjectKey, erased.subject_id))
    assert stale(runtime, engine) == {whole.id: 1}
    # It was erased after the list was made.
    outcome = reencode(runtime, engine, [erased.id, whole.id])
    assert (outcome.template_count, outcome.problems) == (1, [])


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator does."""
    command = [sys.executable, "-m", "api.cli", "reencode", *arguments]
    outside = {name: text for name, text in os.environ.items() if "FACE_MONITOR" not in name}
    environment = {
        "FACE_MONITOR_DATA_DIR": str(settings.data_dir),
        "FACE_MONITOR_KEY_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "FACE_MONITOR_ENGINE": "dlib",
    }
    return subprocess.run(command, env=outside | environment, capture_output=True, text=True)


@pytest.fixture
def stored(settings: Settings, database: Database, tmp_path: Path) -> Runtime:
    """What the command finds in its data directory."""
    assert settings.database.database == str(tmp_path / "face-monitor.db")
    return open_runtime(settings)


def test_the_command_tells_first_renews_then_and_may_be_repeated(
    stored: Runtime, settings: Settings
) -> None:
    enroll(stored, OBAMA, BIDEN)
    told = run(settings, "--dry-run")
    assert (told.returncode, template_count(stored.database)) == (0, 0), told.stderr
    assert "2 pictures of 1 enrollments have no template" in told.stdout
    renewed = run(settings)
    assert (renewed.returncode, template_count(stored.database)) == (0, 2), renewed.stderr
    assert "Renewed 2 templates of 1 enrollments." in renewed.stdout
    again = run(settings)
    assert (again.returncode, template_count(stored.database)) == (0, 2), again.stderr
    assert "Every accepted picture has its template" in again.stdout


def test_the_command_ends_with_1_and_says_what_to_do(stored: Runtime, settings: Settings) -> None:
    lost = enroll(stored, b"?")
    outcome = run(settings)
    assert outcome.returncode == 1
    assert lost.id in outcome.stderr
    assert "enroll their face again" in outcome.stderr
    # Nothing is drawn where nobody looks: a bar is for a terminal.
    assert "\x1b" not in outcome.stdout + outcome.stderr


def test_the_command_asks_for_migrations_first(settings: Settings) -> None:
    outcome = run(settings)
    assert outcome.returncode == 1
    assert "face-monitor migrate" in outcome.stderr
    assert "Traceback" not in outcome.stderr
