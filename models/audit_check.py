"""Checking the audit chain a stretch at a time, and remembering how far it was unbroken."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import (
    CHAIN_HEAD_ID,
    CHAIN_START,
    AuditEntry,
    AuditHead,
    entry_hash,
    locked_audit_head,
)
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
    """The first entry that did not fit. It stays until a check from the start has passed it."""
    reached_end: bool = False
    """Whether it was the newest entry at that time."""
    is_anew: bool = False
    """Whether a check from the start is on its way to what an earlier one found."""
    seen_number: int = 0
    """The furthest entry any check found fitting; it must be there again, and the same."""
    seen_hash: str = CHAIN_START


def begin_anew(known: AuditCheck) -> AuditCheck:
    """Return a check from the start that forgets nothing of what `known` found."""
    seen = max(
        (known.checked_number, known.checked_hash),
        (known.seen_number, known.seen_hash),
        key=lambda one: one[0],
    )
    return AuditCheck(
        broken_number=known.broken_number, is_anew=True, seen_number=seen[0], seen_hash=seen[1]
    )


def check_further(
    session: Session, known: AuditCheck, *, stretch: int = STRETCH, batch: int = BATCH
) -> AuditCheck:
    """Return `known` after a look at up to `stretch` entries more. Only reads."""
    if known.broken_number is not None and not known.is_anew:
        return known
    # First the head: every entry up to it was committed with it or before.
    head = session.get_one(AuditHead, CHAIN_HEAD_ID)
    number, previous = known.checked_number, known.checked_hash
    last = min(number + stretch, head.number)
    while entries := _entries(session, number, last, batch):
        for entry in entries:
            if not _fits(entry, number, previous, known):
                return _broken(known, number, previous, entry.number)
            number, previous = entry.number, entry.entry_hash
    is_cut = number < last or (number == head.number and previous != head.entry_hash)
    # Fewer entries than a check found before are cut off as well.
    if is_cut or number > head.number or known.seen_number > head.number:
        return _broken(known, number, previous, min(number, last) + 1)
    found = replace(
        known, checked_number=number, checked_hash=previous, reached_end=number == head.number
    )
    if number >= max(known.broken_number or 0, known.seen_number):
        return replace(found, broken_number=None, is_anew=False)
    return found


def _fits(entry: AuditEntry, number: int, previous: str, known: AuditCheck) -> bool:
    is_as_seen = entry.number != known.seen_number or entry.entry_hash == known.seen_hash
    return (
        entry.number == number + 1
        and entry.previous_hash == previous
        and entry.entry_hash == entry_hash(entry)
        and is_as_seen
    )


def _broken(known: AuditCheck, number: int, previous: str, broken_number: int) -> AuditCheck:
    return replace(
        known,
        checked_number=number,
        checked_hash=previous,
        broken_number=broken_number,
        reached_end=False,
        is_anew=False,
    )


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


def keep_check(session: Session, found: AuditCheck, *, known: AuditCheck, now: datetime) -> None:
    """Remember what a check that went on from `known` found, in the caller's write transaction.

    Of two at once neither forgets a break that the other found. The chain's head stays locked.
    """
    locked_audit_head(session)
    if found.broken_number is not None or kept_check(session)[0] == known:
        keep_measurement(session, AUDIT_CHECK, asdict(found), now=now)
