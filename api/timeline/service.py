"""An attempt's timeline, page by page, each with the same number of queries."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from api.timeline.position import AT_FRAME, BEFORE_FRAME, Position, Rank, is_after
from api.timeline.schemas import EventItem, FrameItem, GapItem, TimelineItem, TransitionItem
from api.verifications.newest import newest_by_frame
from api.verifications.schemas import verification_answer
from models.attempt import Attempt, AttemptTransition
from models.client_event import ClientEvent
from models.frame import Frame
from models.verification import Verification

Placed = tuple[Position, TimelineItem]


def timeline_items(
    session: Session, attempt: Attempt, *, after: Position | None, limit: int
) -> tuple[list[TimelineItem], Position | None]:
    """Return up to `limit` items that follow `after`, and the last one's place if more follow."""
    wanted = limit + 1
    placed = [
        *_transitions(session, attempt.id, after, wanted),
        *_frames_and_gaps(session, attempt.id, after, wanted),
        *_events(session, attempt.id, after, wanted),
    ]
    placed.sort(key=lambda entry: entry[0])
    page = placed[:limit]
    next_position = page[-1][0] if len(placed) > limit else None
    return [item for _, item in page], next_position


def frame_item(frame: Frame, verification: Verification | None) -> FrameItem:
    """Return a frame with its newest verdict, if it has one."""
    answer = None if verification is None else verification_answer(verification, frame.seq)
    return FrameItem(
        at=frame.received_at,
        seq=frame.seq,
        captured_at=frame.captured_at,
        received_at=frame.received_at,
        sha256=frame.sha256,
        byte_count=frame.byte_count,
        claim=frame.claim,
        signals=frame.signals,
        verification=answer,
    )


def event_item(event: ClientEvent) -> EventItem:
    """Return what the client reported."""
    return EventItem(
        at=event.received_at,
        kind=event.kind,
        reason=event.reason,
        client_at=event.client_at,
        received_at=event.received_at,
        detail=event.detail,
    )


def _transitions(
    session: Session, attempt_id: str, after: Position | None, wanted: int
) -> list[Placed]:
    table = AttemptTransition
    rows = session.scalars(
        select(table)
        .where(
            table.attempt_id == attempt_id,
            is_after(after, Rank.TRANSITION, table.at, table.id),
        )
        .order_by(table.at, table.id)
        .limit(wanted)
    )
    return [
        (
            Position(row.at, Rank.TRANSITION, row_id=row.id),
            TransitionItem(
                at=row.at,
                from_state=row.from_state,
                to_state=row.to_state,
                actor=row.actor,
                reason=row.reason,
            ),
        )
        for row in rows
    ]


def _events(session: Session, attempt_id: str, after: Position | None, wanted: int) -> list[Placed]:
    table = ClientEvent
    rows = session.scalars(
        select(table)
        .where(
            table.attempt_id == attempt_id,
            is_after(after, Rank.EVENT, table.received_at, table.id),
        )
        .order_by(table.received_at, table.id)
        .limit(wanted)
    )
    return [(Position(row.received_at, Rank.EVENT, row_id=row.id), event_item(row)) for row in rows]


def _frames_and_gaps(
    session: Session, attempt_id: str, after: Position | None, wanted: int
) -> list[Placed]:
    earlier = aliased(Frame)
    seq_before = (
        select(func.max(earlier.seq))
        .where(earlier.attempt_id == Frame.attempt_id, earlier.seq < Frame.seq)
        .correlate(Frame)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Frame, func.coalesce(seq_before, 0))
        .where(
            Frame.attempt_id == attempt_id,
            is_after(after, Rank.FRAME, Frame.received_at, Frame.seq),
        )
        .order_by(Frame.received_at, Frame.seq)
        .limit(wanted)
    ).all()
    verifications = newest_by_frame(session, [frame.id for frame, _ in rows])
    placed = [
        entry
        for frame, before in rows
        for entry in _frame_with_gap(frame, before, verifications.get(frame.id))
    ]
    # The first frame's gap may have ended the page before.
    return [entry for entry in placed if after is None or entry[0] > after]


def _frame_with_gap(
    frame: Frame, seq_before: int, verification: Verification | None
) -> Sequence[Placed]:
    place = Position(frame.received_at, Rank.FRAME, frame.seq, AT_FRAME)
    placed: Placed = (place, frame_item(frame, verification))
    if seq_before == frame.seq - 1:
        return [placed]
    gap = GapItem(at=frame.received_at, from_seq=seq_before + 1, to_seq=frame.seq - 1)
    return [(Position(frame.received_at, Rank.FRAME, frame.seq, BEFORE_FRAME), gap), placed]
