"""A whole running service for one test: real processes, real sockets, a directory of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.support.waiting import free_port, wait_until

READY_SECONDS = 60.0
"""How long a stack may take to come up on a machine that runs other tests as well."""


@dataclass
class RunningStack:
    """`face-monitor up` in a process of its own."""

    url: str
    data_dir: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def admin_password(self) -> str:
        """The first admin's password, as it was printed."""
        found = re.search(r"password `([^`]+)`", self.log.read_text())
        assert found is not None, self.log.read_text()
        return found.group(1)

    def child(self, module: str) -> psutil.Process:
        """Return the process that runs `module` (`worker`, `api.cli`, `worker.dispatcher` …)."""
        return wait_until(lambda: self._child(module), what=f"a process that runs {module}")

    def pool_children(self) -> list[psutil.Process]:
        """Return the worker's own children, which verify the frames."""
        return self.child("worker").children()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait for `/readyz` to answer 200."""
        wait_until(self.is_ready, what="readiness", seconds=seconds, pause=0.1)

    def is_ready(self) -> bool:
        """Tell whether `/readyz` answers 200 now."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def api_key(self, name: str = "test") -> str:
        """Create an API client and return its key, with the command an operator uses."""
        command = [sys.executable, "-m", "api.cli", "create-api-key", name]
        outcome = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        )
        return outcome.stdout.strip().splitlines()[-1]

    def stop(self) -> None:
        """End the stack as an operator would; fail when it does not end, and end it then."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End every process of the stack at once; stopping it takes seconds, and has own tests."""
        if self.process.poll() is not None:
            return
        processes = psutil.Process(self.process.pid).children(recursive=True)
        # The supervisor first: it would start others in their place.
        self.process.kill()
        self.process.wait()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)

    def _child(self, module: str) -> psutil.Process | None:
        for process in psutil.Process(self.process.pid).children():
            try:
                if process.cmdline()[1:3] == ["-m", module]:
                    return process
            except (psutil.NoSuchProcess, psutil.ZombieProcess, IndexError):
                continue
        return None


@contextmanager
def running_stack(folder: Path, *, wait: bool = True, **settings: str) -> Iterator[RunningStack]:
    """Start a stack in `folder`; `settings` are names without prefix, in lower case.

    It is ready when the block begins, unless `wait` is false.
    """
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("FACE_MONITOR_")
    }
    environment |= {
        "FACE_MONITOR_DATA_DIR": str(folder / "data"),
        "FACE_MONITOR_PORT": str(port),
        **{f"FACE_MONITOR_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder / "stack.log"
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "up"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        stack = RunningStack(f"http://127.0.0.1:{port}", folder / "data", environment, process, log)
        try:
            if wait:
                stack.wait_ready()
            yield stack
        finally:
            stack.kill()
