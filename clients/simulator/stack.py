"""The demo's own stack: `face-monitor up` in a temporary directory, gone afterwards."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from face_monitor_client import FaceMonitorClient, FaceMonitorError

READY_LIMIT_SECONDS = 40.0
"""For migrations, models and the first worker; usually below ten."""

STOP_LIMIT_SECONDS = 15.0
"""Between the polite signal and the other one."""

POLL_SECONDS = 0.1
"""Between two looks at whether the stack is ready."""

FACE_MONITOR = (sys.executable, "-m", "api.cli")
"""The same interpreter, so that a demo inside a virtual environment stays inside it."""

_SOURCE_ROOT = Path(__file__).resolve().parents[2]


class StackFailed(Exception):
    """The stack did not start; the message ends with what to do."""


@dataclass(frozen=True)
class StackAddress:
    """Where a stack is, and a key that opens it."""

    url: str
    api_key: str


class OwnStack:
    """A stack of its own, as a context manager.

    Other stacks on this machine are not touched: the port is a free one, the data directory is
    new, and settings of the environment (`FACE_MONITOR_…`) and of a `.env` file are not passed on.

    Parameters
    ----------
    command
        How `face-monitor` is called.
    """

    def __init__(
        self,
        command: Sequence[str] = FACE_MONITOR,
        *,
        ready_limit_seconds: float = READY_LIMIT_SECONDS,
        stop_limit_seconds: float = STOP_LIMIT_SECONDS,
    ) -> None:
        self._command = command
        self._ready_limit_seconds = ready_limit_seconds
        self._stop_limit_seconds = stop_limit_seconds
        # The process may still write while its directory is removed, after a failed start.
        self._folder = tempfile.TemporaryDirectory(
            prefix="face-monitor-demo-", ignore_cleanup_errors=True
        )
        self._home = Path(self._folder.name)
        self._log = self._home / "stack.log"
        self._url = f"http://127.0.0.1:{_free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> StackAddress:
        """Return the stack's address once it is ready.

        Raises
        ------
        StackFailed
            It ended, or was not ready in time.
        """
        port = self._url.rpartition(":")[2]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own command line)
                [*self._command, "up", "--data-dir", str(self._data), "--port", port],
                cwd=self._home,
                env=_clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready(self._process)
        return StackAddress(self._url, self._create_api_key())

    def stop(self) -> None:
        """End the stack and remove its directory; does nothing when it never began."""
        if self._process is not None:
            _end(self._process, self._stop_limit_seconds)
            self._process = None
        self._folder.cleanup()

    def last_words(self) -> str:
        """Return what to do about a stack that fails, and the end of its log."""
        lines = self._log.read_text(errors="replace").splitlines()[-12:]
        return "Run `face-monitor doctor`; it looks for what is missing.\n" + "\n".join(lines)

    @property
    def pid(self) -> int | None:
        """The process of `face-monitor up`, parent of all others; None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        begun = time.monotonic()
        # Proxies of the environment are for other addresses than this machine's own.
        with httpx.Client(trust_env=False, timeout=5.0) as http:
            while time.monotonic() - begun < self._ready_limit_seconds:
                if process.poll() is not None:
                    raise StackFailed(f"`face-monitor up` ended. {self.last_words()}")
                if _is_ready(http, self._url):
                    return
                time.sleep(POLL_SECONDS)
        raise StackFailed(
            f"The stack was not ready within {self._ready_limit_seconds:g} s. {self.last_words()}"
        )

    def _create_api_key(self) -> str:
        made = subprocess.run(  # noqa: S603  (our own command line)
            [*self._command, "create-api-key", "demo", "--data-dir", str(self._data)],
            cwd=self._home,
            env=_clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = made.stdout.split()
        if made.returncode != 0 or not lines:
            raise StackFailed(f"No API key could be made. {made.stderr[-500:]}")
        return lines[-1]


def check_ready(client: FaceMonitorClient, url: str) -> None:
    """Return when the service at `url` can work.

    Raises
    ------
    StackFailed
        It cannot, or nothing answers; the message says what to do.
    """
    try:
        readiness = client.readiness()
    except FaceMonitorError as problem:
        raise StackFailed(
            f"No Face Monitor answers at {url} ({problem}). Start one with "
            "`face-monitor up`, or leave --url out: an own one is started then."
        ) from problem
    if not readiness.is_ready:
        lacking = [
            f"{name}: {check.detail}" for name, check in readiness.checks.items() if not check.ok
        ]
        raise StackFailed(f"{url} is not ready. {'; '.join(lacking)}")


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "FACE_MONITOR_" not in name}
    return {**kept, "PYTHONPATH": str(_SOURCE_ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_ready(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _end(process: subprocess.Popen[bytes], limit_seconds: float) -> None:
    """Ask the process to end, then end its whole group (the session that it leads)."""
    process.terminate()
    try:
        process.wait(limit_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
