"""The dispatcher hints at due jobs, urgent ones first, and never floods the broker."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.base import new_id
from models.database import Database, database_now
from models.job import BACKLOG_PRIORITY, Job, WorkerProcess, enqueue
from models.settings import Settings
from models.statuses import JobKind
from worker.dispatcher import BACKLOG_EVERY, Dispatcher


class Hints:
    """Stands where the Celery application stands; may be away."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.fails_after: int | None = None

    def send_task(self, name: str, *, args: list[Any], queue: str) -> None:
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise ConnectionError("the broker is away")
        self.sent.append((name, args[0], queue))


@pytest.fixture
def hints() -> Hints:
    return Hints()


@pytest.fixture
def dispatcher(settings: Settings, any_database: Database, hints: Hints) -> Dispatcher:
    with any_database.write() as session:
        now = database_now(session)
        session.add(WorkerProcess(holder="host/1/1", engine_id="dlib", started_at=now, seen_at=now))
    return Dispatcher(settings, any_database, hints)  # type: ignore[arg-type]


def add_jobs(
    database: Database, kind: JobKind, count: int, priority: int | None = None
) -> list[str]:
    with database.write() as session:
        now = database_now(session)
        return [
            enqueue(session, kind, new_id("frm"), now=now, priority=priority).id
            for _ in range(count)
        ]


def follow_hints(database: Database) -> None:
    """Stand where workers stand: what was hinted at is done."""
    with database.write() as session:
        session.execute(update(Job).where(Job.hinted_at.is_not(None)).values(state="done"))


def test_each_due_job_gets_one_hint(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    jobs = add_jobs(any_database, JobKind.VERIFY_FRAME, 3)
    assert dispatcher.sweep() == 3
    assert dispatcher.sweep() == 0
    assert sorted(job_id for _, job_id, _ in hints.sent) == sorted(jobs)


def test_somebody_waiting_goes_before_frames(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 30)
    dispatcher.sweep()
    [urgent] = add_jobs(any_database, JobKind.ENROLL_FACE, 1)
    hints.sent.clear()
    follow_hints(any_database)
    dispatcher.sweep()
    assert hints.sent[0] == ("enroll_face", urgent, "interactive")


def test_only_a_window_of_hints_is_out(
    dispatcher: Dispatcher, any_database: Database, hints: Hints, settings: Settings
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, settings.dispatch_window + 10)
    assert dispatcher.sweep() == settings.dispatch_window
    assert dispatcher.sweep() == 0


def test_no_hints_while_nobody_can_work(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    with any_database.write() as session:
        session.execute(update(WorkerProcess).values(engine_id=None, trouble="weights missing"))
    add_jobs(any_database, JobKind.VERIFY_FRAME, 2)
    assert dispatcher.sweep() == 0


def test_a_hint_that_led_to_nothing_is_published_again(
    dispatcher: Dispatcher, any_database: Database, hints: Hints, settings: Settings
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 1)
    dispatcher.sweep()
    with any_database.write() as session:
        old = database_now(session) - timedelta(seconds=settings.hint_lifetime_seconds + 1)
        session.execute(update(Job).values(hinted_at=old))
    assert dispatcher.sweep() == 1


def test_hints_that_did_not_go_out_are_due_again(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 3)
    hints.fails_after = 1
    with pytest.raises(ConnectionError):
        dispatcher.sweep()
    hints.fails_after = None
    assert dispatcher.sweep() == 2
    assert len({job_id for _, job_id, _ in hints.sent}) == 3


def test_an_expired_lease_is_hinted_at(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 1)
    with any_database.write() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Job).values(state="running", lease_until=past))
    assert dispatcher.sweep() == 1


def test_a_running_job_is_left_alone(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 1)
    with any_database.write() as session:
        later = database_now(session) + timedelta(seconds=30)
        session.execute(update(Job).values(state="running", lease_until=later))
    assert dispatcher.sweep() == 0


def test_a_job_of_a_newer_release_holds_up_nobody(
    dispatcher: Dispatcher, any_database: Database, hints: Hints
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 1)
    with any_database.write() as session:
        session.execute(update(Job).values(kind="read_lips"))
    [known] = add_jobs(any_database, JobKind.VERIFY_FRAME, 1)
    assert dispatcher.sweep() == 1
    assert hints.sent[0][1] == known


def test_every_kind_has_a_queue(
    any_database: Database, dispatcher: Dispatcher, hints: Hints
) -> None:
    for kind in JobKind:
        add_jobs(any_database, kind, 1)
    assert dispatcher.sweep() == len(JobKind)
    with any_database.read() as session:
        assert all(session.scalars(select(Job.hinted_at)))


def test_frames_of_now_overtake_a_backlog(
    dispatcher: Dispatcher, any_database: Database, hints: Hints, settings: Settings
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 300, BACKLOG_PRIORITY)
    dispatcher.sweep()
    follow_hints(any_database)
    hints.sent.clear()
    live = add_jobs(any_database, JobKind.VERIFY_FRAME, settings.dispatch_window // 2)
    dispatcher.sweep()
    assert [job_id for _, job_id, _ in hints.sent][: len(live)] == sorted(live)


def test_a_backlog_gets_its_share_however_busy_the_cameras_are(
    dispatcher: Dispatcher, any_database: Database, hints: Hints, settings: Settings
) -> None:
    backlog = set(add_jobs(any_database, JobKind.VERIFY_FRAME, 40, BACKLOG_PRIORITY))
    for _ in range(5):
        add_jobs(any_database, JobKind.VERIFY_FRAME, settings.dispatch_window)
        dispatcher.sweep()
        follow_hints(any_database)
    late = [job_id in backlog for _, job_id, _ in hints.sent]
    assert sum(late) == len(late) // BACKLOG_EVERY


def test_a_backlog_gets_its_share_where_one_hint_goes_out_at_a_time(
    dispatcher: Dispatcher, any_database: Database
) -> None:
    backlog = set(add_jobs(any_database, JobKind.VERIFY_FRAME, 3, BACKLOG_PRIORITY))
    add_jobs(any_database, JobKind.VERIFY_FRAME, 9)
    with any_database.read() as session:
        now = database_now(session)
    order = []
    for _ in range(12):
        with any_database.write() as session:
            [(job_id, _kind)] = dispatcher._fair_share(session, now, 1)
            session.execute(update(Job).where(Job.id == job_id).values(state="done"))
        order.append(job_id in backlog)
    assert order == [False, False, False, True] * 3


def test_a_backlog_alone_gets_every_hint(
    dispatcher: Dispatcher, any_database: Database, hints: Hints, settings: Settings
) -> None:
    add_jobs(any_database, JobKind.VERIFY_FRAME, 40, BACKLOG_PRIORITY)
    assert dispatcher.sweep() == settings.dispatch_window
