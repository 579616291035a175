"""The client."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from face_monitor_client._attempt_calls import AttemptCalls
from face_monitor_client._connection import Connection, json_of, problem_of
from face_monitor_client._readiness import Readiness
from face_monitor_client._reading import read
from face_monitor_client._retries import RetryPolicy
from face_monitor_client._subject_calls import SubjectCalls
from face_monitor_client._verification_calls import VerificationCalls

DEFAULT_TIMEOUT_SECONDS = 10.0
"""For connecting, and for each read; an answer that may be held back gets that time on top."""


class FaceMonitorClient(SubjectCalls, VerificationCalls, AttemptCalls):
    """A typed, synchronous client of one Face Monitor service.

    May be shared by threads; close it, or use it as a context manager.

    Parameters
    ----------
    base_url
        Where the service is, as `https://faces.example.org`; its API lies below `/api/v1`.
    api_key
        From `face-monitor create-api-key`.
    timeout
        Seconds.
    retries
        When and how often a request is sent again. Every request of this client may be: POSTs
        carry an idempotency key.
    transport
        Replaces the network, as `face_monitor_client.mock.MockFaceMonitor().transport` does.
    sleep, clock
        Waiting and a monotonic clock, both in seconds.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        retries: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = base_url.rstrip("/")
        http = httpx.Client(
            base_url=f"{self._root}/api/v1",
            headers={"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
            timeout=timeout,
            transport=transport,
        )
        self._connection = Connection(http, retries or RetryPolicy(), sleep, clock)

    def __repr__(self) -> str:
        # The key stays out of logs and tracebacks.
        return f"{type(self).__name__}({self._root!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._connection.http.close()

    def readiness(self) -> Readiness:
        """Return whether the service can take work; "not ready" is an answer, not an error."""
        answer = self._connection.ask_once("GET", f"{self._root}/readyz")
        if answer.status_code not in {200, 503}:
            raise problem_of(answer)
        return read(Readiness, json_of(answer))
