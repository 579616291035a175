"""What is told to whom, once, and not too often."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from models.alerts import MORE_KEPT, queue_attempt_event, queue_incident_alerts
from models.api_client import ApiClient
from models.attempt import Attempt
from models.attempt_states import move
from models.database import Database
from models.incident import Incident
from models.sealing import KeyRing
from models.settings import Settings
from models.statuses import AlertEvent, AttemptState, DeliveryState, Severity
from models.webhook import AlertMail, Webhook, WebhookDelivery
from tests.support.builders import make_attempt, make_subject
from tests.support.incidents import make_incident, new_webhook

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
URL = "https://lms.example/hook"
KEY_RING = KeyRing([b"k" * 32])


@dataclass
class Desk:
    """A database with an attempt, and the clock."""

    database: Database
    settings: Settings
    attempt: Attempt
    now: datetime = NOW

    def hook(self, **columns: Any) -> Webhook:
        with self.database.write() as session:
            return new_webhook(session, KEY_RING, URL, now=NOW, **columns)

    def incident(self, **columns: Any) -> Incident:
        with self.database.write() as session:
            incident = make_incident(session, self.attempt, now=self.now, **columns)
            queue_incident_alerts(session, self.settings, incident, "incident.opened", now=self.now)
            return incident

    def told(self, incident: Incident, what: str, **columns: Any) -> None:
        with self.database.write() as session:
            incident = session.get_one(Incident, incident.id)
            for name, value in columns.items():
                setattr(incident, name, value)
            queue_incident_alerts(session, self.settings, incident, what, now=self.now)

    def sent(self) -> None:
        with self.database.write() as session:
            for table in (WebhookDelivery, AlertMail):
                for message in session.scalars(select(table)):
                    message.state, message.tries = DeliveryState.DELIVERED, 1
                    message.finished_at = self.now

    def queued(self, table: type[Any] = WebhookDelivery) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(table).order_by(table.id)))


@pytest.fixture
def desk(any_database: Database, settings: Settings) -> Desk:
    with any_database.write() as session:
        attempt = make_attempt(session, make_subject(session, KEY_RING).id)
    settings = settings.model_copy(
        update={"smtp_url": None, "alert_pause_seconds": 300.0, "alert_email_to": ""}
    )
    return Desk(any_database, settings, attempt)


def with_mail(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(
        update={"smtp_url": "smtp://localhost", "alert_email_to": "a@example.org"}
    )


def test_webhook_is_told_of_an_incident_and_no_name(desk: Desk) -> None:
    hook = desk.hook()
    incident = desk.incident()
    [message] = desk.queued()
    assert (message.webhook_id, message.event) == (hook.id, "incident.opened")
    assert message.payload["data"]["incident_id"] == incident.id
    assert message.payload["data"]["kind"] == "wrong_person"
    assert message.payload["id"] == message.event_id
    assert "Test subject" not in str(message.payload)


def test_nothing_is_queued_and_one_statement_is_run_while_nobody_wants_to_hear(
    desk: Desk,
) -> None:
    with desk.database.write() as session:
        incident = make_incident(session, desk.attempt, now=NOW)
        session.flush()
        run: list[str] = []
        listen = lambda *one: run.append(one[2])  # noqa: E731
        event.listen(desk.database.engine, "before_cursor_execute", listen)
        queue_incident_alerts(session, desk.settings, incident, "incident.opened", now=NOW)
        event.remove(desk.database.engine, "before_cursor_execute", listen)
        assert len(run) == 1
    assert desk.queued() == []


def test_same_incident_is_told_once_however_often_it_is_reported(desk: Desk) -> None:
    desk.hook()
    incident = desk.incident()
    desk.told(incident, "incident.opened")
    desk.sent()
    desk.told(incident, "incident.opened")
    assert len(desk.queued()) == 1
    assert desk.queued()[0].payload["more_count"] == 0


def test_an_incident_that_becomes_severe_is_told_then(desk: Desk) -> None:
    desk.hook(min_severity=Severity.HIGH)
    incident = desk.incident(severity=Severity.MEDIUM)
    assert desk.queued() == []
    desk.told(incident, "incident.opened", severity=Severity.HIGH)
    assert [one.payload["data"]["severity"] for one in desk.queued()] == ["high"]


def test_what_comes_within_the_pause_is_told_together_in_the_next_message(desk: Desk) -> None:
    desk.hook()
    desk.incident()
    desk.sent()
    later = [desk.incident(kind=kind) for kind in ("nobody", "away", "no_frames")]
    first, second = desk.queued()
    assert second.not_before == first.finished_at + timedelta(seconds=300)
    told = [second.payload, *second.payload["more"]]
    assert [one["data"]["incident_id"] for one in told] == [one.id for one in later]
    assert second.payload["more_count"] == 2
    desk.now += timedelta(seconds=301)
    desk.sent()
    desk.now += timedelta(seconds=301)
    desk.incident(kind="away")
    assert desk.queued()[-1].not_before == desk.now


def test_message_that_is_being_tried_is_not_changed_any_more(desk: Desk) -> None:
    desk.hook()
    desk.incident()
    with desk.database.write() as session:
        session.scalars(select(WebhookDelivery)).one().tries = 1
    desk.incident()
    first, second = desk.queued()
    assert first.payload["more_count"] == 0
    assert second.not_before == NOW + timedelta(seconds=300)


def test_a_flood_is_counted_beyond_what_is_kept(desk: Desk) -> None:
    desk.hook()
    for _ in range(MORE_KEPT + 4):
        desk.incident()
    [message] = desk.queued()
    assert len(message.payload["more"]) == MORE_KEPT
    assert message.payload["more_count"] == MORE_KEPT + 3
    assert len(set(message.told)) == MORE_KEPT + 4


def test_end_of_an_incident_is_told_to_who_asked_for_it(desk: Desk) -> None:
    desk.hook()
    desk.hook(events=(AlertEvent.INCIDENT_OPENED,))
    incident = desk.incident()
    desk.sent()
    desk.told(incident, "incident.closed", closed_at=NOW, ending="refuted")
    events = [one.event for one in desk.queued()]
    assert sorted(events) == ["incident.closed", "incident.opened", "incident.opened"]


def test_system_hears_of_its_own_subjects_alone(desk: Desk) -> None:
    with desk.database.write() as session:
        for name in ("own", "other"):
            session.add(ApiClient(id=f"cli_{name}", name=name, created_at=NOW))
        session.flush()
        subject = make_subject(session, KEY_RING, owner_client_id="cli_own")
        desk.attempt = make_attempt(session, subject.id)
    own, _other = (desk.hook(owner_client_id=f"cli_{name}") for name in ("own", "other"))
    house = desk.hook()
    desk.incident()
    assert {one.webhook_id for one in desk.queued()} == {own.id, house.id}


def test_webhook_that_was_switched_off_is_told_nothing(desk: Desk) -> None:
    desk.hook(disabled_at=NOW)
    desk.incident()
    assert desk.queued() == []


def test_withdrawn_incidents_and_those_of_long_ago_are_no_news(desk: Desk) -> None:
    desk.hook()
    desk.incident(withdrawn_at=NOW)
    desk.incident(last_at=NOW - timedelta(days=3))
    assert desk.queued() == []


def test_mail_goes_out_from_the_set_severity_on(desk: Desk) -> None:
    with_mail(desk)
    desk.incident(severity=Severity.MEDIUM)
    assert desk.queued(AlertMail) == []
    incident = desk.incident(severity=Severity.HIGH)
    desk.told(incident, "incident.closed", closed_at=NOW)
    [mail] = desk.queued(AlertMail)
    assert (mail.event, mail.payload["data"]["incident_id"]) == ("incident.opened", incident.id)


def test_rolled_back_incident_is_told_to_nobody(desk: Desk) -> None:
    desk.hook()

    class Stop(Exception):
        pass

    try:
        with desk.database.write() as session:
            incident = make_incident(session, desk.attempt, now=NOW)
            queue_incident_alerts(session, desk.settings, incident, "incident.opened", now=NOW)
            raise Stop
    except Stop:
        pass
    assert desk.queued() == []


def test_handing_in_is_told(desk: Desk) -> None:
    desk.hook(events=(AlertEvent.ATTEMPT_SUBMITTED,))
    with desk.database.write() as session:
        attempt = session.get_one(Attempt, desk.attempt.id)
        move(session, attempt, AttemptState.SUBMITTED, actor="system", reason="x", now=NOW)
    [message] = desk.queued()
    assert message.payload["data"] == {"attempt_id": desk.attempt.id, "state": "submitted"}


def test_events_of_attempts_wait_for_no_pause(desk: Desk) -> None:
    desk.hook(events=(AlertEvent.INCIDENT_OPENED, AlertEvent.ATTEMPT_REVIEWED))
    desk.incident()
    with desk.database.write() as session:
        attempt = session.get_one(Attempt, desk.attempt.id)
        for _ in range(2):
            queue_attempt_event(session, attempt, AlertEvent.ATTEMPT_REVIEWED, now=NOW)
    assert [one.not_before for one in desk.queued()] == [NOW] * 3
