"""A whole timeline at a glance: enough of each entry to choose those that are read in full."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Text, and_, cast, select
from sqlalchemy.orm import Session

from api.timeline.position import AT_FRAME, BEFORE_FRAME, Position, Rank
from api.timeline.schemas import GapItem, TimelineItem
from api.timeline.service import event_item, frame_item
from api.verifications.newest import is_newest_of_its_frame, newest_by_frame
from models.client_event import ClientEvent
from models.frame import Frame
from models.verification import Verification


@dataclass(frozen=True)
class Glimpse:
    """An entry without what makes it long. Transitions have none."""

    position: Position
    verdict: str | None = None
    """Of a frame; None while it waits for a worker."""
    has_signals: bool = False
    """Whether something stands beside the verdict of a frame."""
    gap: tuple[int, int] | None = None
    """The numbers that never came, both ends included."""
    event_reason: str | None = None
    """What the client reported."""


def glimpses_of(session: Session, attempt_id: str) -> list[Glimpse]:
    """Return every frame, gap and event of an attempt in the timeline's order."""
    found = [*_frames_and_gaps(session, attempt_id), *_events(session, attempt_id)]
    found.sort(key=lambda glimpse: glimpse.position)
    return found


def read_in_full(
    session: Session, attempt_id: str, glimpses: Sequence[Glimpse]
) -> list[TimelineItem]:
    """Return the entries, in the order of `glimpses`."""
    seqs = [one.position.seq for one in glimpses if _is_frame(one)]
    frames = session.scalars(
        select(Frame).where(Frame.attempt_id == attempt_id, Frame.seq.in_(seqs))
    ).all()
    verifications = newest_by_frame(session, [frame.id for frame in frames])
    items: dict[Position, TimelineItem] = {
        Position(frame.received_at, Rank.FRAME, frame.seq, AT_FRAME): frame_item(
            frame, verifications.get(frame.id)
        )
        for frame in frames
    }
    event_ids = [one.position.row_id for one in glimpses if one.event_reason is not None]
    for event in session.scalars(select(ClientEvent).where(ClientEvent.id.in_(event_ids))):
        items[Position(event.received_at, Rank.EVENT, row_id=event.id)] = event_item(event)
    for one in glimpses:
        if one.gap:
            first, last = one.gap
            items[one.position] = GapItem(at=one.position.at, from_seq=first, to_seq=last)
    return [items[one.position] for one in glimpses if one.position in items]


def _frames_and_gaps(session: Session, attempt_id: str) -> list[Glimpse]:
    rows = session.execute(
        select(
            Frame.seq,
            Frame.received_at,
            cast(Frame.signals, Text).label("frame_signals"),
            Verification.verdict,
            cast(Verification.signals, Text).label("signals"),
        )
        .outerjoin(Verification, and_(Verification.frame_id == Frame.id, is_newest_of_its_frame()))
        .where(Frame.attempt_id == attempt_id)
        .order_by(Frame.seq)
    )
    found = []
    seq_before = 0
    for row in rows:
        if row.seq > seq_before + 1:
            before = Position(row.received_at, Rank.FRAME, row.seq, BEFORE_FRAME)
            found.append(Glimpse(before, gap=(seq_before + 1, row.seq - 1)))
        signals = row.signals if row.verdict else row.frame_signals
        found.append(
            Glimpse(
                Position(row.received_at, Rank.FRAME, row.seq, AT_FRAME),
                verdict=row.verdict,
                has_signals=signals != "[]",
            )
        )
        seq_before = row.seq
    return found


def _events(session: Session, attempt_id: str) -> list[Glimpse]:
    rows = session.execute(
        select(ClientEvent.id, ClientEvent.received_at, ClientEvent.reason).where(
            ClientEvent.attempt_id == attempt_id
        )
    )
    return [
        Glimpse(Position(received_at, Rank.EVENT, row_id=event_id), event_reason=reason)
        for event_id, received_at, reason in rows
    ]


def _is_frame(glimpse: Glimpse) -> bool:
    return glimpse.gap is None and glimpse.event_reason is None
