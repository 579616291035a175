"""The notifier: sends what is due to webhooks and by e-mail, at least once each.

A message is claimed under a lease and counted before it is sent, sent with no transaction open,
and marked after, each by itself. Killed in between, it is sent again once the lease is over.
Several notifiers may run: each claims other rows.
"""

import asyncio
import logging
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import httpx
from sqlalchemy.orm import Session

from models.database import Database, database_now
from models.sealing import KeyRing
from models.settings import Settings
from models.webhook import AlertMail, Webhook, WebhookDelivery
from worker import mailer, webhook_sender
from worker.outgoing import (
    due_mail,
    due_webhooks,
    give_up_overdue,
    note_outcome,
    oldest_due,
    overdue_of_disabled,
    record_outcome,
)
from worker.sending import Message, Sender
from worker.webhook_sender import Outcome

logger = logging.getLogger(__name__)

SPARE_SECONDS = 20.0
"""For the claim before a try and the mark after it."""

LEASE_SECONDS = max(webhook_sender.WHOLE_SECONDS, mailer.WHOLE_SECONDS) + SPARE_SECONDS
"""Longer than any try takes, so that no message is tried twice at once."""

PAUSE_AFTER_FAILURE_SECONDS = 5.0
"""How long to wait when the database is away."""

THREADS = 32
"""A name that is looked up for a minute keeps a thread so long, and no other message waiting."""


class _Lane(Enum):
    """What is sent side by side; to one webhook one message. Nobody waits for another lane."""

    WEBHOOKS = 8
    FAILING_WEBHOOKS = 4
    """They may take all the time there is."""
    MAIL = 1

    @property
    def is_failing(self) -> bool:
        return self is _Lane.FAILING_WEBHOOKS


@dataclass(frozen=True)
class _Claimed:
    """A message that this notifier sends now."""

    message: Message
    hook: Webhook | None
    lane: _Lane
    token: str
    claimed_at: float
    """On `time.monotonic`, before the lease began."""


