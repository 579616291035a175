"""What the entries of the audit chain say, for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "frame.seen": "looked at a frame",
        "face.seen": "looked at a reference picture",
        "attempt.seen": "opened an attempt",
        "student.seen": "opened a student's page",
        "exam.seen": "opened an exam with its attempts",
        "attempt.reviewed": "decided about an attempt",
        "attempt.rescored": "had an attempt scored again",
        "attempt.broken_off": "broke an attempt off",
        "incident.reviewed": "decided about an incident",
        "identity.checked": "saw in person who sits an attempt",
        "answer.scored": "scored an answer",
        "allowance.granted": "granted an allowance",
        "allowance.withdrawn": "withdrew an allowance",
        "alternative.answered": "answered the wish for a way without the camera",
        "enrollment.offered": "offered pictures of a face",
        "enrollment.approved": "approved an enrolled face",
        "enrollment.resembles_other": "warned that a face is like another subject's",
        "subject.created": "added a subject",
        "subject.erased": "erased a person",
        "exam.created": "made an exam",
        "exam.changed": "changed an exam",
        "exam.questions": "changed the questions of an exam",
        "exam.archived": "archived an exam",
        "user.created": "added a user",
        "api_key.created": "made an API key",
        "webhook.created": "added a webhook",
        "webhook.deleted": "removed a webhook",
        "webhook.enabled": "switched a webhook on again",
        "webhook.tested": "tried a webhook",
        "webhook.redelivered": "sent a message to a webhook again",
        "mail.tested": "tried the alert e-mail",
        "audit.checked": "checked this record",
        "audit.exported": "exported this record",
    }
)
"""Each action after the name of who did it."""

_DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "seq": "frame {}",
        "engine": "engine {}",
        "match_threshold": "match up to {}",
        "mismatch_threshold": "mismatch from {}",
        "decision": "decision: {}",
        "awarded_points": "{} points",
        "questions": "{} questions",
        "fields": "changed: {}",
        "format": "as {}",
        "checked_to": "up to entry {}",
        "broken": "broken at entry {}",
        "granted": "granted: {}",
        "version": "set {}",
        "receipt_id": "receipt {}",
        "role": "as {}",
    }
)
"""Figures of an entry that people ask for."""


def sentence(action: str) -> str:
    """Return what was done; of an action this release does not know, its own words."""
    return ACTIONS.get(action, action.replace(".", " ").replace("_", " "))


def detail_text(detail: Mapping[str, Any]) -> str:
    """Return the figures of an entry that stand in its line."""
    return ", ".join(
        pattern.format(_value_text(detail[name]))
        for name, pattern in _DETAILS.items()
        if detail.get(name) is not None
    )


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
