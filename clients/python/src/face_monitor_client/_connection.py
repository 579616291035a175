"""One request at a time: signed in, repeated where that is safe, problems turned into errors."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from face_monitor_client._errors import (
    FieldError,
    ProblemError,
    TimedOut,
    TransportError,
    UnexpectedAnswer,
    error_class,
)
from face_monitor_client._retries import RETRIED_STATUSES, RetryPolicy


@dataclass(frozen=True, slots=True)
class Connection:
    """The road to one service.

    Every method of the contract may be repeated: GET, PUT and DELETE by nature, POST because it
    carries an `Idempotency-Key` that is made once for all tries.
    """

    http: httpx.Client
    retries: RetryPolicy
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        wait_seconds: float = 0.0,
        **content: Any,
    ) -> httpx.Response:
        """Return the service's answer, whose status is below 400.

        Parameters
        ----------
        wait_seconds
            How long the service may hold the answer back until work is done (`Prefer: wait`);
            the read timeout grows by as much.
        content
            `json`, `params`, `files`, `data` or `content` as httpx takes them.

        Raises
        ------
        TransportError
            No answer came, in any try.
        ProblemError
            The service said no, or "not now" in every try.
        """
        request = self._build(method, path, dict(headers or {}), wait_seconds, content)
        started, tries = self.clock(), 0
        while True:
            tries += 1
            failure = self._try_once(request)
            if isinstance(failure, httpx.Response):
                return failure
            delay = None
            if _may_pass(failure):
                delay = self.retries.delay_seconds(
                    tries=tries,
                    elapsed_seconds=self.clock() - started,
                    retry_after_seconds=getattr(failure, "retry_after_seconds", None),
                )
            if delay is None:
                raise failure
            self.sleep(delay)

    def ask_once(self, method: str, path: str) -> httpx.Response:
        """Return whatever the service answers, a problem included, without repeating."""
        return self._send(self.http.build_request(method, path))

    def pages(
        self, path: str, params: Mapping[str, str | int | None]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the bodies of a list page by page, following its cursors."""
        wanted = {name: value for name, value in params.items() if value is not None}
        while True:
            body = json_of(self.ask("GET", path, params=wanted))
            if not isinstance(body, dict) or not isinstance(body.get("items"), list):
                raise UnexpectedAnswer(f"{path} did not answer with a list.")
            yield body
            if not body.get("next_cursor"):
                return
            wanted["cursor"] = body["next_cursor"]

    def _build(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        wait_seconds: float,
        content: Mapping[str, Any],
    ) -> httpx.Request:
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        timeout = self.http.timeout
        if wait_seconds > 0:
            headers["Prefer"] = f"wait={wait_seconds:g}"
            if timeout.read is not None:
                longer = {**timeout.as_dict(), "read": timeout.read + wait_seconds}
                timeout = httpx.Timeout(**longer)
        request = self.http.build_request(method, path, headers=headers, timeout=timeout, **content)
        # The body is read once, so that every try sends the same bytes (a multipart boundary
        # made anew would be another request to the idempotency store).
        request.read()
        return request

    def _try_once(self, request: httpx.Request) -> httpx.Response | ProblemError | TransportError:
        try:
            response = self._send(request)
        except TransportError as failure:
            return failure
        return response if response.is_success else problem_of(response)

    def _send(self, request: httpx.Request) -> httpx.Response:
        where = f"{request.method} {request.url.path}"
        try:
            return self.http.send(request)
        except httpx.TimeoutException as problem:
            raise TimedOut(f"{where} was not answered in time.") from problem
        except httpx.RequestError as problem:
            raise TransportError(f"{where} got no answer: {problem}") from problem


def _may_pass(failure: ProblemError | TransportError) -> bool:
    return isinstance(failure, TransportError) or failure.status in RETRIED_STATUSES


def json_of(response: httpx.Response) -> Any:
    """Return the JSON of an answer.

    Raises
    ------
    UnexpectedAnswer
        There is none: something other than Face Monitor answered.
    """
    try:
        return response.json()
    except ValueError as problem:
        raise UnexpectedAnswer(
            f"{response.request.url.path} answered {response.status_code} without JSON."
        ) from problem


def problem_of(response: httpx.Response) -> ProblemError:
    """Return the error that an answer of 300 or above stands for."""
    try:
        body = response.json()
    except ValueError:
        body = None
    problem: Mapping[str, Any] = body if isinstance(body, dict) else {}
    status = response.status_code
    code = str(problem.get("code") or f"http_{status}")
    return error_class(status, code)(
        str(problem.get("detail") or problem.get("title") or response.reason_phrase),
        status=status,
        code=code,
        next_step=problem.get("next_step"),
        request_id=problem.get("request_id"),
        errors=_field_errors(problem.get("errors")),
        retry_after_seconds=_retry_after_seconds(response),
    )


def _field_errors(listed: object) -> tuple[FieldError, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(
        FieldError(str(item.get("field", "")), str(item.get("message", "")))
        for item in listed
        if isinstance(item, dict)
    )


def _retry_after_seconds(response: httpx.Response) -> float | None:
    """Return the wait that was asked for; the HTTP-date form is left to the client's back-off."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None