class Notifier:
    """Sends due messages. `sweep` and `run` may be called by several processes at once."""

    def __init__(self, settings: Settings, database: Database, key_ring: KeyRing) -> None:
        self._settings = settings
        self._database = database
        self._sender = Sender(settings, key_ring)

    def sweep(self) -> int:
        """Send what is due, at most one message to each; return how many were tried.

        Raises
        ------
        Exception
            The database is away. What was sent and could not be marked is sent again.
        """
        return asyncio.run(self._sweep())

    async def _sweep(self) -> int:
        claimed = await asyncio.to_thread(self._claim, Counter())
        async with webhook_sender.make_client() as client:
            tries = [self._deliver(client, one) for one in claimed]
            results = await asyncio.gather(*tries, return_exceptions=True)
        for problem in results:
            if problem is not None:
                raise problem
        return len(claimed)

    def run(self, stopping: threading.Event) -> None:
        """Send until told to stop, through outages of the database."""
        while not stopping.is_set():
            try:
                asyncio.run(self._run(stopping))
            except Exception as error:  # noqa: BLE001  # What is away comes back; the rows wait.
                _warn(error)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)

    async def _run(self, stopping: threading.Event) -> None:
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="notifier")
        asyncio.get_running_loop().set_default_executor(threads)
        tries: dict[asyncio.Task[None], _Claimed] = {}
        async with webhook_sender.make_client() as client:
            told_to_stop = asyncio.create_task(_told(stopping))
            while not stopping.is_set():
                pause = self._settings.notify_interval_seconds
                try:
                    busy = Counter(one.lane for one in tries.values())
                    for one in await asyncio.to_thread(self._claim, busy):
                        tries[asyncio.create_task(self._deliver(client, one))] = one
                except Exception as error:  # noqa: BLE001  # What is away comes back; the rows wait.
                    _warn(error)
                    pause = PAUSE_AFTER_FAILURE_SECONDS
                # A burst takes no seconds each: who is done with one gets the next at once.
                await asyncio.wait(
                    {told_to_stop, *tries}, timeout=pause, return_when=asyncio.FIRST_COMPLETED
                )
                _let_go_of_done(tries)
            await asyncio.wait({told_to_stop, *tries})
            _let_go_of_done(tries)

    def _claim(self, busy: Counter[_Lane]) -> list[_Claimed]:
        """Claim what is due and finds room beside what is being sent."""
        claimed_at = time.monotonic()
        room = {lane: lane.value - busy[lane] for lane in _Lane}
        with self._database.read() as session:
            now = database_now(session)
            hook_ids = {
                hook_id: lane
                for lane in (_Lane.WEBHOOKS, _Lane.FAILING_WEBHOOKS)
                if room[lane]
                for hook_id in session.scalars(
                    due_webhooks(now, failing=lane.is_failing, limit=room[lane])
                )
            }
            has_mail = room[_Lane.MAIL] and session.scalar(due_mail(now)) is not None
            if not hook_ids and not has_mail and session.scalar(overdue_of_disabled(now)) is None:
                return []
        with self._database.write(survives_power_cut=False) as session:
            now = database_now(session)
            give_up_overdue(session, now)
            due: list[tuple[Message | None, _Lane]]
            due = [(oldest_due(session, hook_id, now), lane) for hook_id, lane in hook_ids.items()]
            if has_mail:
                mail = due_mail(now).with_for_update(skip_locked=True)
                due.append((session.scalars(mail).one_or_none(), _Lane.MAIL))
            return [
                _taken(session, message, lane, now, claimed_at)
                for message, lane in due
                if message is not None
            ]

    async def _deliver(self, client: httpx.AsyncClient, claimed: _Claimed) -> None:
        """Send one message and mark it, whatever becomes of the others."""
        until = claimed.claimed_at + mailer.WHOLE_SECONDS
        outcome = await self._sender.send(client, claimed.message, claimed.hook, until=until)
        await asyncio.to_thread(self._mark, claimed, outcome)

    def _mark(self, claimed: _Claimed, outcome: Outcome) -> None:
        with self._database.write() as session:
            hook = None
            if claimed.hook is not None:
                # The webhook before its messages, as everywhere: else two wait for each other.
                hook = session.get(Webhook, claimed.hook.id, with_for_update={"key_share": True})
            own_id = claimed.message.id
            message: Message | None
            if hook is not None:
                message = session.get(WebhookDelivery, own_id, with_for_update=True)
            else:
                message = session.get(AlertMail, own_id, with_for_update=True)
            if message is None or message.token != claimed.token:
                return  # It was removed, or given to another notifier meanwhile.
            now = database_now(session)
            record_outcome(message, outcome, now=now)
            if hook is not None:
                note_outcome(hook, outcome, now=now)


def _taken(
    session: Session,
    message: Message,
    lane: _Lane,
    now: datetime,
    claimed_at: float,
) -> _Claimed:
    token = message.token = secrets.token_hex(16)
    message.lease_until = now + timedelta(seconds=LEASE_SECONDS)
    message.tries += 1
    hook = None
    if isinstance(message, WebhookDelivery):
        hook = session.get_one(Webhook, message.webhook_id)
    return _Claimed(message, hook, lane, token, claimed_at)


async def _told(stopping: threading.Event) -> None:
    """Return once told to stop. Asked again and again, so that no thread waits for ever."""
    while not await asyncio.to_thread(stopping.wait, 1.0):
        pass


def _warn(error: Exception) -> None:
    logger.warning("no alerts for a moment: %s: %s", type(error).__name__, error)


def _let_go_of_done(tries: dict[asyncio.Task[None], _Claimed]) -> None:
    for task in [one for one in tries if one.done()]:
        message = tries.pop(task).message
        if (error := task.exception()) is not None:
            what = type(error).__name__
            logger.warning("message %s is sent again, it was not marked: %s", message.id, what)
