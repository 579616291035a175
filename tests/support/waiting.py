"""Waiting on a condition with a limit; no test sleeps for luck."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def wait_until(
    condition: Callable[[], Value], *, what: str, seconds: float = 30.0, pause: float = 0.02
) -> Value:
    """Return the first truthy answer of `condition`; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s (last: {value!r})"
        time.sleep(pause)


def free_port() -> int:
    """Return a port nothing listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
