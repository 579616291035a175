"""Incidents and webhooks as tests need them, inserted directly."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.incident import Incident
from models.sealing import KeyRing
from models.statuses import AlertEvent, IncidentKind, Severity
from models.webhook import Webhook


def new_incident(session: Session, attempt: Attempt, *, now: datetime, **columns: Any) -> Incident:
    """Return an incident of the attempt that goes on; `columns` override."""
    values: dict[str, Any] = {
        "kind": IncidentKind.WRONG_PERSON,
        "severity": Severity.HIGH,
        "evidence": 1.0,
        "first_seq": 3,
        "worst_seq": 4,
        "last_seq": 5,
        "first_at": now,
        "opened_at": now,
        "last_at": now,
        "figures": {},
        "policy_id": "incidents/test",
        "created_at": now,
        "updated_at": now,
        **columns,
    }
    incident = Incident(id=new_id("inc"), attempt_id=attempt.id, **values)
    session.add(incident)
    session.flush()
    return incident


def new_webhook(
    session: Session,
    key_ring: KeyRing,
    url: str,
    *,
    now: datetime,
    events: tuple[AlertEvent, ...] = (AlertEvent.INCIDENT_OPENED, AlertEvent.INCIDENT_CLOSED),
    **columns: Any,
) -> Webhook:
    """Return a webhook of the house that hears of every incident; `columns` override."""
    hook_id = new_id("whk")
    values: dict[str, Any] = {"min_severity": Severity.LOW, **columns}
    hook = Webhook(
        id=hook_id,
        url=url,
        events=[event.value for event in events],
        sealed_key=key_ring.new_sealed_key(hook_id),
        created_by="usr_1",
        created_at=now,
        **values,
    )
    session.add(hook)
    session.flush()
    return hook
