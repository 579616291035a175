"""Who looked at a face, who changed what: a chain of entries that shows any later edit."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.audit_actions import AuditAction
from models.base import CASE_SENSITIVE, ID_LENGTH, Base

CHAIN_START = "0" * 64
"""What the first entry names as the hash before it."""

CHAIN_HEAD_ID = 1
"""The one row of `AuditHead`."""


class AuditEntry(Base):
    """One thing somebody did. Appended, never edited."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "object_id"),
        Index(None, "actor", "number"),
        Index(None, "action", "number"),
        Index(None, "at"),
        CASE_SENSITIVE,
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(ID_LENGTH))
    action: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    detail: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The chain's newest entry. Its row lock makes writers take turns."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    entry_hash: Mapped[str] = mapped_column(String(64))


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash over everything the entry says and the hash of the entry before it."""
    content = json.dumps(
        [
            entry.number,
            entry.at.isoformat(timespec="microseconds"),
            entry.actor,
            entry.action,
            entry.object_id,
            entry.detail,
            entry.request_id,
            entry.previous_hash,
        ],
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()


def locked_audit_head(session: Session) -> AuditHead:
    """Return the chain's newest entry, locked until the caller's (write) transaction ends."""
    return session.scalars(
        select(AuditHead)
        .where(AuditHead.id == CHAIN_HEAD_ID)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def append_audit_entry(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: AuditAction,
    object_id: str,
    detail: dict[str, Any] | None = None,
    request_id: str | None = None,
) -> AuditEntry:
    """Append an entry to the chain, in the caller's (write) transaction.

    The chain's head stays locked until the caller commits, so entries never fork.
    """
    head = locked_audit_head(session)
    entry = AuditEntry(
        number=head.number + 1,
        at=at,
        actor=actor,
        action=action,
        object_id=object_id,
        detail=detail or {},
        request_id=request_id,
        previous_hash=head.entry_hash,
    )
    entry.entry_hash = entry_hash(entry)
    head.number = entry.number
    head.entry_hash = entry.entry_hash
    session.add(entry)
    session.flush()
    return entry


def first_broken_entry(session: Session) -> int | None:
    """Return the number of the first entry that does not fit the chain, or None."""
    previous = CHAIN_START
    expected_number = 1
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number)):
        fits = (
            entry.number == expected_number
            and entry.previous_hash == previous
            and entry.entry_hash == entry_hash(entry)
        )
        if not fits:
            return entry.number
        previous = entry.entry_hash
        expected_number += 1
    head = session.get_one(AuditHead, CHAIN_HEAD_ID)
    return None if head.entry_hash == previous else expected_number
