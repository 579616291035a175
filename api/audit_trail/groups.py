"""What people look for in the audit chain: actions that answer one question together."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.audit_actions import AuditAction


class AuditGroup(StrEnum):
    """A question to the record."""

    FACES = "faces"
    """Who saw faces, or has a file with faces in it."""
    PAGES = "pages"
    """Who opened the page of an attempt, a student or an exam."""
    DECISIONS = "decisions"
    """What people decided about attempts, answers, allowances and faces."""
    STUDENTS = "students"
    """Who came, went or was enrolled."""
    ACCOUNTS = "accounts"
    """Who may sign in, and which systems may call."""
    EXAMS = "exams"
    """How exams and their rules were changed."""
    TAKEN = "taken"
    """What was taken away as a file."""
    SERVICE = "service"
    """Webhooks, alerts, and checks of the record itself."""


GROUPS: Mapping[AuditGroup, tuple[AuditAction, ...]] = MappingProxyType(
    {
        AuditGroup.FACES: (
            "frame.seen",
            "face.seen",
            "wall.looked",
            "report.made",
            "bundle.made",
        ),
        AuditGroup.PAGES: ("attempt.seen", "student.seen", "exam.seen"),
        AuditGroup.DECISIONS: (
            "attempt.reviewed",
            "attempt.rescored",
            "attempt.broken_off",
            "incident.reviewed",
            "identity.checked",
            "answer.scored",
            "allowance.granted",
            "allowance.withdrawn",
            "alternative.answered",
            "enrollment.approved",
            "enrollment.withdrawn",
        ),
        AuditGroup.STUDENTS: (
            "subject.created",
            "subject.erased",
            "students.imported",
            "enrollment.offered",
            "enrollment.approved",
            "enrollment.withdrawn",
            "enrollment.resembles_other",
        ),
        AuditGroup.ACCOUNTS: (
            "user.created",
            "user.added",
            "user.role_changed",
            "user.disabled",
            "user.enabled",
            "user.deleted",
            "invitation.made",
            "invitation.used",
            "api_key.created",
            "api_key.revoked",
        ),
        AuditGroup.EXAMS: (
            "exam.created",
            "exam.copied",
            "exam.changed",
            "exam.questions",
            "exam.archived",
            "exam.restored",
            "exam.join_code_renewed",
            "exam.incident_policy_changed",
        ),
        AuditGroup.TAKEN: ("report.made", "bundle.made", "results.exported", "audit.exported"),
        AuditGroup.SERVICE: (
            "webhook.created",
            "webhook.deleted",
            "webhook.enabled",
            "webhook.tested",
            "webhook.redelivered",
            "mail.tested",
            "audit.checked",
        ),
    }
)
"""Each action stands in one group at least."""
