"""Who holds a job: one process of one machine, told apart from a later one with the same id."""

import os
import socket

import psutil


def this_holder() -> str:
    """Return `host/pid/start` of the running process; `start` in milliseconds since 1970."""
    return f"{this_host()}/{os.getpid()}/{_started_ms(os.getpid())}"


def this_host() -> str:
    """Return the name that tells this machine (or container) from the others."""
    return socket.gethostname()


def is_dead(holder: str) -> bool:
    """Tell whether a holder of *this* machine is gone; those of other machines count as alive."""
    host, pid, started_ms = holder.rsplit("/", 2)
    if host != this_host():
        return False
    return _started_ms(int(pid)) != int(started_ms)


def _started_ms(pid: int) -> int:
    """Return when the process started, or 0 when there is none or it is a corpse."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return 0
        return round(process.create_time() * 1000)
    except psutil.NoSuchProcess:
        return 0
