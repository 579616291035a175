"""Incidents as tests need them, inserted directly."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.attempt import Attempt
from models.base import new_id
from models.incident import Incident
from models.statuses import IncidentKind, IncidentReviewState, Severity
from tests.support.builders import NOW

EVIDENCE = {Severity.LOW: 1.0, Severity.MEDIUM: 2.0, Severity.HIGH: 3.0}


def make_incident(
    session: Session,
    attempt: Attempt,
    kind: IncidentKind = IncidentKind.WRONG_PERSON,
    severity: Severity = Severity.HIGH,
    *,
    now: datetime = NOW,
    **columns: Any,
) -> Incident:
    """Return an incident that goes on; `columns` override."""
    values: dict[str, Any] = {
        "evidence": EVIDENCE[severity],
        "first_seq": 1,
        "worst_seq": 1,
        "last_seq": 1,
        "first_at": now,
        "opened_at": now,
        "last_at": now,
        "figures": {"frames_supporting": 3},
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
