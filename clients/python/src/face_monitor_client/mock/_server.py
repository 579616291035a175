"""The fake service: routes, signing in, idempotency, and failures on demand."""

import re
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from face_monitor_client.mock import _attempts, _subjects, _verifications
from face_monitor_client.mock._state import Problem, State

_ROUTES: tuple[tuple[str, str, Callable[..., httpx.Response]], ...] = (
    ("POST", "/subjects", _subjects.create_subject),
    ("GET", "/subjects", _subjects.list_subjects),
    ("GET", "/subjects/([^/]+)", _subjects.get_subject),
    ("DELETE", "/subjects/([^/]+)", _subjects.delete_subject),
    ("POST", "/subjects/([^/]+)/consents", _subjects.give_consent),
    ("POST", "/subjects/([^/]+)/enrollments", _subjects.enrol),
    ("GET", "/subjects/([^/]+)/enrollments", _subjects.list_enrollments),
    ("GET", "/subjects/([^/]+)/enrollments/([^/]+)", _subjects.get_enrollment),
    ("POST", "/verifications", _verifications.create_verification),
    ("GET", "/verifications", _verifications.list_verifications),
    ("GET", "/verifications/([^/]+)", _verifications.get_verification),
    ("POST", "/attempts", _attempts.open_attempt),
    ("GET", "/attempts", _attempts.list_attempts),
    ("GET", "/attempts/([^/]+)", _attempts.get_attempt),
    ("POST", "/attempts/([^/]+)/start", _attempts.start),
    ("POST", "/attempts/([^/]+)/submit", _attempts.submit),
    ("PUT", r"/attempts/([^/]+)/frames/(\d+)", _attempts.put_frame),
    ("GET", r"/attempts/([^/]+)/frames/(\d+)", _attempts.get_frame),
    ("GET", r"/attempts/([^/]+)/frames/(\d+)/image", _attempts.get_frame_image),
    ("POST", "/attempts/([^/]+)/events", _attempts.post_events),
    ("GET", "/attempts/([^/]+)/timeline", _attempts.timeline),
)

_Failure = Callable[[httpx.Request], httpx.Response]


class MockFaceMonitor:
    """A fake Face Monitor in memory.

    Parameters
    ----------
    decide
        What an image shows: the name of a verdict. Everything matches by default.
    holds_verdicts
        Keep enrolments and verifications pending until `release_verdicts()`.
    now
        The service's clock, with a time zone.

    Attributes
    ----------
    requests
        Every request that arrived, failed ones included.
    is_ready
        What `/readyz` says.
    """

    url = "https://face-monitor.test"
    api_key = "fmk_mock_secret"

    def __init__(
        self,
        *,
        decide: Callable[[bytes], str] = lambda _image: "match",
        holds_verdicts: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.requests: list[httpx.Request] = []
        self.is_ready = True
        self._state = State(decide=decide, now=now, holds_verdicts=holds_verdicts)
        self._failures: deque[_Failure] = deque()
        self._replays: dict[str, tuple[bytes, httpx.Response]] = {}

    @property
    def transport(self) -> httpx.MockTransport:
        """The way into the fake, for `FaceMonitorClient(transport=…)`."""
        return httpx.MockTransport(self._handle)

    def release_verdicts(self) -> None:
        """Decide everything that was held back."""
        while self._state.waiting:
            self._state.waiting.pop(0)()

    def fail_next(
        self,
        times: int = 1,
        *,
        status: int = 503,
        code: str = "service_unavailable",
        retry_after_seconds: float | None = None,
    ) -> None:
        """Answer the next requests with a problem, without doing what they ask."""
        headers = {} if retry_after_seconds is None else {"Retry-After": f"{retry_after_seconds:g}"}
        problem = Problem(status, code, "This failure was asked for.")
        self._failures.extend([lambda _request: problem.as_response(headers)] * times)

    def break_next_connection(self, times: int = 1) -> None:
        """Refuse the connection of the next requests; nothing of them arrives."""

        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("connection refused", request=request)

        self._failures.extend([refuse] * times)

    def lose_next_answer(self, times: int = 1) -> None:
        """Do what the next requests ask, and break the connection before they learn of it."""

        def lose(request: httpx.Request) -> httpx.Response:
            self._answer(request)
            raise httpx.ReadError("connection reset", request=request)

        self._failures.extend([lose] * times)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._failures.popleft()(request) if self._failures else self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/readyz":
            return self._readiness()
        try:
            self._check_key(request)
            return self._replay_or_route(request)
        except Problem as problem:
            return problem.as_response()

    def _readiness(self) -> httpx.Response:
        check = {"ok": self.is_ready, "detail": "the fake's own answer"}
        status = "ready" if self.is_ready else "not_ready"
        body = {"status": status, "checks": {"weights": check}}
        return httpx.Response(200 if self.is_ready else 503, json=body)

    def _check_key(self, request: httpx.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise Problem(401, "not_signed_in", "The API key is not known.")

    def _replay_or_route(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return self._route(request)
        asked = b"\n".join([request.method.encode(), request.url.raw_path, request.content])
        if key not in self._replays:
            self._replays[key] = (asked, self._route(request))
            return self._replays[key][1]
        kept, answer = self._replays[key]
        if kept != asked:
            raise Problem(409, "idempotency_conflict", "The key stood on another request.")
        return httpx.Response(
            answer.status_code, content=answer.content, headers={"Idempotent-Replayed": "true"}
        )

    def _route(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        for method, pattern, handler in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return handler(self._state, request, *found.groups())
        raise Problem(404, "not_found", f"The fake has no {request.method} {path}.")
