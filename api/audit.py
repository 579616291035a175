"""Entries of the audit chain, from the side of a request."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Context
from api.principal import Person, Principal
from models.audit import AuditEntry, append_audit_entry
from models.audit_actions import AuditAction
from models.statuses import Role

SAME_LOOK = timedelta(minutes=10)
"""A page that is open and renews itself, or is opened again at once, is one look."""


def record(
    session: Session,
    context: Context,
    principal: Principal,
    action: AuditAction,
    object_id: str,
    request_id: str,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append who did what to which object, in the caller's write transaction.

    Call it last in the transaction: the chain's head stays locked until the commit.
    """
    return append_audit_entry(
        session,
        at=context.clock(),
        actor=principal.actor,
        action=action,
        object_id=object_id,
        detail=detail,
        request_id=request_id,
    )


def record_look(
    context: Context, principal: Principal, action: AuditAction, object_id: str, request_id: str
) -> None:
    """Put on record that one of the staff opened a page about somebody, before it is shown."""
    if not isinstance(principal, Person) or principal.role is Role.STUDENT:
        return
    lately = select(AuditEntry.number).where(
        AuditEntry.object_id == object_id,
        AuditEntry.actor == principal.actor,
        AuditEntry.action == action,
        AuditEntry.at > context.clock() - SAME_LOOK,
    )
    with context.database.read() as session:
        if session.execute(lately.limit(1)).first() is not None:
            return
    with context.database.write() as session:
        record(session, context, principal, action, object_id, request_id)
