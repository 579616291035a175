"""A listener that does not read, and a process that is told to end."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from api.principal import Person
from api.stream.happenings import Happening, Wish
from api.stream.hub import QUEUE_LENGTH, Delivery, Hub, Subscription
from api.stream.schemas import LostEvent
from models.statuses import Role
from tests.api.stream.conftest import headers_of
from tests.conftest import ENCRYPTION_KEY
from tests.support.event_stream import EventStream
from tests.support.waiting import free_port, wait_until

ADMIN = Person("usr_1", Role.ADMIN, None, "Root", "sig_1", "token")
ENDS_WITHIN_SECONDS = 5
"""Half of what the server grants open requests before it cuts them off."""


def delivery(number: int, clock) -> Delivery:
    happening = Happening(
        "verification", (str(number), ""), clock(), "att_1", None, None, f'{{"n":{number}}}'
    )
    return Delivery(happening, clock())


def test_slow_listener_is_dropped_and_keeps_nothing(clock) -> None:
    slow, quick = Subscription(Wish(ADMIN)), Subscription(Wish(ADMIN))
    heard = 0
    for number in range(QUEUE_LENGTH + 100):
        for subscription in (slow, quick):
            subscription.offer(delivery(number, clock))
        heard += isinstance(quick.queue.get_nowait(), Delivery)
    assert heard == QUEUE_LENGTH + 100
    assert slow.queue.qsize() == 1
    assert slow.queue.get_nowait() == LostEvent(reason="too_slow")


def test_hub_goes_on_after_an_outage(context, monkeypatch, caplog) -> None:
    async def listen_through_an_outage() -> None:
        hub = Hub(context)
        read, failures = hub._read, []

        def fail_twice(now):
            if len(failures) < 2:
                failures.append(now)
                raise RuntimeError("no database")
            return read(now)

        monkeypatch.setattr(hub, "_read", fail_twice)
        subscription = hub.subscribe(Wish(ADMIN))
        async with asyncio.timeout(10):
            assert await hub.read_at() > failures[-1]
        hub.unsubscribe(subscription)

    asyncio.run(listen_through_an_outage())
    assert caplog.text.count("the stream cannot read what happened") == 2


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_process_with_open_streams_ends_quickly(admin, settings, database_url, ending) -> None:
    port = free_port()
    environment = {name: text for name, text in os.environ.items() if "FACE_MONITOR" not in name}
    environment |= {
        "FACE_MONITOR_PORT": str(port),
        "FACE_MONITOR_DATA_DIR": str(settings.data_dir),
        "FACE_MONITOR_DATABASE_URL": database_url,
        "FACE_MONITOR_SECRET_KEY": "a secret of the tests",
        "FACE_MONITOR_KEY_ENCRYPTION_KEY": ENCRYPTION_KEY,
    }
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "api.cli", "serve"], env=environment)
    try:
        wait_until(lambda: answers(url), what="the process to listen", pause=0.1)
        with EventStream(url, **headers_of(admin)) as one, EventStream(url, **headers_of(admin)):
            began = time.monotonic()
            process.send_signal(ending)
            process.wait(timeout=ENDS_WITHIN_SECONDS)
            assert time.monotonic() - began < ENDS_WITHIN_SECONDS
            assert one.wait_for("end") == [{"reason": "shutting_down"}]
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False
