"""Hints of the embedded broker arrive whole, once, in order, and never crash a consumer."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from models.settings import Settings
from worker.celery_app import make_celery


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    with make_celery(settings).connection_for_write() as connection:
        yield connection


@pytest.fixture
def hints_folder(settings: Settings) -> Path:
    return settings.broker_folder / "hints"


def test_hints_come_in_the_order_they_went(connection: Connection) -> None:
    queue = connection.SimpleQueue("frames")
    for number in range(5):
        queue.put({"number": number})
    received = [queue.get(timeout=1) for _ in range(5)]
    for message in received:
        message.ack()
    assert [message.payload["number"] for message in received] == list(range(5))
    with pytest.raises(Empty):
        queue.get_nowait()


def test_a_half_written_hint_is_not_read(connection: Connection, hints_folder: Path) -> None:
    (hints_folder / ".00000000000000000001_x.frames.msg").write_text('{"body": "half')
    with pytest.raises(Empty):
        connection.SimpleQueue("frames").get_nowait()


def test_queues_do_not_mix(connection: Connection) -> None:
    connection.SimpleQueue("frames").put({"number": 1})
    with pytest.raises(Empty):
        connection.SimpleQueue("interactive").get_nowait()


def test_a_wait_is_short_so_that_who_is_told_to_stop_stops(connection: Connection) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=2.0)
    assert time.monotonic() - began < 1.0


def test_hints_carry_ids_and_nothing_else(
    settings: Settings, connection: Connection, hints_folder: Path
) -> None:
    make_celery(settings).send_task("verify_frame", args=["job_1"], queue="frames")
    [path] = hints_folder.glob("*.frames.msg")
    message = json.loads(path.read_text())
    assert "job_1" in message["headers"]["argsrepr"]
    assert path.stat().st_size < 2000
