"""The id that ties an answer, its log lines and audit entries together."""

import re
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.base import new_id

HEADER = "X-Request-Id"
"""Read when it is sane, and set on every answer."""

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class RequestIds:
    """ASGI middleware: gives each request an id and puts it on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        request_id = sent if _SANE.match(sent) else new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


async def request_id_of(request: Request) -> str:
    """Return the id of `request`."""
    request_id: str = request.state.request_id
    return request_id


RequestId = Annotated[str, Depends(request_id_of)]
"""The request's id, as a parameter of a route."""
