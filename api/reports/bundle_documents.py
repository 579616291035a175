"""The JSON documents of an evidence bundle."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from api.attempts.schemas import AttemptAnswer
from api.audit_trail.about import entries_about
from api.field_types import moment_text
from api.reports.record import AttemptRecord
from api.timeline.position import Position
from api.timeline.service import timeline_items
from models.attempt import Attempt
from models.audit import AuditEntry
from models.base import Base

CHUNK = 500
"""Rows read at once."""

_OF_REVIEWERS = frozenset({"reviewer_id", "note"})
"""Of a decision, what is for people of the house."""


def attempt_document(record: AttemptRecord, answer: AttemptAnswer) -> dict[str, Any]:
    """Return what is known of the attempt as a whole."""
    enrollment = record.enrollment
    return {
        # A ticket lets frames be sent: it is no evidence.
        "attempt": answer.model_dump(mode="json", exclude={"ticket"}),
        "policy": record.attempt.policy,
        "subject": _columns(record.subject, {"id", "external_ref", "display_name", "erased_at"}),
        "exam": None if record.exam is None else _columns(record.exam, {"id", "title"}),
        "enrollment": enrollment
        and {
            **_columns(enrollment, {"id", "version", "state", "decided_at", "approved_at"}),
            "images": [
                _columns(image, {"id", "position", "content_type", "sha256", "state"})
                for image in record.reference_images
            ],
        },
        "allowances": [
            _columns(one, hidden=frozenset() if record.sees_notes else {"note", "granted_by"})
            for one in record.allowances
        ],
        "rescores": [one.model_dump(mode="json") for one in record.rescores],
        "answers": [one.model_dump(mode="json") for one in record.answers],
        "match_policies": {one.policy_id: one.numbers for one in record.policies},
    }


def timeline_parts(session: Session, attempt: Attempt) -> Iterator[dict[str, Any]]:
    """Yield frames with their verifications, gaps, events and transitions as the API shows them."""
    position: Position | None = None
    while True:
        items, position = timeline_items(session, attempt, after=position, limit=CHUNK)
        yield from (item.model_dump(mode="json", by_alias=True) for item in items)
        if position is None:
            return


def incident_parts(record: AttemptRecord) -> Iterator[dict[str, Any]]:
    """Yield each incident with what persons decided; those found no more say so."""
    for incident in (*record.incidents, *record.withdrawn_incidents):
        said = record.incident_reviews.get(incident.id, ())
        yield _columns(incident) | {"reviews": [_decision(record, one) for one in said]}


def reviews_document(record: AttemptRecord) -> dict[str, Any]:
    """Return decisions about the attempt and what the student answered."""
    return {
        "reviews": [_decision(record, one) for one in record.reviews],
        "replies": [_columns(one) for one in record.replies],
    }


def audit_parts(session: Session, attempt_id: str) -> Iterator[dict[str, Any]]:
    """Yield the audit entries about the attempt, its frames and its incidents, oldest first.

    A look at the wall names all who were watched: it is given whole, or its hash would not fit.
    """
    number = 0
    while True:
        entries = session.scalars(
            entries_about(session, attempt_id)
            .where(AuditEntry.number > number)
            .order_by(AuditEntry.number)
            .limit(CHUNK)
        ).all()
        yield from (_columns(entry) for entry in entries)
        if len(entries) < CHUNK:
            return
        number = entries[-1].number


def _decision(record: AttemptRecord, review: Base) -> dict[str, Any]:
    if not record.sees_notes:
        return _columns(review, hidden=_OF_REVIEWERS)
    columns = _columns(review)
    return columns | {"reviewer_name": record.name_of(columns["reviewer_id"])}


def _columns(
    row: Base,
    shown: Sequence[str] | set[str] | None = None,
    hidden: frozenset[str] | set[str] = frozenset(),
) -> dict[str, Any]:
    """Return a row's columns as JSON has them."""
    names: Sequence[str] = inspect(type(row)).columns.keys()
    return {
        name: _plain(getattr(row, name))
        for name in names
        if name not in hidden and (shown is None or name in shown)
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return moment_text(value)
    return dict(value) if isinstance(value, Mapping) else value
