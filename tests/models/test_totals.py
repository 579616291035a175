"""Totals are those of the tables, and reading them reads what is new alone."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, event, func, select

from models.attempt import Attempt
from models.base import new_id
from models.database import Database, database_now
from models.frame import Frame
from models.job import Job, enqueue
from models.measurement import TOTALS, keep_measurement
from models.sealing import KeyRing
from models.statuses import JobKind, JobState, Verdict
from models.totals import Totals, count_totals, totals
from models.verification import Verification
from tests.support.builders import make_attempt, make_subject
from tests.support.many_rows import seed_verifications


def seed(database: Database, count: int, *, hours_ago: tuple[float, float]) -> Attempt:
    """Insert `count` verified frames of a new attempt."""
    with database.write() as session:
        now = database_now(session)
        attempt = make_attempt(session, make_subject(session, KeyRing([b"k" * 32])).id)
    since, until = (now - timedelta(hours=hours) for hours in hours_ago)
    seed_verifications(database, attempt, count, since=since, until=until)
    return attempt


def count_now(database: Database) -> None:
    with database.write() as session:
        now = database_now(session)
        keep_measurement(session, TOTALS, count_totals(session, now=now), now=now)


def told(database: Database) -> Totals:
    with database.read() as session:
        return totals(session)


def true(database: Database) -> Totals:
    with database.read() as session:
        by_verdict = select(Verification.verdict, func.count()).group_by(Verification.verdict)
        verdicts = dict(session.execute(by_verdict).all())
        jobs = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
        return Totals(
            frames=session.scalar(select(func.count()).select_from(Frame)) or 0,
            verdicts={verdict: verdicts.get(verdict, 0) for verdict in Verdict},
            jobs={state: jobs.get(state, 0) for state in JobState},
        )


def test_totals_are_those_of_the_tables_on_every_database(any_database: Database) -> None:
    assert told(any_database) == true(any_database)
    seed(any_database, 300, hours_ago=(2, 1))
    assert told(any_database) == true(any_database)
    count_now(any_database)
    assert told(any_database) == true(any_database)
    # Half of them before the moment up to which housekeeping counted, half of them after it.
    seed(any_database, 60, hours_ago=(0.03, 0))
    count_now(any_database)
    seed(any_database, 30, hours_ago=(0.005, 0))
    with any_database.write() as session:
        now = database_now(session)
        waiting = enqueue(session, JobKind.VERIFY_FRAME, new_id("frm"), now=now)
        enqueue(session, JobKind.FIND_INCIDENTS, new_id("att"), now=now + timedelta(hours=1))
        enqueue(session, JobKind.VERIFY_FRAME, new_id("frm"), now=now).state = JobState.RUNNING
        waiting.last_error = "once"
    found = told(any_database)
    assert found == true(any_database)
    assert found.frames == 390
    assert found.jobs == {JobState.PENDING: 2, JobState.RUNNING: 1, JobState.DONE: 390}
    assert found.verdicts[Verdict.MATCH] > 300


def test_what_was_erased_is_gone_with_the_next_count(database: Database) -> None:
    seed(database, 40, hours_ago=(3, 2))
    attempt = seed(database, 20, hours_ago=(2, 1))
    count_now(database)
    with database.write() as session:
        session.execute(delete(Verification).where(Verification.attempt_id == attempt.id))
        session.execute(delete(Frame).where(Frame.attempt_id == attempt.id))
    assert told(database).frames == 60
    count_now(database)
    assert told(database) == true(database)
    assert told(database).frames == 40


def test_rows_that_were_counted_are_not_read_again(database: Database) -> None:
    seed(database, 200, hours_ago=(2, 1))
    count_now(database)
    read: list[Any] = []
    event.listen(database.engine, "before_cursor_execute", lambda *one: read.append(one[3]))
    assert told(database).frames == 200
    bounds = [value for one in read for value in one if str(value)[:4] in {"frm_", "ver_", "job_"}]
    assert len(bounds) == 3
    with database.read() as session:
        for model, bound in zip((Frame, Verification, Job), bounds, strict=True):
            newer = select(func.count()).select_from(model).where(model.id >= bound)
            assert session.scalar(newer) == 0
