"""`kill -9` in the middle of 200 frames: every accepted frame gets exactly one verdict."""

import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from models.job import Job
from models.statuses import JobState
from tests.support.sitting import (
    Ledger,
    Sitting,
    database_of,
    different_frames,
    open_sitting,
    read_ledger,
    wait_for_verdicts,
)
from tests.support.stack import RunningStack, running_stack
from tests.support.waiting import wait_until

FRAMES = 200
MIDDLE = 90
"""After this many frames the killing starts; most of their verdicts are still to come."""

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]


def send_while(sitting: Sitting, stack: RunningStack, victim: str) -> None:
    """Send all frames from one thread and kill the victim from this one, in their middle."""
    frames = different_frames(FRAMES)

    def send_all() -> None:
        for seq, jpeg in enumerate(frames, start=1):
            sitting.send(seq, jpeg)

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_all)
        wait_until(lambda: len(sitting.sha256_by_seq) >= MIDDLE, what="half of the frames")
        stack.child(victim).send_signal(signal.SIGKILL)
        sending.result(timeout=120)


def assert_nothing_lost_or_doubled(sitting: Sitting, ledger: Ledger) -> None:
    assert len(sitting.sha256_by_seq) == FRAMES
    assert ledger.sha256_by_seq == sitting.sha256_by_seq
    assert sorted(ledger.verdicts_by_seq) == list(range(1, FRAMES + 1))
    assert {len(verdicts) for verdicts in ledger.verdicts_by_seq.values()} == {1}
    assert {verdict for [verdict] in ledger.verdicts_by_seq.values()} == {"match"}
    assert ledger.jobs_not_done == 0


@pytest.mark.parametrize("victim", ["worker", "api.cli"])
def test_killed_in_the_middle_of_200_frames(any_stack: RunningStack, victim: str) -> None:
    with open_sitting(any_stack) as sitting:
        before = any_stack.child(victim).pid
        send_while(sitting, any_stack, victim)
        wait_for_verdicts(sitting, FRAMES, seconds=180)
        assert any_stack.child(victim).pid != before
        assert_nothing_lost_or_doubled(sitting, read_ledger(any_stack, sitting.attempt_id))


def test_a_killed_childs_frame_is_verified_within_five_seconds(
    embedded_stack: RunningStack,
) -> None:
    with open_sitting(embedded_stack) as sitting:
        database = database_of(embedded_stack)

        def held_jobs() -> Sequence[Job]:
            with database.read() as session:
                return session.scalars(select(Job).where(Job.state == JobState.RUNNING)).all()

        def are_done(job_ids: list[str]) -> bool:
            with database.read() as session:
                states = session.scalars(select(Job.state).where(Job.id.in_(job_ids)))
                return set(states) == {JobState.DONE}

        for seq, jpeg in enumerate(different_frames(12), start=1):
            sitting.send(seq, jpeg)
        held = wait_until(held_jobs, what="a frame in work", pause=0.001)
        for child in embedded_stack.pool_children():
            child.send_signal(signal.SIGKILL)
        orphaned = [job.id for job in held]
        wait_until(lambda: are_done(orphaned), what="verdicts of the orphaned frames", seconds=5)
        wait_for_verdicts(sitting, 12, seconds=30)
        ledger = read_ledger(embedded_stack, sitting.attempt_id)
        assert [len(verdicts) for verdicts in ledger.verdicts_by_seq.values()] == [1] * 12
        database.close()


def test_idle_children_that_are_killed_keep_no_other_from_work(
    embedded_stack: RunningStack,
) -> None:
    with open_sitting(embedded_stack) as sitting:
        for _ in range(2):
            # One of them waits for work, the others for their turn to wait.
            killed = embedded_stack.pool_children()
            for child in killed:
                child.send_signal(signal.SIGKILL)
            wait_until(
                lambda gone={one.pid for one in killed}: (
                    len(now := embedded_stack.pool_children()) == len(gone)
                    and not gone & {one.pid for one in now}
                ),
                what="new children",
            )
        for seq, jpeg in enumerate(different_frames(4), start=1):
            sitting.send(seq, jpeg)
        wait_for_verdicts(sitting, 4, seconds=30)


def test_children_renewed_every_five_jobs_lose_nothing(tmp_path: Path) -> None:
    with (
        running_stack(tmp_path, worker_tasks_per_child="5") as stack,
        open_sitting(stack) as sitting,
    ):
        for seq, jpeg in enumerate(different_frames(60), start=1):
            sitting.send(seq, jpeg)
        wait_for_verdicts(sitting, 60, seconds=180)
        ledger = read_ledger(stack, sitting.attempt_id)
        assert [len(verdicts) for verdicts in ledger.verdicts_by_seq.values()] == [1] * 60


def test_a_stopped_stack_leaves_no_process(embedded_stack: RunningStack) -> None:
    family = psutil.Process(embedded_stack.process.pid).children(recursive=True)
    assert len(family) >= 6
    embedded_stack.process.send_signal(signal.SIGTERM)
    embedded_stack.process.wait(timeout=40)
    _gone, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    said = embedded_stack.log.read_text()
    assert said.index("Stopping: what was begun") < said.index("Face Monitor has stopped.")


def test_a_killed_supervisor_takes_its_processes_along(embedded_stack: RunningStack) -> None:
    family = psutil.Process(embedded_stack.process.pid).children(recursive=True)
    embedded_stack.process.kill()
    _gone, alive = psutil.wait_procs(family, timeout=25)
    assert alive == []
