"""Capture tickets: a frame that carries one was captured after the ticket was handed out.

Stateless: an HMAC over attempt and issue time, so any process can check it and nothing is
stored. A ticket bounds a frame's age from below the client's own clock; it is not used up, so
a client that was offline keeps sending with its last one and is seen to be late.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TICKET = 100


def issue_ticket(secret_key: bytes, attempt_id: str, now: datetime) -> str:
    """Return a ticket for the attempt's next frame: `<microseconds since 1970>.<hex>`."""
    issued_us = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{issued_us}.{_signature(secret_key, attempt_id, issued_us)}"


def ticket_issued_at(secret_key: bytes, attempt_id: str, ticket: str) -> datetime | None:
    """Return when this service issued the ticket for this attempt; None when it did not."""
    issued, _, signature = ticket.partition(".")
    if len(ticket) > _LONGEST_TICKET or not (issued.isascii() and issued.isdigit()):
        return None
    expected = _signature(secret_key, attempt_id, int(issued))
    # Compared as bytes: `compare_digest` refuses texts with letters outside ASCII.
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        return None
    return _EPOCH + timedelta(microseconds=int(issued))


def _signature(secret_key: bytes, attempt_id: str, issued_us: int) -> str:
    message = f"capture-ticket:{attempt_id}:{issued_us}".encode()
    return hmac.new(secret_key, message, hashlib.sha256).hexdigest()
