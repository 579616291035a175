"""Checking the audit chain a stretch at a time, and remembering how far it was unbroken."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import CHAIN_HEAD_ID, CHAIN_START, AuditEntry, AuditHead, entry_hash
from models.measurement import AUDIT_CHECK, Measurement, keep_measurement

STRETCH = 20_000
"""Entries checked at once: about a second, so that a page can wait for it."""

BATCH = 1000
"""Entries held in memory at once."""


@dataclass(frozen=True)
class AuditCheck:
    """How far the chain is known to be unbroken."""

    checked_number: int = 0
    """Every entry up to this one fits."""
    checked_hash: str = CHAIN_START
    broken_number: int | None = None
    """The first entry that does not fit. It stays until a check from the start finds none."""
    reached_end: bool = False
    """Whether it was the newest entry at that time."""


def check_further(
    session: Session, known: AuditCheck, *, stretch: int = STRETCH, batch: int = BATCH
) -> AuditCheck:
    """Return `known` after a look at up to `stretch` entries more. Only reads."""
    if known.broken_number is not None:
        return known
    # First the head: every entry up to it was committed with it or before.
    head = session.get_one(AuditHead, CHAIN_HEAD_ID)
    number, previous = known.checked_number, known.checked_hash
    last = min(number + stretch, head.number)
    while entries := _entries(session, number, last, batch):
        for entry in entries:
            if not (
                entry.number == number + 1
                and entry.previous_hash == previous
                and entry.entry_hash == entry_hash(entry)
            ):
                return AuditCheck(number, previous, broken_number=entry.number)
            number, previous = entry.number, entry.entry_hash
    is_cut = number < last or (number == head.number and previous != head.entry_hash)
    # Fewer entries than a check found before are cut off as well.
    if is_cut or number > head.number:
        return AuditCheck(number, previous, broken_number=min(number, last) + 1)
    return AuditCheck(number, previous, reached_end=number == head.number)


def _entries(session: Session, after: int, last: int, batch: int) -> Sequence[AuditEntry]:
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.number > after, AuditEntry.number <= last)
        .order_by(AuditEntry.number)
        .limit(batch)
    ).all()


def kept_check(session: Session) -> tuple[AuditCheck, datetime | None]:
    """Return what the last check found, and when that was; nothing checked before the first."""
    measured = session.get(Measurement, AUDIT_CHECK)
    if measured is None:
        return AuditCheck(), None
    return AuditCheck(**measured.figures), measured.measured_at


def keep_check(session: Session, check: AuditCheck, *, now: datetime) -> None:
    """Remember what a check found, in the caller's write transaction."""
    keep_measurement(session, AUDIT_CHECK, asdict(check), now=now)
