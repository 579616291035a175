"""The page of the service tells what is true, and reads no table from end to end."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from api.figures.traffic import TrafficCounter
from api.pages.ops import bars
from api.pages.wording import CHECKS
from models.database import Database, database_now
from models.frame_store import StoreUsage
from models.job import BACKLOG_PRIORITY, WorkerProcess, enqueue
from models.measurement import STORAGE, TOTALS, Measurement, keep_measurement
from models.sealing import KeyRing
from models.statuses import JobKind
from models.totals import count_totals
from models.verification import Verification
from tests.api.pages.document import document
from tests.support.builders import make_attempt, make_subject
from tests.support.many_rows import seed_verifications

BIG = ("frame", "job", "verification", "audit_entry", "client_event")
"""Tables that grow with every frame or click."""


def seed(database: Database, count: int, *, hours: float = 2) -> None:
    key_ring = KeyRing([b"k" * 32])
    with database.write() as session:
        now = database_now(session)
        attempt = make_attempt(session, make_subject(session, key_ring).id)
    seed_verifications(database, attempt, count, since=now - timedelta(hours=hours), until=now)


def test_verdicts_of_the_last_hour_are_counted_on_every_database(any_database: Database) -> None:
    seed(any_database, 1200)
    counter = TrafficCounter()
    with any_database.read() as session:
        now = database_now(session)
        traffic = counter.traffic(session, now)
        since = now - timedelta(hours=1)
        expected = Counter(
            session.scalars(select(Verification.verdict).where(Verification.created_at >= since))
        )
    # Stretches have fixed ends: the oldest one may begin half a minute before or after.
    assert abs(sum(traffic.verdicts.values()) - expected.total()) <= 12
    assert sum(traffic.verified) == sum(traffic.verdicts.values())
    assert max(traffic.verified) <= 8


def test_what_was_counted_is_not_counted_again_and_what_is_new_is(database: Database) -> None:
    seed(database, 1200)
    counter, read = TrafficCounter(), []
    with database.read() as session:
        now = database_now(session)
        before = counter.traffic(session, now)
        event.listen(database.engine, "before_cursor_execute", lambda *one: read.append(one[3]))
        again = counter.traffic(session, now)
        later = counter.traffic(session, now + timedelta(minutes=30))
    assert again == before
    assert sum(later.verdicts.values()) < sum(before.verdicts.values())
    lower_bound = min(one for one in read[0] if str(one).startswith("ver_"))
    recent = [one for one in _ids(database) if one >= lower_bound]
    assert 0 < len(recent) < 6


def test_what_comes_while_it_is_watched_is_counted_once(database: Database) -> None:
    seed(database, 60, hours=0.1)
    counter = TrafficCounter()
    with database.read() as session:
        now = database_now(session)
        before = counter.traffic(session, now)
    seed(database, 10, hours=0.001)
    for seconds in (1, 20, 100):
        with database.read() as session:
            later = counter.traffic(session, now + timedelta(seconds=seconds))
        assert sum(later.received) == sum(before.received) + 10
        assert sum(later.verdicts.values()) == sum(before.verdicts.values()) + 10


def _ids(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Verification.id)))


@pytest.mark.parametrize("path", ["/admin/ops", "/metrics"])
def test_what_is_asked_often_reads_ranges_of_indexes_alone(admin, context, path) -> None:
    seed(context.database, 300)
    with context.database.write() as session:
        now = database_now(session)
        keep_measurement(session, TOTALS, count_totals(session, now=now), now=now)
    statements: list[tuple[str, object]] = []
    listen = lambda *one: statements.append((one[2], one[3]))  # noqa: E731
    event.listen(context.database.engine, "before_cursor_execute", listen)
    assert admin.get(path).status_code == 200
    event.remove(context.database.engine, "before_cursor_execute", listen)
    read = [one for one in statements if one[0].startswith("SELECT")]
    assert len(read) < 40
    if context.database.dialect != "sqlite":
        pytest.skip("the plan is read as SQLite tells it")
    scanned = [
        (statement, line)
        for statement, parameters in read
        for line in plan(context.database, statement, parameters)
        if re.match(rf"SCAN ({'|'.join(BIG)})\b", line) and "LIMIT" not in statement
    ]
    assert scanned == []


def plan(database: Database, statement: str, parameters: object) -> list[str]:
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]


def test_a_full_scan_would_be_noticed(database: Database) -> None:
    assert plan(database, "SELECT count(*) FROM verification WHERE verdict = 'match'", ()) == [
        "SCAN verification USING COVERING INDEX ix_verification_attempt_id_verdict"
    ]


def test_page_tells_what_waits_who_works_and_how_fast(admin, context) -> None:
    seed(context.database, 600, hours=0.1)
    with context.database.write() as session:
        now = database_now(session)
        enqueue(session, JobKind.VERIFY_FRAME, "frm_1", now=now, priority=BACKLOG_PRIORITY)
        # Armed for later: nobody waits for it yet.
        enqueue(session, JobKind.FIND_INCIDENTS, "att_1", now=now + timedelta(minutes=1))
        for holder, ago, trouble in (("here/1/1", 1, None), ("there/2/2", 1, "No weights.")):
            session.add(
                WorkerProcess(
                    holder=holder,
                    engine_id="onnx/test",
                    trouble=trouble,
                    started_at=now,
                    seen_at=now - timedelta(seconds=ago),
                )
            )
        keep_measurement(session, STORAGE, {"file_count": 3, "byte_count": 72_000}, now=now)
    page = admin.get("/admin/ops").text
    assert re.search(r"Backlog</dt><dd>1<", page)
    assert "72 kB in 3 files" in page
    assert "No weights." in page
    assert "here/1" in page
    metrics = admin.get("/metrics").text
    assert 'face_monitor_jobs_waiting{lane="backlog"} 1' in metrics
    assert 'face_monitor_jobs_waiting{lane="looks"} 0' in metrics
    assert "face_monitor_storage_used_bytes 72000" in metrics
    shown = re.search(r'verification_latency_seconds\{quantile="0.5"\} ([\d.]+)', metrics)
    assert shown is not None
    assert 0.4 <= float(shown[1]) <= 0.6
    rate = re.search(r'frames_verified_per_second\{window_seconds="60"\} ([\d.]+)', metrics)
    assert rate is not None
    assert 1.4 < float(rate[1]) <= 1.7


def test_page_of_an_empty_service_says_so(admin) -> None:
    page = admin.get("/admin/ops").text
    assert "No worker was seen" in page
    assert "Nothing was verified in the last hour." in page
    assert "Not ready." in page


@pytest.mark.parametrize("address", ["/admin/ops", "/admin/dashboard"])
def test_checks_are_told_in_words_and_their_own_names_stay_in_readyz(admin, address) -> None:
    page = document(admin.get(address).text)
    (checks,) = [one for one in page.all("ul") if one.attributes.get("class") == "checks"]
    told = [item.whole_text() for item in checks.all("li")]
    names = list(admin.get("/readyz").json()["checks"])
    assert names == ["schema", "weights", "templates", "backlog", "storage"]
    titles = [CHECKS[name] for name in names]
    if address == "/admin/ops":
        titles.append(CHECKS["broker"])
    for text_of_check, title in zip(told, titles, strict=True):
        assert text_of_check.split()[: len(title.split())] == title.split()
    assert "No worker was seen lately" in told[1]
    assert "face-monitor worker" in [command.text for command in checks.all("code")]
    assert "`" not in checks.whole_text()


def test_service_page_is_for_staff(student, anonymous) -> None:
    assert student.get("/admin/ops").status_code == 403
    assert anonymous.get("/admin/ops").status_code in {303, 401}


def test_database_size_is_known_on_every_database(any_database: Database) -> None:
    from api.figures.service import database_bytes, versions

    with any_database.read() as session:
        size = database_bytes(session)
        assert size is not None
        assert size > 10_000
        assert versions(session)["Schema"] != "None"


def test_highest_bar_is_as_high_as_the_chart() -> None:
    assert [bar.height for bar in bars([0, 5, 10])] == [0, 30, 60]
    assert [bar.height for bar in bars([0, 0])] == [0, 0]


def test_store_tells_what_it_holds(context) -> None:
    context.images.store.put("frames/att_x/frm_y", b"12345")
    assert context.images.store.usage() == StoreUsage(1, 5)


def test_measurement_is_replaced_by_the_next(database: Database) -> None:
    with database.write() as session:
        for count in (1, 2):
            keep_measurement(session, STORAGE, {"byte_count": count}, now=datetime.now(UTC))
    with database.read() as session:
        assert [one.figures for one in session.scalars(select(Measurement))] == [{"byte_count": 2}]
        assert session.scalar(text("SELECT count(*) FROM measurement")) == 1
