"""Liveness asks nothing, readiness everything, and figures are not for everybody."""

from datetime import timedelta

import pytest
from sqlalchemy import make_url

from models.database import Database, database_now
from models.job import WorkerProcess, enqueue
from models.statuses import JobKind
from tests.api.conftest import new_client
from tests.support.builders import make_enrollment, make_subject


def see_worker(context, *, seconds_ago=0, engine_id="dlib/test", trouble=None):
    with context.database.write() as session:
        now = database_now(session)
        session.add(
            WorkerProcess(
                holder=f"host/{seconds_ago}/1",
                engine_id=engine_id,
                trouble=trouble,
                started_at=now,
                seen_at=now - timedelta(seconds=seconds_ago),
            )
        )


def wait_for_worker(context, seconds):
    with context.database.write() as session:
        due = database_now(session) - timedelta(seconds=seconds)
        enqueue(session, JobKind.VERIFY_FRAME, "frm_1", now=due)


def failed_checks(caller):
    answer = caller.get("/readyz")
    checks = answer.json()["checks"]
    failed = {name for name, check in checks.items() if not check["ok"]}
    assert answer.status_code == (503 if failed else 200)
    assert answer.json()["status"] == ("not_ready" if failed else "ready")
    assert all(check["detail"] for check in checks.values())
    return failed


def test_process_is_alive_whatever_the_database_does(app, context):
    context.database.close()
    app.state.context.database.engine.connect = None
    answer = new_client(app).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_with_a_worker_an_empty_queue_and_room(anonymous, context):
    see_worker(context)
    wait_for_worker(context, 1)
    assert failed_checks(anonymous) == set()


def test_not_ready_without_a_worker(anonymous):
    assert failed_checks(anonymous) == {"weights"}


def test_not_ready_when_the_worker_was_not_seen_lately(anonymous, context, settings):
    see_worker(context, seconds_ago=settings.worker_seen_seconds + 5)
    assert failed_checks(anonymous) == {"weights"}


def test_not_ready_without_weights_and_says_why(anonymous, context):
    see_worker(context, engine_id=None, trouble="The weights are missing. Run make install.")
    assert failed_checks(anonymous) == {"weights"}
    assert "make install" in anonymous.get("/readyz").json()["checks"]["weights"]["detail"]


def test_not_ready_when_jobs_wait_too_long(anonymous, context, settings):
    see_worker(context)
    wait_for_worker(context, settings.refuse_backlog_seconds + 10)
    assert failed_checks(anonymous) == {"backlog"}
    assert "Start more workers" in anonymous.get("/readyz").json()["checks"]["backlog"]["detail"]


def test_not_ready_when_the_disk_is_full(anonymous, context, monkeypatch, settings):
    see_worker(context)
    monkeypatch.setattr(context.images.store, "free_bytes", lambda: settings.storage_reserve_bytes)
    assert failed_checks(anonymous) == {"storage"}
    assert "Make room" in anonymous.get("/readyz").json()["checks"]["storage"]["detail"]


def test_enrollments_without_a_template_are_a_warning_and_the_service_is_ready(anonymous, context):
    see_worker(context, engine_id="new-engine")
    with context.database.write() as session:
        make_enrollment(session, make_subject(session, context.key_ring).id)
    assert failed_checks(anonymous) == set()
    check = anonymous.get("/readyz").json()["checks"]["templates"]
    assert check["warning"]
    assert "1 enrollment has no template of new-engine" in check["detail"]
    assert "face-monitor reencode" in check["detail"]


def test_no_warning_while_every_enrollment_has_its_template(anonymous, context):
    see_worker(context)
    assert not anonymous.get("/readyz").json()["checks"]["templates"]["warning"]


@pytest.fixture
def unmigrated(context, tmp_path, monkeypatch):
    database = Database(make_url(f"sqlite:///{tmp_path / 'new.db'}"))
    monkeypatch.setattr(context.database, "engine", database.engine)
    yield
    database.close()


def test_not_ready_before_the_migrations(anonymous, unmigrated):
    assert failed_checks(anonymous) == {"schema"}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_reads_the_figures(app, context, address):
    wait_for_worker(context, 5)
    client = new_client(app, address)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'face_monitor_jobs{state="pending"} 1' in lines
    assert 'face_monitor_verifications{verdict="match"} 0' in lines
    assert "face_monitor_frames 0" in lines
    assert any(line.startswith("face_monitor_oldest_waiting_seconds 5.") for line in lines)
    assert answer.text.endswith("\n")
    for line in lines:
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2


def test_figures_are_for_operators_only(anonymous, student, admin, system):
    assert anonymous.get("/metrics").status_code == 401
    assert student.get("/metrics").status_code == 403
    assert admin.get("/metrics").status_code == 200
    assert system.get("/metrics").status_code == 200


def test_proxy_on_this_machine_does_not_make_everybody_local(app):
    client = new_client(app, "127.0.0.1")
    answer = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 401
