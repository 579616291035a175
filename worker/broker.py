"""The embedded broker: a private folder in which one file is one hint.

Kombu's own file transport creates a file before it fills it, so that a consumer can read half a
message and end over it, and passes messages through the system's temporary folder. Here a hint
appears by rename, whole or not at all. Losing hints is harmless: the job row is the queue.
"""

import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem

WAIT_SECONDS = 0.2
"""Celery waits 2 s for a message, and once more after it was told to stop."""


class Channel(filesystem.Channel):
    """A channel whose messages appear and vanish in one step."""

    @property
    def _folder(self) -> Path:
        return Path(self.data_folder_in)

    def _put(self, queue: str, message: Any, **_options: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020}_{uuid.uuid4().hex}.{queue}.msg"
        half_written = self._folder / f".{name}"
        half_written.write_text(json.dumps(message))
        half_written.replace(self._folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002
        for path in sorted(self._folder.glob(f"[0-9]*.{queue}.msg")):
            try:
                payload = path.read_text()
                path.unlink()
            except FileNotFoundError:
                continue  # Another worker was quicker.
            return json.loads(payload)
        raise Empty


class Transport(filesystem.Transport):
    """Kombu's file transport with `Channel`."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> Any:
        """Wait for a hint, but not long: between two waits the worker looks whether to stop."""
        wait_seconds = WAIT_SECONDS if timeout is None else min(timeout, WAIT_SECONDS)
        return super().drain_events(  # type: ignore[no-untyped-call]
            connection, timeout=wait_seconds, **options
        )
