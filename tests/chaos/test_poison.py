"""A frame that takes its process down each time ends as `error`; nobody else waits."""

import signal

import pytest
from sqlalchemy import select

from models.database import Database
from models.job import Job
from models.statuses import JobKind, JobState
from tests.support.sitting import database_of, different_frames, open_sitting, wait_for_verdicts
from tests.support.stack import RunningStack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def kill_holder(stack: RunningStack, database: Database, attempt: int) -> None:
    """Kill the child that holds the frame's job in its given attempt."""

    def holder() -> int | None:
        with database.read() as session:
            job = session.scalars(select(Job).where(Job.kind == JobKind.VERIFY_FRAME)).first()
            if job is None or job.state != JobState.RUNNING or job.attempts != attempt:
                return None
            return int((job.holder or "").split("/")[1])

    pid = wait_until(holder, what=f"attempt {attempt}", seconds=20, pause=0.001)
    [child] = [child for child in stack.pool_children() if child.pid == pid]
    child.send_signal(signal.SIGKILL)


def test_three_dead_processes_make_a_verdict_of_error(embedded_stack: RunningStack) -> None:
    with open_sitting(embedded_stack) as sitting:
        database = database_of(embedded_stack)
        poison, *others = different_frames(6)
        sitting.send(1, poison)
        for attempt in (1, 2, 3):
            kill_holder(embedded_stack, database, attempt)
        wait_for_verdicts(sitting, 1, seconds=30)
        verification = sitting.client.get_frame(sitting.attempt_id, 1).verification
        assert verification is not None
        assert (verification.verdict, verification.error_code) == ("error", "poison")
        for seq, jpeg in enumerate(others, start=2):
            sitting.send(seq, jpeg)
        wait_for_verdicts(sitting, 6, seconds=30)
        for seq in range(2, 7):
            verification = sitting.client.get_frame(sitting.attempt_id, seq).verification
            assert verification is not None
            assert verification.verdict == "match"
        database.close()
