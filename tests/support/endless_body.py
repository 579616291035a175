"""A request whose body never ends, sent straight into the application.

The usual test client gathers a body before it sends it; this one counts what was really read.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

CHUNK_BYTES = 65_536


class EndlessBody:
    """A body that goes on for as long as somebody reads it."""

    def __init__(self, beginning: bytes) -> None:
        self._next = beginning
        self.taken_bytes = 0

    def post(self, app: FastAPI, path: str, headers: Mapping[str, str]) -> Any:
        """Return the JSON of the answer to a POST with this body."""
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "client": ("192.0.2.1", 5),
            "server": ("localhost", 8000),
            "scheme": "http",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(app(scope, self._receive, send))  # type: ignore[arg-type]
        return json.loads(b"".join(message.get("body", b"") for message in sent))

    async def _receive(self) -> dict[str, Any]:
        chunk, self._next = self._next, bytes(CHUNK_BYTES)
        self.taken_bytes += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}
