"""A listener of server-sent events that collects what it hears."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.waiting import wait_until


@dataclass(frozen=True)
class Heard:
    """One event."""

    kind: str
    data: dict[str, Any]
    id: str | None
    comment: str | None


class EventStream:
    """Listens in a thread of its own until the block ends or the server hangs up."""

    def __init__(self, url: str, path: str = "/api/v1/stream", **headers: str) -> None:
        self.heard: list[Heard] = []
        self.status: int | None = None
        self.headers = httpx.Headers()
        self.has_ended = False
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30)
        self._path = path
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self.status is not None, what="the stream's headers")
        if self.status == 200:
            self.wait_for("hello")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self.hang_up()

    @property
    def last_event_id(self) -> str | None:
        """The newest cursor, as a browser would send it back."""
        return next((event.id for event in reversed(self.heard) if event.id), None)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of the events of one kind so far."""
        return [event.data for event in list(self.heard) if event.kind == kind]

    def wait_for(self, kind: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """Wait until so many events of a kind came; return all of them."""
        return wait_until(
            lambda: found if len(found := self.of(kind)) >= count else None,
            what=f"{count} events {kind!r}",
            seconds=seconds,
        )

    def hang_up(self) -> None:
        """Break the connection, as a lost network does."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=10)
        self._client.close()

    def _listen(self) -> None:
        try:
            with self._client.stream("GET", self._path) as response:
                network = response.extensions["network_stream"]
                self._socket = network.get_extra_info("socket")
                self.headers = response.headers
                self.status = response.status_code
                self._read(response)
        except (httpx.HTTPError, RuntimeError, OSError):
            pass  # It hung up, or was hung up on.
        finally:
            self.status = self.status or 0
            self.has_ended = True

    def _read(self, response: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in response.iter_lines():
            if line:
                name, _, value = line.partition(":")
                fields[name or "comment"] = value.strip()
            elif fields:
                self.heard.append(
                    Heard(
                        kind=fields.get("event", ""),
                        data=json.loads(fields.get("data", "{}")),
                        id=fields.get("id"),
                        comment=fields.get("comment"),
                    )
                )
                fields = {}
