"""Whoever was told that an incident opened is told what became of it, and nothing void goes out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.alerts import MORE_KEPT
from models.database import Database
from models.settings import Settings
from models.statuses import AlertEvent, DeliveryState, Severity
from models.told import TAKEN_BACK
from models.webhook import AlertMail, WebhookDelivery
from tests.models.test_alerts import KEY_RING, NOW, Desk, with_mail
from tests.support.builders import make_attempt, make_subject

OPENED, CLOSED, WITHDRAWN = (
    AlertEvent.INCIDENT_OPENED,
    AlertEvent.INCIDENT_CLOSED,
    AlertEvent.INCIDENT_WITHDRAWN,
)
ALL = (OPENED, CLOSED, WITHDRAWN)


def desk_of(database: Database, settings: Settings) -> Desk:
    with database.write() as session:
        attempt = make_attempt(session, make_subject(session, KEY_RING).id)
    usual = {"smtp_url": None, "alert_pause_seconds": 300.0, "alert_email_to": ""}
    return Desk(database, settings.model_copy(update=usual), attempt)


@pytest.fixture
def desk(database: Database, settings: Settings) -> Desk:
    return desk_of(database, settings)


def said(desk: Desk, table: type[Any] = WebhookDelivery) -> list[list[str]]:
    """Return the events of each message."""
    return [
        [item["event"] for item in (one.payload, *one.payload["more"])]
        for one in desk.queued(table)
    ]


def change(desk: Desk, **columns: Any) -> None:
    with desk.database.write() as session:
        message = session.scalars(select(WebhookDelivery)).one()
        for name, value in columns.items():
            setattr(message, name, value)


def test_who_was_told_of_the_opening_is_told_of_the_withdrawal(
    any_database: Database, settings: Settings
) -> None:
    desk = desk_of(any_database, settings)
    desk.hook(events=ALL)
    desk.hook(events=(OPENED,))
    desk.hook(events=ALL, min_severity=Severity.HIGH)
    incident = desk.incident(severity=Severity.MEDIUM)
    assert len(desk.queued()) == 2
    desk.sent()
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    [message] = [one for one in desk.queued() if one.event == WITHDRAWN]
    assert message.payload["data"]["incident_id"] == incident.id
    assert message.payload["data"]["withdrawn_at"] == "2026-11-23T10:00:00.000000Z"
    assert message.not_before == NOW + timedelta(seconds=300)
    desk.sent()
    desk.told(incident, WITHDRAWN)
    assert len(desk.queued()) == 3


def test_withdrawal_is_told_however_long_ago_it_was(desk: Desk) -> None:
    desk.hook(events=ALL)
    incident = desk.incident()
    desk.sent()
    desk.now += timedelta(days=5)
    desk.told(incident, WITHDRAWN, withdrawn_at=desk.now)
    assert said(desk) == [[OPENED], [WITHDRAWN]]


@pytest.mark.parametrize("events", [ALL, (OPENED, CLOSED)])
def test_what_waits_of_a_withdrawn_incident_is_not_sent(
    desk: Desk, events: tuple[AlertEvent, ...]
) -> None:
    desk.hook(events=events)
    incident = desk.incident()
    desk.told(incident, CLOSED, closed_at=NOW)
    assert said(desk) == [[OPENED, CLOSED]]
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    assert desk.queued() == []


def test_what_waits_beside_it_is_sent(desk: Desk) -> None:
    desk.hook(events=ALL)
    void = desk.incident()
    others = [desk.incident(kind=kind) for kind in ("nobody", "away")]
    desk.told(void, WITHDRAWN, withdrawn_at=NOW)
    [message] = desk.queued()
    items = [message.payload, *message.payload["more"]]
    assert [item["data"]["incident_id"] for item in items] == [one.id for one in others]
    assert (message.event_id, message.payload["more_count"]) == (message.payload["id"], 1)
    assert message.told == [f"incident.opened:{one.id}" for one in others]


def test_one_of_a_flood_that_is_only_counted_is_counted_no_more(desk: Desk) -> None:
    desk.hook(events=ALL)
    incidents = [desk.incident() for _ in range(MORE_KEPT + 3)]
    desk.told(incidents[-1], WITHDRAWN, withdrawn_at=NOW)
    desk.told(incidents[0], WITHDRAWN, withdrawn_at=NOW)
    [message] = desk.queued()
    assert message.payload["data"]["incident_id"] == incidents[1].id
    assert (len(message.payload["more"]), message.payload["more_count"]) == (MORE_KEPT - 1, 50)


def test_waiting_end_gives_way_to_the_withdrawal_where_it_is_asked_for(desk: Desk) -> None:
    asks, asks_not = desk.hook(events=ALL), desk.hook(events=(OPENED, CLOSED))
    incident = desk.incident()
    desk.sent()
    desk.told(incident, CLOSED, closed_at=NOW)
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    waiting = {one.webhook_id: one.event for one in desk.queued() if not one.tries}
    assert waiting == {asks.id: WITHDRAWN, asks_not.id: CLOSED}


def test_one_found_again_is_told_as_opened_anew(desk: Desk) -> None:
    desk.hook(events=ALL)
    incident = desk.incident()
    desk.sent()
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    desk.sent()
    desk.told(incident, OPENED, withdrawn_at=None)
    desk.told(incident, CLOSED, closed_at=NOW)
    assert said(desk) == [[OPENED], [WITHDRAWN], [OPENED, CLOSED]]


def test_withdrawal_that_still_waits_is_taken_back_when_it_is_found_again(desk: Desk) -> None:
    desk.hook(events=ALL)
    incident = desk.incident()
    desk.sent()
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    desk.told(incident, OPENED, withdrawn_at=None)
    assert said(desk) == [[OPENED]]


def test_end_is_told_to_who_heard_of_the_opening_whatever_the_severity_is_now(desk: Desk) -> None:
    desk.hook(events=ALL, min_severity=Severity.HIGH)
    incident = desk.incident()
    desk.sent()
    desk.told(incident, CLOSED, severity=Severity.LOW, closed_at=NOW)
    assert said(desk) == [[OPENED], [CLOSED]]


def test_end_is_not_told_to_who_heard_nothing_and_wants_graver_ones(desk: Desk) -> None:
    desk.hook(events=ALL, min_severity=Severity.HIGH)
    incident = desk.incident(severity=Severity.LOW)
    desk.told(incident, CLOSED, closed_at=NOW)
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    assert desk.queued() == []


@pytest.mark.parametrize(
    ("lease_until", "state"),
    [(None, DeliveryState.FAILED), (NOW + timedelta(seconds=30), DeliveryState.PENDING)],
)
def test_failed_try_of_a_withdrawn_opening_is_the_last(
    desk: Desk, lease_until: datetime | None, state: DeliveryState
) -> None:
    """It may have arrived all the same: the withdrawal is told. One being sent is let be."""
    desk.hook(events=ALL)
    incident = desk.incident()
    change(desk, tries=2, lease_until=lease_until)
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    first, second = desk.queued()
    assert (first.state, second.event) == (state, WITHDRAWN)
    assert (first.last_error == TAKEN_BACK) is (state == DeliveryState.FAILED)


def test_nothing_waits_for_a_webhook_that_is_switched_off(desk: Desk) -> None:
    hook = desk.hook(events=ALL)
    incident = desk.incident()
    with desk.database.write() as session:
        session.merge(hook).disabled_at = NOW
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    assert desk.queued() == []


def test_who_was_mailed_the_opening_is_mailed_the_withdrawal(desk: Desk) -> None:
    with_mail(desk)
    incident = desk.incident()
    desk.sent()
    desk.told(incident, CLOSED, closed_at=NOW)
    desk.told(incident, WITHDRAWN, withdrawn_at=NOW)
    waits = desk.incident(kind="nobody")
    desk.told(waits, WITHDRAWN, withdrawn_at=NOW)
    desk.told(desk.incident(severity=Severity.LOW), WITHDRAWN, withdrawn_at=NOW)
    assert said(desk, AlertMail) == [[OPENED], [WITHDRAWN]]
