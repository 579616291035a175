"""An attempt on one time axis, in columns: what a chart needs, with a fixed number of queries."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Text, and_, cast, select
from sqlalchemy.orm import Session

from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Attempt, AttemptTransition
from models.client_event import ClientEvent, ClientEventKind
from models.frame import Frame
from models.incident import Incident
from models.verification import Verification

EVENTS_SHOWN = 5000
"""The newest; an exam has a few dozen."""


class FrameColumns(BaseModel):
    """One entry a frame in each column, by seq. Moments are milliseconds since 1970, UTC."""

    seq: list[int]
    received_ms: list[int]
    """The server's clock."""
    captured_ms: list[int | None]
    """The page's clock."""
    verdict: list[str | None]
    """Empty while it waits for a worker."""
    distance: list[float | None]
    claim: list[str | None]
    """What the page said it saw."""
    disagrees: list[bool]
    is_late: list[bool]


class CourseGap(BaseModel):
    """Numbers that never came, both ends included."""

    from_seq: int
    to_seq: int
    begin_ms: int
    """When the frame before it came."""
    end_ms: int


class CourseEvent(BaseModel):
    """What the page reported, signs of life left out."""

    kind: str
    reason: str
    received_ms: int
    client_ms: int


class Milestone(BaseModel):
    """A change of the attempt's state."""

    to_state: str
    at_ms: int
    reason: str


class CourseIncident(BaseModel):
    """An incident as a band of the axis."""

    id: str
    kind: str
    severity: str
    review_state: str
    begin_ms: int
    end_ms: int
    is_open: bool
    first_seq: int | None
    worst_seq: int | None
    last_seq: int | None


class CourseAnswer(BaseModel):
    """An attempt on one time axis."""

    attempt_id: str
    match_threshold: float
    mismatch_threshold: float
    frames: FrameColumns
    gaps: list[CourseGap]
    events: list[CourseEvent]
    milestones: list[Milestone]
    incidents: list[CourseIncident]


def course_answer(session: Session, attempt: Attempt) -> CourseAnswer:
    """Return all that happened in an attempt, without pictures and without figures of faces."""
    frames = _frames(session, attempt.id)
    return CourseAnswer(
        attempt_id=attempt.id,
        match_threshold=attempt.policy["match_threshold"],
        mismatch_threshold=attempt.policy["mismatch_threshold"],
        frames=frames,
        gaps=_gaps(frames),
        events=_events(session, attempt.id),
        milestones=_milestones(session, attempt.id),
        incidents=_incidents(session, attempt.id),
    )


def signals_contain(code: str) -> ColumnElement[bool]:
    """Return whether a verification carries the signal, without reading its figures."""
    return cast(Verification.signals, Text).contains(f'"{code}"', autoescape=True)


def _frames(session: Session, attempt_id: str) -> FrameColumns:
    rows = session.execute(
        select(
            Frame.seq,
            Frame.received_at,
            Frame.captured_at,
            Frame.claim,
            cast(Frame.signals, Text).contains('"late"').label("is_late"),
            Verification.verdict,
            Verification.distance,
            signals_contain("client_disagrees").label("disagrees"),
        )
        .outerjoin(Verification, and_(Verification.frame_id == Frame.id, is_newest_of_its_frame()))
        .where(Frame.attempt_id == attempt_id)
        .order_by(Frame.seq)
    ).all()
    return FrameColumns(
        seq=[row.seq for row in rows],
        received_ms=[milliseconds(row.received_at) for row in rows],
        captured_ms=[milliseconds(row.captured_at) if row.captured_at else None for row in rows],
        verdict=[row.verdict for row in rows],
        distance=[row.distance for row in rows],
        claim=[_status(row.claim) for row in rows],
        disagrees=[bool(row.disagrees) for row in rows],
        is_late=[bool(row.is_late) for row in rows],
    )


def _status(claim: dict[str, object] | None) -> str | None:
    status = (claim or {}).get("status")
    return status if isinstance(status, str) else None


def _gaps(frames: FrameColumns) -> list[CourseGap]:
    gaps: list[CourseGap] = []
    before, came = 0, None
    for seq, received in zip(frames.seq, frames.received_ms, strict=True):
        if seq > before + 1:
            begin = received if came is None else min(came, received)
            gap = CourseGap(from_seq=before + 1, to_seq=seq - 1, begin_ms=begin, end_ms=received)
            gaps.append(gap)
        before, came = seq, received
    return gaps


def _events(session: Session, attempt_id: str) -> list[CourseEvent]:
    rows: Sequence[ClientEvent] = session.scalars(
        select(ClientEvent)
        .where(
            ClientEvent.attempt_id == attempt_id,
            ClientEvent.kind != ClientEventKind.HEARTBEAT.value,
        )
        .order_by(ClientEvent.received_at.desc(), ClientEvent.id.desc())
        .limit(EVENTS_SHOWN)
    ).all()
    return [
        CourseEvent(
            kind=row.kind,
            reason=row.reason,
            received_ms=milliseconds(row.received_at),
            client_ms=milliseconds(row.client_at),
        )
        for row in reversed(rows)
    ]


def _milestones(session: Session, attempt_id: str) -> list[Milestone]:
    rows = session.scalars(
        select(AttemptTransition)
        .where(AttemptTransition.attempt_id == attempt_id)
        .order_by(AttemptTransition.at, AttemptTransition.id)
    )
    return [
        Milestone(to_state=row.to_state, at_ms=milliseconds(row.at), reason=row.reason)
        for row in rows
    ]


def _incidents(session: Session, attempt_id: str) -> list[CourseIncident]:
    rows = session.scalars(
        select(Incident)
        .where(Incident.attempt_id == attempt_id, Incident.withdrawn_at.is_(None))
        .order_by(Incident.opened_at, Incident.id)
    )
    return [
        CourseIncident(
            id=row.id,
            kind=row.kind,
            severity=row.severity,
            review_state=row.review_state,
            begin_ms=milliseconds(row.first_at),
            end_ms=milliseconds(row.last_at),
            is_open=row.closed_at is None,
            first_seq=row.first_seq,
            worst_seq=row.worst_seq,
            last_seq=row.last_seq,
        )
        for row in rows
    ]


def milliseconds(moment: datetime) -> int:
    """Return a moment as browsers count time."""
    return round(moment.timestamp() * 1000)
