"""Which part of an attempt's timeline a page shows, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.field_types import moment_text
from api.pages.dashboard import NEEDS_A_LOOK
from api.pages.wording import EVENTS
from api.timeline.position import Position, Rank
from api.timeline.schemas import EventItem, FrameItem, GapItem, TimelineItem, TransitionItem
from api.timeline.service import timeline_items
from models.attempt import Attempt
from models.frame import Frame
from models.statuses import Verdict

FRAMES_SHOWN = 60
"""Frames of one part: five minutes at the usual pace."""

ITEMS_SHOWN = 400
"""Entries of one part: a page that sends thousands of events cannot make ours endless."""

ITEMS_SEARCHED = 20_000
"""Entries a filter goes through: more than ten hours of an exam."""

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


def filtered_timeline(session: Session, attempt: Attempt, show: str) -> TimelinePart:
    """Return the newest entries a filter lets through, and how many problems it hides."""
    fits = needs_a_look if show == ATTENTION else _has_verdict(Verdict(show))
    found: list[TimelineItem] = []
    hidden_problems = searched = 0
    position: Position | None = None
    while searched < ITEMS_SEARCHED:
        items, position = timeline_items(session, attempt, after=position, limit=500)
        searched += len(items)
        found += [item for item in items if fits(item)]
        hidden_problems += sum(needs_a_look(item) and not fits(item) for item in items)
        if position is None:
            break
    cut_problems = sum(needs_a_look(item) for item in found[:-ITEMS_SHOWN])
    return TimelinePart(
        items=_shown(found[-ITEMS_SHOWN:]),
        newer_cursor=position.as_cursor() if position else None,
        is_newest=position is None,
        hidden_problems=hidden_problems + cut_problems,
    )


def needs_a_look(item: TimelineItem) -> bool:
    """Tell whether a person should see the entry. Never decided by the page's claim alone."""
    if isinstance(item, FrameItem):
        verification = item.verification
        signals = verification.signals if verification else item.signals
        return bool(signals) or (verification is not None and verification.verdict in NEEDS_A_LOOK)
    if isinstance(item, EventItem):
        wording = EVENTS.get(item.reason)
        return wording is None or wording.tone != "plain"
    return isinstance(item, GapItem)


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


def _has_verdict(verdict: Verdict) -> Callable[[TimelineItem], bool]:
    return lambda item: (
        isinstance(item, FrameItem)
        and item.verification is not None
        and item.verification.verdict == verdict
    )
