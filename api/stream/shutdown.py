"""Hearing that the process shall end while requests are still open.

A server first waits for open requests and only then tells the application; streams stay open for
hours, and would hold it up.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def told_of_shutdown(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` as soon as the process is signalled to end, before the server's own handler.

    Only the main thread receives signals; on any other nothing is told.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    servers_own: dict[int, Any] = {}

    def hear(number: int, frame: FrameType | None) -> None:
        tell()
        servers_own[number](number, frame)

    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler):
            servers_own[number] = handler
            signal.signal(number, hear)
    try:
        yield
    finally:
        for heard, handler in servers_own.items():
            signal.signal(heard, handler)
