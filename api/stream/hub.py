"""One reader of the database per process, and everybody in it who listens.

All of this runs on the event loop; only the reading itself has a thread.
"""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError

from api.context import Context
from api.principal import Person
from api.problems import ServiceUnavailable, TooManyRequests
from api.stream.happenings import OVERLAP, Happening, Key, News, Wish, read_missed, read_news
from api.stream.schemas import EndEvent, LostEvent

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.4
"""Between two looks at the database: what was committed is told half a second later at most."""

QUEUE_LENGTH = 2000
"""Events kept for a listener that does not read: half a minute of an exam of three hundred."""

STREAMS_PER_PRINCIPAL = 10
"""Of one person or system and process: some windows, and those a browser has yet to give up."""

MOST_AT_ONCE = 5000
"""Events one reading may bring. Beyond it a listener reads the whole anew, which costs less."""


@dataclass(frozen=True)
class Delivery:
    """An event on its way, with the cursor that asks for what comes after it."""

    happening: Happening
    cursor: datetime


@dataclass(eq=False)
class Subscription:
    """One listener, and what waits for it."""

    wish: Wish
    queue: asyncio.Queue[Delivery | LostEvent | EndEvent] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH)
    )
    is_over: bool = False
    """Nothing is put into the queue any more: its last entry says why."""

    def wants(self, happening: Happening) -> bool:
        """Tell whether the listener may and wants to hear of it; `visible_to`, said of one row."""
        wish = self.wish
        return (
            (
                isinstance(wish.principal, Person)
                or happening.owner_client_id == wish.principal.client_id
            )
            and wish.exam_id in {None, happening.exam_id}
            and wish.attempt_id in {None, happening.attempt_id}
        )

    def offer(self, delivery: Delivery) -> None:
        """Queue it; a listener whose queue is full loses what waits, and hears that."""
        if self.is_over:
            return
        if self.queue.full():
            self.end(LostEvent(reason="too_slow"))
        else:
            self.queue.put_nowait(delivery)

    def end(self, last: LostEvent | EndEvent) -> None:
        """Let `last` be the last thing the listener hears."""
        if self.is_over:
            return
        self.is_over = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(last)


class Hub:
    """Reads while somebody listens, and tells each listener what it may hear."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._subscriptions: set[Subscription] = set()
        self._seats: Counter[str] = Counter()
        self._reader: asyncio.Task[None] | None = None
        # Threads of their own: a busy service must not keep its watchers waiting.
        self._threads = CapacityLimiter(1)
        self._catch_up_threads = CapacityLimiter(2)
        self._seen: set[Key] = set()
        self._read_at: datetime | None = None
        self._has_begun = asyncio.Event()
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_reading(self) -> bool:
        """Whether anybody listens, so that the database is looked at."""
        return self._reader is not None

    async def read_at(self) -> datetime:
        """Return until when everything was read and queued, once that is known."""
        while self._read_at is None:
            await self._has_begun.wait()
        return self._read_at

    def subscribe(self, wish: Wish) -> Subscription:
        """Let somebody listen from the next reading on; `unsubscribe` gives the seat back.

        Raises
        ------
        TooManyRequests
            The person or system has as many streams as it may have.
        ServiceUnavailable
            The process is about to end.
        """
        if self._is_closed:
            raise ServiceUnavailable
        actor = wish.principal.actor
        if self._seats[actor] >= STREAMS_PER_PRINCIPAL:
            raise TooManyRequests(
                f"At most {STREAMS_PER_PRINCIPAL} streams may be open at once.",
                retry_after_seconds=30,
            )
        self._seats[actor] += 1
        subscription = Subscription(wish)
        self._subscriptions.add(subscription)
        if self._reader is None:
            self._loop = asyncio.get_running_loop()
            self._reader = self._loop.create_task(self._keep_reading())
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a listener."""
        self._subscriptions.discard(subscription)
        actor = subscription.wish.principal.actor
        self._seats[actor] -= 1
        if not self._seats[actor]:
            del self._seats[actor]

    def close(self) -> None:
        """End every stream, because the process ends. Any thread or signal handler may call it."""
        self._is_closed = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_all)

    async def missed(self, wish: Wish, since: datetime) -> News:
        """Return what a listener missed. Asked after `read_at`, nothing falls in between."""

        def read() -> News:
            with self._context.database.read() as session:
                return read_missed(session, wish, since - OVERLAP, most=MOST_AT_ONCE)

        return await to_thread.run_sync(read, limiter=self._catch_up_threads)

    def _end_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.end(EndEvent(reason="shutting_down"))

    async def _keep_reading(self) -> None:
        try:
            while self._subscriptions:
                await self._read_once()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            # No await between the last look at the listeners and here: nobody is forgotten.
            self._reader = None
            self._read_at = None
            self._has_begun.clear()
            self._seen.clear()

    async def _read_once(self) -> None:
        now = self._context.clock()
        try:
            news = await to_thread.run_sync(self._read, now, limiter=self._threads)
        except SQLAlchemyError as error:
            logger.warning("the stream cannot read the database: %r", type(error))
            return
        except Exception:  # The edge of a task: whoever listens sees `read_at` stand still.
            logger.exception("the stream cannot read what happened")
            return
        is_first = self._read_at is None
        self._seen = news.keys
        self._read_at = now
        self._has_begun.set()
        if is_first:
            return
        for subscription in list(self._subscriptions):
            if news.is_too_much:
                subscription.end(LostEvent(reason="too_much"))
            for happening in news.happenings:
                if subscription.wants(happening):
                    subscription.offer(Delivery(happening, now))

    def _read(self, now: datetime) -> News:
        # The first reading only finds out what is old.
        most = MOST_AT_ONCE if self._read_at is not None else 0
        with self._context.database.read() as session:
            return read_news(session, now - OVERLAP, seen=self._seen, most=most)
