"""Entries of the audit chain, from the side of a request."""

from typing import Any

from sqlalchemy.orm import Session

from api.context import Context
from api.principal import Principal
from models.audit import AuditEntry, append_audit_entry


def record(
    session: Session,
    context: Context,
    principal: Principal,
    action: str,
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
