"""What the entries of the audit chain say, for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from api.audit_trail.groups import AuditGroup
from models.audit_actions import AuditAction

ACTIONS: Mapping[AuditAction, str] = MappingProxyType(
    {
        "frame.seen": "looked at a frame",
        "face.seen": "looked at a reference picture",
        "attempt.seen": "opened an attempt",
        "student.seen": "opened a student's page",
        "exam.seen": "opened an exam with its attempts",
        "wall.looked": "watched attempts on the live wall",
        "attempt.reviewed": "decided about an attempt",
        "attempt.rescored": "had an attempt scored again",
        "attempt.broken_off": "broke an attempt off",
        "report.made": "made a report of an attempt",
        "bundle.made": "made an evidence bundle of an attempt",
        "incident.reviewed": "decided about an incident",
        "identity.checked": "saw in person who sits an attempt",
        "answer.scored": "scored an answer",
        "allowance.granted": "granted an allowance",
        "allowance.withdrawn": "withdrew an allowance",
        "alternative.answered": "answered the wish for a way without the camera",
        "enrollment.offered": "offered pictures of a face",
        "enrollment.approved": "approved an enrolled face",
        "enrollment.withdrawn": "withdrew an enrolled face",
        "enrollment.resembles_other": "warned that a face is like another subject's",
        "subject.created": "added a subject",
        "students.imported": "added students from a list",
        "subject.erased": "erased a person",
        "exam.created": "made an exam",
        "exam.copied": "copied an exam",
        "exam.changed": "changed an exam",
        "exam.questions": "changed the questions of an exam",
        "exam.archived": "archived an exam",
        "exam.restored": "brought an exam back",
        "exam.join_code_renewed": "gave an exam another join code",
        "exam.incident_policy_changed": "changed what counts as an incident in an exam",
        "results.exported": "exported the results of an exam",
        "user.created": "added a user",
        "user.added": "invited a user",
        "user.role_changed": "gave a user another role",
        "user.disabled": "shut a user out",
        "user.enabled": "let a user in again",
        "user.deleted": "deleted a user",
        "invitation.made": "made a link for setting a password",
        "invitation.used": "set a password by a link",
        "api_key.created": "made an API key",
        "api_key.revoked": "withdrew an API key",
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

GROUP_TITLES: Mapping[AuditGroup, str] = MappingProxyType(
    {
        AuditGroup.FACES: "Who saw faces",
        AuditGroup.PAGES: "Pages opened",
        AuditGroup.DECISIONS: "Decisions",
        AuditGroup.STUDENTS: "Students and enrolment",
        AuditGroup.ACCOUNTS: "Accounts and keys",
        AuditGroup.EXAMS: "Policy and exams",
        AuditGroup.TAKEN: "Data taken away",
        AuditGroup.SERVICE: "Alerts and checks",
    }
)

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
        "from": "from {}",
        "to": "to {}",
        "attempts": "{} attempts",
        "attempt_ids": "{} attempts",
        "user_ids": "{} students",
    }
)
"""Figures of an entry that people ask for."""


def sentence(action: str) -> str:
    """Return what was done; of an action this release does not know, its own words."""
    return ACTIONS.get(cast("AuditAction", action), action.replace(".", " ").replace("_", " "))


def detail_text(detail: Mapping[str, Any]) -> str:
    """Return the figures of an entry that stand in its line."""
    return ", ".join(
        pattern.format(_value_text(name, detail[name]))
        for name, pattern in _DETAILS.items()
        if detail.get(name) is not None
    )


def _value_text(name: str, value: object) -> str:
    if isinstance(value, list):
        if name.endswith("_ids"):
            return str(len(value))
        return ", ".join(str(one).replace("_", " ") for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
