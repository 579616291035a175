"""Celery's pool of processes, of which any may be killed at any moment.

A broker without an event loop, as the embedded one, has all children read from one pipe, in turn.
Billiard's turn is a semaphore, which outlives its holder: one idle child killed, and no other
reads again, while all look alive.
"""

import fcntl
import tempfile
from types import TracebackType

from billiard.pool import Pool
from celery.concurrency import prefork


class MortalLock:
    """A lock between forked processes, which the kernel releases when its holder dies."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # Open as long as the pool.

    def acquire(self) -> None:
        """Wait for the lock. Nothing but one thread of each process may ask for it."""
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let others have it."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


class MortalPool(Pool):  # type: ignore[misc]  # Billiard has no types.
    """Billiard's pool with locks that die with their holders."""

    def _setup_queues(self) -> None:
        super()._setup_queues()
        self._inqueue._rlock = MortalLock()  # noqa: SLF001  # There is no other way in.
        self._outqueue._wlock = MortalLock()  # noqa: SLF001


class TaskPool(prefork.TaskPool):  # type: ignore[misc]  # Celery has no types.
    """Celery's pool. With Redis or RabbitMQ each child has a pipe of its own, and no lock."""

    BlockingPool = MortalPool
