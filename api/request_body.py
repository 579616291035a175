"""Bodies with a limit: refused by their declared length, and counted while they come in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ImageTooLarge, Problem, RequestTooLarge, RequestTooSlow

ORDINARY_BODY_MAX_BYTES = 256 * 1024
"""For JSON and forms. FastAPI reads those whole before any dependency runs, that is before the
caller is known; only a reader of ours raises the limit, after that."""

SILENCE_SECONDS = 15.0
"""How long a body may fall silent. Whoever holds memory by never finishing is let go of."""


@dataclass
class BodyLimit:
    """How much of this request's body may be read. A reader of larger bodies raises it."""

    max_bytes: int = ORDINARY_BODY_MAX_BYTES
    problem: type[Problem] = RequestTooLarge
    received: int = 0
    charged: int = 0
    """Of these, what counts against the memory for uploads."""

    def raise_to(self, max_bytes: int, problem: type[Problem] = RequestTooLarge) -> None:
        """Take up to `max_bytes`; more is answered with `problem`."""
        self.max_bytes = max_bytes
        self.problem = problem

    def check(self, byte_count: int) -> None:
        """Raise the problem when `byte_count` is over the limit."""
        if byte_count > self.max_bytes:
            raise self.problem(f"At most {self.max_bytes} bytes are taken here.")


class BodyLimits:
    """ASGI middleware: nothing reads more of a body than the request's `BodyLimit` allows.

    Nor does anything wait for ever: a body that falls silent is given up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = BodyLimit()
        scope.setdefault("state", {})["body_limit"] = limit
        declared = _declared_length(scope)
        is_complete = False

        async def receive_within_limit() -> Message:
            nonlocal is_complete
            limit.check(declared)
            if is_complete:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), SILENCE_SECONDS)
            except TimeoutError:
                raise RequestTooSlow from None
            if message["type"] == "http.request":
                is_complete = not message.get("more_body", False)
                limit.received += len(message.get("body", b""))
                limit.check(limit.received)
            return message

        await self.app(scope, receive_within_limit, send)


def bounded_body(
    max_bytes: int | Callable[[Request], int], problem: type[Problem] = ImageTooLarge
) -> Callable[[Request], Awaitable[bytes]]:
    """Return a dependency that reads a raw body of at most `max_bytes`.

    `max_bytes` may be a function of the request, for limits that are settings. Name the
    principal before it among the parameters: then a stranger's body is never read.
    """

    async def read_body(request: Request) -> bytes:
        limit: BodyLimit = request.state.body_limit
        limit.raise_to(max_bytes(request) if callable(max_bytes) else max_bytes, problem)
        return await request.body()

    return read_body


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
