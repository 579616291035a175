"""Whose turn it is to have a report made, which takes seconds of the processor frames need."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request

from api.problems import TooManyRequests

MADE_AT_ONCE = 1
"""Reports and bundles of one process. Frames come in meanwhile."""

WAITING_ALLOWED = 5
"""Each waits in a thread; the others serve frames."""

WAIT_SECONDS = 60.0
"""As long as a browser waits with patience."""

_RETRY_AFTER_SECONDS = 10


class ReportDesk:
    """Lets requests for reports take turns."""

    def __init__(
        self, *, waiting_allowed: int = WAITING_ALLOWED, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._turn = threading.BoundedSemaphore(MADE_AT_ONCE)
        self._places = threading.BoundedSemaphore(MADE_AT_ONCE + waiting_allowed)
        self._wait_seconds = wait_seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn until the block ends.

        Raises
        ------
        TooManyRequests
            Too many wait already, or the one before takes too long.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=self._wait_seconds):
                raise _busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()


async def desk_of(request: Request) -> ReportDesk:
    """Return the desk of this application."""
    desk: ReportDesk = request.app.state.report_desk
    return desk


CurrentDesk = Annotated[ReportDesk, Depends(desk_of)]
"""The desk, as a parameter of a route."""


def _busy() -> TooManyRequests:
    return TooManyRequests(
        "Other reports are being made just now.", retry_after_seconds=_RETRY_AFTER_SECONDS
    )
