"""Who holds a job: one process of one machine, told apart from a later one with the same id."""

import os
import socket
from pathlib import Path

import psutil

_PROC = Path("/proc")


def this_holder() -> str:
    """Return `host/pid/start` of the running process; `start` as `_started` tells it."""
    return f"{this_host()}/{os.getpid()}/{_started(os.getpid())}"


def this_host() -> str:
    """Return the name that tells this machine (or container) from the others."""
    return socket.gethostname()


def is_dead(holder: str) -> bool:
    """Tell whether a holder of *this* machine is gone; those of other machines count as alive."""
    host, pid, started = holder.rsplit("/", 2)
    if host != this_host():
        return False
    return _started(int(pid)) != int(started)


def _started(pid: int) -> int:
    """Return when the process started, or 0 when there is none or it is a corpse.

    In clock ticks since the machine's start where /proc tells them: they do not move when
    somebody sets the clock. In milliseconds since 1970 elsewhere.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return 0
        if (_PROC / str(pid)).is_dir():
            # Field 22, counted behind the program's name, which may hold blanks itself.
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            return int(fields[19])
        return round(process.create_time() * 1000)
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return 0
