"""Incidents and webhooks as tests need them, inserted directly."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.incident import Incident
from models.sealing import KeyRing
from models.statuses import AlertEvent, IncidentKind, IncidentReviewState, Severity
from models.webhook import Webhook
from tests.support.builders import NOW

EVIDENCE = {Severity.LOW: 20.0, Severity.MEDIUM: 120.0, Severity.HIGH: 220.0}


def make_incident(
    session: Session,
    attempt: Attempt,
    kind: str = IncidentKind.WRONG_PERSON,
    severity: str = Severity.HIGH,
    *,
    now: datetime = NOW,
    **columns: Any,
) -> Incident:
    """Return an incident that goes on; `columns` override."""
    values: dict[str, Any] = {
        "evidence": EVIDENCE[Severity(severity)],
        "first_seq": 1,
        "worst_seq": 2,
        "last_seq": 3,
        "first_at": now,
        "opened_at": now,
        "last_at": now,
        "figures": {
            "lasted_seconds": 10.0,
            "frames_supporting": 3,
            "frames_refuting": 0,
            "frames_neutral": 0,
            "frames_missing": 0,
            "frames_disagreeing": 3,
            "worst_distance": 0.83,
        },
        "policy_id": "incidents/test",
        "review_state": IncidentReviewState.UNREVIEWED,
        "created_at": now,
        "updated_at": now,
        **columns,
    }
    incident = Incident(
        id=new_id("inc"), attempt_id=attempt.id, kind=kind, severity=severity, **values
    )
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
