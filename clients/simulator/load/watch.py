"""An eye on the service while the students sit: its backlog, and the processor time it takes."""

import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx
import psutil

from clients.simulator.stack import StackAddress, StackFailed

_SAMPLE = re.compile(r'^face_monitor_(\w+)(?:\{\w+="(\w*)"\})? ([0-9.e+-]+)$', re.MULTILINE)

_MODULES: Mapping[str, str] = {
    "api.cli": "api",
    "worker": "worker",
    "worker.dispatcher": "dispatcher",
    "worker.housekeeping": "housekeeping",
}
"""What each child of `face-monitor up` runs, and how it is called here."""


@dataclass
class Backlog:
    """What /metrics says about waiting jobs, sampled while the students sit."""

    address: StackAddress
    oldest_seconds: list[float] = field(default_factory=list)
    """The oldest waiting job of each sample."""
    unanswered: int = 0
    """Samples that got no answer in time."""
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # Proxies of the environment are not asked about the service's own figures.
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {self.address.api_key}"},
            timeout=5.0,
            trust_env=False,
        )

    def sample(self) -> int | None:
        """Note how long the oldest job has waited; return how many are not done, if known."""
        try:
            answer = self._http.get(f"{self.address.url}/metrics")
        except httpx.TransportError:
            self.unanswered += 1
            return None
        if not answer.is_success:
            raise StackFailed(
                f"{self.address.url}/metrics answered {answer.status_code}. Is the key right, and "
                "not withdrawn? Make another with `face-monitor create-api-key NAME`."
            )
        figures = {
            (name, label): float(value) for name, label, value in _SAMPLE.findall(answer.text)
        }
        self.oldest_seconds.append(figures["oldest_waiting_seconds", ""])
        return int(figures["jobs", "pending"] + figures["jobs", "running"])

    def wait_until_done(self, limit_seconds: float) -> float:
        """Return how long it took until no job waited, at most `limit_seconds`."""
        begun = time.monotonic()
        while self.sample() != 0 and time.monotonic() - begun < limit_seconds:
            time.sleep(0.25)
        return time.monotonic() - begun

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


@dataclass(frozen=True)
class CpuSeconds:
    """Processor time so far, in seconds: each part of the stack, this process, the machine."""

    parts: Mapping[str, float]
    generator: float
    machine: float
    """Of all processes, whoever's."""
    at: float
    """On the monotonic clock."""

    @classmethod
    def now(cls, stack_pid: int | None) -> Self:
        """Measure; without a stack of our own its parts stay empty."""
        return cls(_parts(stack_pid), time.process_time(), _machine(), time.monotonic())

    def since(self, earlier: Self) -> dict[str, float]:
        """Return what was used since, by part; `others` is what neither we nor the stack used."""
        used = {
            part: seconds - earlier.parts.get(part, 0.0) for part, seconds in self.parts.items()
        }
        used["generator"] = self.generator - earlier.generator
        if self.parts:
            used["others"] = max(0.0, self.machine - earlier.machine - sum(used.values()))
        return {part: round(seconds, 2) for part, seconds in used.items()}


def _parts(stack_pid: int | None) -> dict[str, float]:
    if stack_pid is None:
        return {}
    supervisor = psutil.Process(stack_pid)
    used: defaultdict[str, float] = defaultdict(float, supervisor=_own_seconds(supervisor))
    for child in supervisor.children():
        try:
            command = child.cmdline()
            module = command[command.index("-m") + 1] if "-m" in command else ""
            tree = [child, *child.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        used[_MODULES.get(module, "supervisor")] += sum(_seconds(process) for process in tree)
    return dict(used)


def _seconds(process: psutil.Process) -> float:
    """Return what a process and its ended children used."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _own_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _machine() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _counted_twice(times))


def _counted_twice(times: object) -> float:
    # Guests run within `user` and `nice` on Linux.
    return float(getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0))
