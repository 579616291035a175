"""Which part of an attempt's timeline a page shows, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.field_types import moment_text
from api.pages.dashboard import NEEDS_A_LOOK
from api.pages.wording import EVENTS
from api.timeline.glimpses import Glimpse, glimpses_of, read_in_full
from api.timeline.position import Position, Rank
from api.timeline.schemas import EventItem, TimelineItem, TransitionItem
from api.timeline.service import timeline_items
from models.attempt import Attempt
from models.frame import Frame

FRAMES_SHOWN = 60
"""Frames of one part: five minutes at the usual pace."""

ITEMS_SHOWN = 400
"""Entries of one part: a page that sends thousands of events cannot make ours endless."""

FILTERED_SHOWN = 100
"""Entries of one part of a filtered timeline."""

ATTENTION = "attention"
"""The filter for what needs a look."""


@dataclass(frozen=True)
class TimelinePart:
    """Some entries of a timeline, newest first."""

    items: list[TimelineItem]
    earlier: str | None = None
    """The moment before which the earlier part ends; None at the beginning."""
    newer_cursor: str | None = None
    """Where the entries go on that did not fit."""
    is_newest: bool = True
    """Whether nothing newer exists, so that the page can follow what comes in."""
    hidden_problems: int = 0
    """Entries that need a look and that the filter leaves out."""


def timeline_part(session: Session, attempt: Attempt, *, before: datetime | None) -> TimelinePart:
    """Return the last frames received before `before` with all that lies between them."""
    recent = (
        select(Frame.received_at)
        .where(Frame.attempt_id == attempt.id)
        .order_by(Frame.received_at.desc())
        .offset(FRAMES_SHOWN - 1)
        .limit(1)
    )
    if before is not None:
        recent = recent.where(Frame.received_at < before)
    begin = session.scalar(recent)
    after = Position(begin, Rank.TRANSITION) if begin else None
    items, rest = timeline_items(session, attempt, after=after, limit=ITEMS_SHOWN)
    is_cut = rest is not None and (before is None or items[-1].at < before)
    return TimelinePart(
        items=_shown([item for item in items if before is None or item.at < before]),
        earlier=moment_text(begin) if begin else None,
        newer_cursor=rest.as_cursor() if rest and is_cut else None,
        is_newest=before is None and rest is None,
    )


def timeline_after(session: Session, attempt: Attempt, position: Position) -> TimelinePart:
    """Return the entries that follow `position`."""
    items, rest = timeline_items(session, attempt, after=position, limit=ITEMS_SHOWN)
    return TimelinePart(
        items=_shown(items),
        earlier=moment_text(items[0].at) if items else None,
        newer_cursor=rest.as_cursor() if rest else None,
        is_newest=rest is None,
    )


def filtered_timeline(
    session: Session, attempt: Attempt, show: str, *, before: datetime | None
) -> TimelinePart:
    """Return the last entries before `before` that a filter lets through, and what it hides."""
    entries = glimpses_of(session, attempt.id)
    fitting = [
        one for one in entries if fits(one, show) and (before is None or one.position.at < before)
    ]
    begin = max(0, len(fitting) - FILTERED_SHOWN)
    # What was received at one moment is never split: the earlier part ends at a moment.
    while begin > 0 and fitting[begin - 1].position.at == fitting[begin].position.at:
        begin -= 1
    shown = fitting[begin:]
    return TimelinePart(
        items=_shown(read_in_full(session, attempt.id, shown)),
        earlier=moment_text(shown[0].position.at) if begin else None,
        is_newest=before is None,
        hidden_problems=sum(needs_a_look(one) and not fits(one, show) for one in entries),
    )


def fits(entry: Glimpse, show: str) -> bool:
    """Tell whether the filter lets the entry through."""
    return needs_a_look(entry) if show == ATTENTION else entry.verdict == show


def needs_a_look(entry: Glimpse) -> bool:
    """Tell whether a person should see the entry. Never decided by the page's claim alone."""
    if entry.event_reason is not None:
        wording = EVENTS.get(entry.event_reason)
        return wording is None or wording.tone != "plain"
    return entry.gap is not None or entry.has_signals or entry.verdict in NEEDS_A_LOOK


def actor_ids(items: list[TimelineItem]) -> set[str]:
    """Return who moved the attempt from state to state."""
    return {item.actor for item in items if isinstance(item, TransitionItem)}


def _shown(items: list[TimelineItem]) -> list[TimelineItem]:
    """Leave out the page's regular signs of life, and turn the order round."""
    return [
        item
        for item in reversed(items)
        if not (isinstance(item, EventItem) and item.reason == "heartbeat")
    ]
