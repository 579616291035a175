"""The embedded stack: one parent that starts the service's processes and keeps them alive."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

logger = logging.getLogger(__name__)

COMMANDS: dict[str, tuple[str, ...]] = {
    "api": ("-m", "api.cli", "serve"),
    "worker": ("-m", "worker"),
    "dispatcher": ("-m", "worker.dispatcher"),
    "housekeeping": ("-m", "worker.housekeeping"),
}
"""What is started, each in a process (and process group) of its own."""

STOP_SECONDS = 20.0
"""How long a process may take to end by itself before it is killed: running frames get done."""

STEADY_SECONDS = 10.0
"""A process that lived this long is started again at once when it ends."""

SHORTEST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
"""Between these, the pause doubles with each early end in a row."""

_PR_SET_PDEATHSIG = 1
"""Linux: the signal a process gets when its parent ends, however that ends (prctl(2))."""


@dataclass
class Child:
    """One process of the stack and how it has fared."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    """On the monotonic clock."""
    start_again_at: float = 0.0
    early_ends: int = 0
    command: tuple[str, ...] = field(default=())


class Supervisor:
    """Starts every process of `COMMANDS` and starts each again when it ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._children = [
            Child(name, command=(sys.executable, *arguments))
            for name, arguments in COMMANDS.items()
        ]
        self._is_stopping = False

    def run(self, *, on_stop: Callable[[], None], poll_seconds: float = 0.1) -> None:
        """Keep the stack alive until SIGTERM or SIGINT, then tell so and end every process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        try:
            while not self._is_stopping:
                for child in self._children:
                    self._look_after(child)
                time.sleep(poll_seconds)
            on_stop()
        finally:
            self._end_all()

    def _stop_soon(self, _number: int, _frame: Any) -> None:
        self._is_stopping = True

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                self._start(child)
        elif child.process.poll() is not None:
            is_early = now - child.started_at < STEADY_SECONDS
            child.early_ends = child.early_ends + 1 if is_early else 0
            pause = min(SHORTEST_PAUSE_SECONDS * 2**child.early_ends, LONGEST_PAUSE_SECONDS)
            logger.warning(
                "%s ended with %s; starting it again in %.1f s",
                child.name,
                child.process.returncode,
                pause,
            )
            child.process = None
            child.start_again_at = now + pause

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603  # The commands are this module's own.
            child.command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # The supervisor has one thread.
        )
        child.started_at = time.monotonic()

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
