"""Every job reaches exactly one end, on each database."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from models.base import new_id
from models.database import Database, database_now
from models.job import Job, enqueue
from models.statuses import JobKind, JobState
from worker.holder import is_dead, this_holder, this_host
from worker.job_protocol import (
    Claim,
    StaleClaim,
    claim_job,
    finish_job,
    put_back_job,
    release_jobs_of_the_dead,
)


def new_job(database: Database) -> str:
    with database.write() as session:
        return enqueue(session, JobKind.VERIFY_FRAME, new_id("frm"), now=database_now(session)).id


def claim(database: Database, job_id: str, lease_seconds: float = 30) -> Claim:
    claimed = claim_job(database, job_id, lease_seconds=lease_seconds)
    assert claimed is not None
    return claimed


def state_of(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def finish(database: Database, claimed: Claim) -> None:
    with database.write() as session:
        finish_job(session, claimed)


def end_lease(database: Database, job_id: str) -> None:
    with database.write() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == job_id).values(lease_until=past))


def test_a_due_job_is_claimed_once(any_database: Database) -> None:
    job_id = new_job(any_database)
    claim(any_database, job_id)
    assert claim_job(any_database, job_id, lease_seconds=30) is None


def test_claims_at_the_same_moment_give_one_holder(any_database: Database) -> None:
    job_id = new_job(any_database)
    barrier = Barrier(6)
    claims: list[Claim | None] = []

    def race() -> None:
        barrier.wait()
        claims.append(claim_job(any_database, job_id, lease_seconds=30))

    threads = [Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 6
    assert sum(claimed is not None for claimed in claims) == 1
    assert state_of(any_database, job_id).attempts == 1


def test_the_attempt_is_counted_before_anything_is_done(any_database: Database) -> None:
    job_id = new_job(any_database)
    assert claim(any_database, job_id).attempts == 1
    assert state_of(any_database, job_id).attempts == 1


def test_a_finished_job_is_never_claimed_again(any_database: Database) -> None:
    job_id = new_job(any_database)
    finish(any_database, claim(any_database, job_id))
    end_lease(any_database, job_id)
    assert claim_job(any_database, job_id, lease_seconds=30) is None
    assert state_of(any_database, job_id).state == JobState.DONE


def test_an_expired_lease_makes_the_job_due_and_the_old_holder_stale(
    any_database: Database,
) -> None:
    job_id = new_job(any_database)
    first = claim(any_database, job_id)
    end_lease(any_database, job_id)
    second = claim(any_database, job_id)
    assert second.attempts == 2
    with pytest.raises(StaleClaim):
        finish(any_database, first)
    finish(any_database, second)


def test_a_stale_holder_that_comes_after_the_result_is_refused(any_database: Database) -> None:
    job_id = new_job(any_database)
    first = claim(any_database, job_id)
    end_lease(any_database, job_id)
    finish(any_database, claim(any_database, job_id))
    with pytest.raises(StaleClaim):
        finish(any_database, first)


def test_a_job_put_back_waits_for_its_pause(any_database: Database) -> None:
    job_id = new_job(any_database)
    put_back_job(any_database, claim(any_database, job_id), error="ValueError", delay_seconds=60)
    assert claim_job(any_database, job_id, lease_seconds=30) is None
    job = state_of(any_database, job_id)
    assert (job.state, job.last_error) == (JobState.PENDING, "ValueError")
    with any_database.write() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == job_id).values(not_before=past))
    second = claim(any_database, job_id)
    assert second.attempts == 2
    finish(any_database, second)
    assert state_of(any_database, job_id).last_error is None, "it succeeded in the end"


def test_a_stale_holder_cannot_put_back(any_database: Database) -> None:
    job_id = new_job(any_database)
    first = claim(any_database, job_id)
    end_lease(any_database, job_id)
    second = claim(any_database, job_id)
    put_back_job(any_database, first, error="late", delay_seconds=60)
    finish(any_database, second)


def test_the_lease_of_a_dead_process_ends_at_once(any_database: Database) -> None:
    job_id = new_job(any_database)
    claim(any_database, job_id, lease_seconds=3600)
    corpse = subprocess.Popen([sys.executable, "-c", "pass"])
    corpse.wait()
    with any_database.write() as session:
        dead = f"{this_host()}/{corpse.pid}/1"
        session.execute(update(Job).where(Job.id == job_id).values(holder=dead))
    assert release_jobs_of_the_dead(any_database) == 1
    assert claim(any_database, job_id).attempts == 2


def test_the_leases_of_the_living_and_of_other_machines_stay(any_database: Database) -> None:
    mine, foreign = new_job(any_database), new_job(any_database)
    claim(any_database, mine, lease_seconds=3600)
    claim(any_database, foreign, lease_seconds=3600)
    with any_database.write() as session:
        session.execute(update(Job).where(Job.id == foreign).values(holder="another-machine/1/1"))
    assert release_jobs_of_the_dead(any_database) == 0
    assert claim_job(any_database, mine, lease_seconds=30) is None
    assert claim_job(any_database, foreign, lease_seconds=30) is None


def test_a_process_with_a_reused_id_is_not_the_old_holder() -> None:
    assert not is_dead(this_holder())
    assert is_dead(f"{this_host()}/{os.getpid()}/1")
