"""When an attempt ran: its subject sat there and the clock counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.statuses import AttemptState


@dataclass(frozen=True)
class Span:
    """From `begin` until `end`, or until now where that is None."""

    begin: datetime
    end: datetime | None


def running_spans(changes: Iterable[tuple[str | None, str, datetime]]) -> tuple[Span, ...]:
    """Return when an attempt ran, in order; at most the last span is open.

    Parameters
    ----------
    changes
        Of its state, oldest first: from which, to which, and when.
    """
    spans: list[Span] = []
    for from_state, to_state, at in changes:
        if to_state == AttemptState.STARTED:
            spans.append(Span(at, None))
        elif from_state == AttemptState.STARTED and spans:
            spans[-1] = Span(spans[-1].begin, at)
    return tuple(spans)


def ran_seconds(spans: Iterable[Span]) -> float:
    """Return how long an attempt that is over ran, without the times it was broken off."""
    lengths = (span.end - span.begin for span in spans if span.end is not None)
    return sum(lengths, timedelta()).total_seconds()
