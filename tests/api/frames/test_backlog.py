"""Many frames at once, as after a time offline, are taken in and wait behind live ones."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.frame import Frame
from models.job import BACKLOG_PRIORITY, FRAME_PRIORITY, Job
from tests.api.frames.conftest import Sender

LIVE = 4
"""Twice the frames that the attempt's camera captures in a minute."""


@pytest.fixture
def sender(system, new_attempt) -> Sender:
    return Sender(system, new_attempt(system, frame_interval_seconds=30.0).id)


@pytest.fixture
def priorities(context):
    def read(attempt_id: str) -> list[int]:
        with context.database.read() as session:
            return list(
                session.scalars(
                    select(Job.priority)
                    .join(Frame, Frame.id == Job.target_id)
                    .where(Frame.attempt_id == attempt_id)
                    .order_by(Frame.seq)
                )
            )

    return read


def test_frames_beyond_twice_the_pace_are_a_backlog(sender, priorities):
    for seq in range(1, LIVE + 4):
        assert sender.put(seq).status_code == 202
    assert priorities(sender.attempt_id) == [FRAME_PRIORITY] * LIVE + [BACKLOG_PRIORITY] * 3


def test_a_backlog_of_one_attempt_makes_none_of_another(system, new_attempt, sender, priorities):
    other = Sender(system, new_attempt(system, frame_interval_seconds=30.0).id)
    for seq in range(1, LIVE + 3):
        sender.put(seq)
    other.put(1)
    assert priorities(other.attempt_id) == [FRAME_PRIORITY]


def test_once_the_backlog_is_sent_frames_are_live_again(sender, priorities, clock):
    for seq in range(1, LIVE + 2):
        sender.put(seq)
    clock.now += timedelta(seconds=61)
    sender.put(LIVE + 2)
    assert priorities(sender.attempt_id)[-2:] == [BACKLOG_PRIORITY, FRAME_PRIORITY]


def test_a_repeated_frame_counts_once(sender, priorities):
    for _ in range(LIVE + 2):
        assert sender.put(1).status_code == 202
    sender.put(2)
    assert priorities(sender.attempt_id) == [FRAME_PRIORITY] * 2


def test_a_backlog_slows_nobody_down(sender, context):
    for seq in range(1, LIVE + 2):
        sender.put(seq)
    with context.database.write() as session:
        for job in session.scalars(select(Job)):
            if job.priority == FRAME_PRIORITY:
                job.state = "done"
            else:
                job.not_before -= timedelta(seconds=100)
    assert sender.put(LIVE + 2).json()["next"]["interval_seconds"] == 30.0
