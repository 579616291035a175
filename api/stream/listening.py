"""What one listener is sent: a greeting, what it missed, what happens, and signs of life."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi.sse import ServerSentEvent
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.context import Context
from api.field_types import moment_text
from api.stream.happenings import Key
from api.stream.hub import Delivery, Hub, Subscription
from api.stream.schemas import EndEvent, LostEvent, StandingEvent

logger = logging.getLogger(__name__)

ALIVE_SECONDS = 5.0
"""Between two signs of life: a page notices within a few seconds that it shows old things, and
proxies, which give up after 30 s and more, see traffic."""

RECHECK_SECONDS = 20.0
"""How long a stream outlives its sign-in or key."""

CATCH_UP_WINDOW = timedelta(minutes=15)
"""Who was away longer reads the whole anew."""

RETRY_MS = 1000
"""How long a browser waits before it connects again."""


@dataclass(frozen=True)
class Listener:
    """Somebody's seat at a hub."""

    context: Context
    hub: Hub
    subscription: Subscription
    is_still_there: Callable[[], bool]
    """Asks the database whether the key or sign-in still stands."""

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Yield what the listener is sent, until it goes or has to."""
        read_at = await self.hub.read_at()
        since = self.subscription.wish.since
        standing = StandingEvent(read_at=read_at, now=self.context.clock())
        # Its id would skip what was missed, should the connection break before that is told.
        yield _event("hello", standing, None if since else read_at, retry=RETRY_MS)
        told: set[Key] = set()
        if since is not None:
            async for event in self._missed(since, read_at, told):
                yield event
        async for event in self._live(told):
            yield event

    async def _missed(
        self, since: datetime, read_at: datetime, told: set[Key]
    ) -> AsyncIterator[ServerSentEvent]:
        """Yield what happened since the listener's cursor, and note it in `told`."""
        news = None
        if since >= read_at - CATCH_UP_WINDOW:
            news = await self.hub.missed(self.subscription.wish, since)
        if news is None or news.is_too_much:
            reason = LostEvent(reason="too_much" if news else "too_long_ago")
            yield _event("lost", reason, read_at)
            return
        told |= news.keys
        for happening in news.happenings:
            # In order of time: breaking off here, the listener asks again from here.
            yield ServerSentEvent(
                event=happening.kind,
                raw_data=happening.data,
                id=moment_text(min(max(happening.at, since), read_at)),
            )

    async def _live(self, told: set[Key]) -> AsyncIterator[ServerSentEvent]:
        queue = self.subscription.queue
        alive_at = recheck_at = time.monotonic()
        recheck_at += RECHECK_SECONDS
        while True:
            now = time.monotonic()
            if now >= recheck_at:
                recheck_at = now + RECHECK_SECONDS
                if not await self._holds():
                    yield _event("end", EndEvent(reason="not_signed_in"))
                    return
            if now >= alive_at:
                alive_at = now + ALIVE_SECONDS
                yield await self._alive()
            try:
                async with asyncio.timeout(max(0.0, min(alive_at, recheck_at) - time.monotonic())):
                    entry = await queue.get()
            except TimeoutError:
                continue
            if not isinstance(entry, Delivery):
                cursor = await self.hub.read_at() if isinstance(entry, LostEvent) else None
                yield _event("lost" if isinstance(entry, LostEvent) else "end", entry, cursor)
                return
            if entry.happening.key not in told:
                yield ServerSentEvent(
                    event=entry.happening.kind,
                    raw_data=entry.happening.data,
                    id=moment_text(entry.cursor),
                )

    async def _alive(self) -> ServerSentEvent:
        read_at = await self.hub.read_at()
        # What still waits in the queue must not be skipped by a newer cursor.
        cursor = read_at if self.subscription.queue.empty() else None
        standing = StandingEvent(read_at=read_at, now=self.context.clock())
        return _event("alive", standing, cursor, comment="keep-alive")

    async def _holds(self) -> bool:
        try:
            return await run_in_threadpool(self.is_still_there)
        except SQLAlchemyError as error:
            # While nobody can be looked up, nothing can be read that could be told.
            logger.warning("a listener cannot be looked up: %r", type(error))
            return True


def _event(
    name: str,
    data: BaseModel,
    cursor: datetime | None = None,
    *,
    comment: str | None = None,
    retry: int | None = None,
) -> ServerSentEvent:
    return ServerSentEvent(
        event=name,
        raw_data=data.model_dump_json(),
        id=moment_text(cursor) if cursor else None,
        comment=comment,
        retry=retry,
    )
