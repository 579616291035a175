"""A webhook is locked before its messages by everybody, so that no two wait for each other."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, text

from api.principal import Person
from api.webhooks.service import redeliver, remove_webhook
from models.alerts import queue_incident_alerts
from models.database import Database, database_now
from models.sealing import KeyRing
from models.settings import Settings
from models.statuses import Role
from models.webhook import Webhook, WebhookDelivery
from tests.support.builders import NOW, make_attempt, make_subject
from tests.support.incidents import make_incident, new_webhook
from tests.support.schema_copies import SchemaCopies
from tests.support.waiting import wait_until
from worker.notifier import Notifier
from worker.webhook_sender import Outcome

pytestmark = pytest.mark.services

ADMIN = Person("usr_1", Role.ADMIN, None, "root", "sgn_1", "token")


@pytest.fixture
def postgres(settings: Settings, schema_copies: SchemaCopies) -> Iterator[Database]:
    """PostgreSQL tells who waits for whom, and ends one of two who wait for each other."""
    with schema_copies.postgres() as url:
        database = Database(settings.model_copy(update={"database_url": url}).database)
        yield database
        database.close()


class Crossing:
    """A webhook with a message, and those who meet there, each in a transaction of its own."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.context: Any = SimpleNamespace(clock=lambda: NOW)
        key_ring = KeyRing(settings.required_encryption_keys())
        with database.write() as session:
            now = database_now(session)
            subject_id = make_subject(session, key_ring).id
            self.attempt = make_attempt(session, subject_id, now=now)
            self.hook = new_webhook(session, key_ring, "https://hook.example", now=now)
        self.incident()
        self.notifier = Notifier(settings, database, key_ring)
        [self.claimed] = self.notifier._claim(Counter())

    def incident(self) -> None:
        with self.database.write() as session:
            now = database_now(session)
            incident = make_incident(session, self.attempt, now=now)
            queue_incident_alerts(session, self.settings, incident, "incident.opened", now=now)

    def mark(self) -> None:
        self.notifier._mark(self.claimed, Outcome(error="It answered 500."))

    def redeliver(self) -> None:
        message_id = self.claimed.message.id
        with self.database.write() as session:
            redeliver(session, self.context, ADMIN, self.hook.id, message_id, "req_1")

    def remove(self) -> None:
        with self.database.write() as session:
            remove_webhook(session, self.context, ADMIN, self.hook.id, "req_1")

    def waiting_count(self) -> int:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        own = " AND datname = current_database()"
        with self.database.engine.connect() as connection:
            count: int = connection.scalar(text(waiting + own))
            return count

    def meet(self, *visits: Callable[[], None]) -> None:
        """Let them come one after the other while the webhook is locked, then go on."""
        with ThreadPoolExecutor(len(visits)) as threads:
            with self.database.write() as session:
                session.get_one(Webhook, self.hook.id, with_for_update=True)
                ends = []
                for count, visit in enumerate(visits, start=1):
                    ends.append(threads.submit(visit))
                    wait_until(lambda count=count: self.waiting_count() == count, what="the visit")
            for end in ends:
                end.result(30)


@pytest.fixture
def crossing(postgres: Database, settings: Settings) -> Crossing:
    return Crossing(postgres, settings)


@pytest.mark.parametrize("other", ["mark", "incident"])
def test_sending_again_and_who_sends_or_tells_do_not_wait_for_each_other(
    crossing: Crossing, other: str
) -> None:
    crossing.meet(crossing.redeliver, getattr(crossing, other))
    with crossing.database.read() as session:
        states = session.scalars(select(WebhookDelivery.state)).all()
    assert set(states) == {"pending"}


@pytest.mark.parametrize("other", ["mark", "incident"])
def test_webhook_that_is_removed_meanwhile_is_no_trouble(crossing: Crossing, other: str) -> None:
    crossing.meet(crossing.remove, getattr(crossing, other))
    with crossing.database.read() as session:
        assert session.scalars(select(WebhookDelivery)).all() == []
