"""How all open attempts stand, with the same number of queries for one as for a thousand."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, defer

from api.authorization import visible_to
from api.principal import Principal
from api.stream.recent import verification_events
from api.stream.schemas import IncidentEvent, VerificationEvent, incident_event
from api.subjects.names import shown_name
from api.wall.schemas import TILES_MOST, Point, Tile, WallAnswer
from models.attempt import Attempt
from models.base import first_id_at
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.incident import WAITING_FOR_REVIEW, Incident
from models.incident_policy import policy_of_exam
from models.job import Job
from models.statuses import (
    AttemptState,
    FaceCheck,
    JobKind,
    JobState,
    Verdict,
)
from models.subject import Subject
from models.verification import Verification

POINTS_MOST = 60
"""Checks in a line: five minutes at the usual pace."""

POINTS_WINDOW = timedelta(minutes=5)

NOT_STARTED_WINDOW = timedelta(hours=24)
"""Whoever got ready longer ago is not about to start."""

INCIDENTS_MOST = 500

INCIDENTS_WINDOW = timedelta(hours=12)
"""Older ones are for the desk: nobody runs into the room for them."""


_VERDICTS = {verdict.value: verdict for verdict in Verdict}
"""Looked up ten thousand times for each answer: calling the enumeration takes longer."""


def wall_answer(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    exam_id: str | None,
    points: int,
    incidents_of_all: bool,
) -> WallAnswer:
    """Return the open attempts a principal may see, and what asks for a look."""
    rows = session.execute(_open_attempts(principal, exam_id, now).limit(TILES_MOST + 1)).all()
    is_cut = len(rows) > TILES_MOST
    rows = rows[:TILES_MOST]
    of_exam = None if incidents_of_all else exam_id
    incidents = _incidents(session, principal, of_exam, now)
    return WallAnswer(
        read_at=now,
        tiles=_tiles(session, rows, now=now, points=points),
        is_cut=is_cut,
        incidents=incidents[:INCIDENTS_MOST],
        incidents_are_cut=len(incidents) > INCIDENTS_MOST,
    )


def _open_attempts(
    principal: Principal, exam_id: str | None, now: datetime
) -> Select[*tuple[Any, ...]]:
    last_frame_id = (
        select(Frame.id)
        .where(Frame.attempt_id == Attempt.id)
        .order_by(Frame.seq.desc())
        .limit(1)
        .correlate(Attempt)
        .scalar_subquery()
    )
    about_to_start = and_(
        Attempt.state.in_([AttemptState.READY, AttemptState.ERROR]),
        Attempt.id >= first_id_at("att", now - NOT_STARTED_WINDOW),
        or_(Exam.closes_at.is_(None), Exam.closes_at > now),
    )
    statement = (
        select(
            Attempt,
            Subject.display_name,
            Subject.erased_at,
            Exam.title,
            Exam.incident_policy,
            last_frame_id.label("last_frame_id"),
        )
        .options(defer(Attempt.paper), defer(Attempt.policy))
        .join(Subject, Subject.id == Attempt.subject_id)
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .where(
            or_(Attempt.state == AttemptState.STARTED, about_to_start),
            Attempt.is_practice.is_(False),
        )
        .order_by((Attempt.state == AttemptState.STARTED).desc(), Attempt.id.desc())
    )
    if exam_id is not None:
        statement = statement.where(Attempt.exam_id == exam_id)
    return visible_to(principal, statement, Attempt)


def _tiles(
    session: Session, rows: Collection[Row[*tuple[Any, ...]]], *, now: datetime, points: int
) -> list[Tile]:
    attempt_ids = [row.Attempt.id for row in rows]
    frame_ids = [row.last_frame_id for row in rows if row.last_frame_id]
    frames = dict(
        session.execute(
            select(Frame.attempt_id, Frame.received_at).where(Frame.id.in_(frame_ids))
        ).all()
    )
    lines = _lines(session, attempt_ids, now - POINTS_WINDOW) if points else {}
    # The newest frame may still wait; then the newest point is what was last found.
    newest_ids = [
        max(verification_id for _, verification_id in line.values()) for line in lines.values()
    ]
    of_wall = or_(Verification.frame_id.in_(frame_ids), Verification.id.in_(newest_ids))
    last: dict[str, VerificationEvent] = {}
    for check in verification_events(session, of_wall):
        if check.attempt_id not in last or check.seq >= last[check.attempt_id].seq:
            last[check.attempt_id] = check
    waiting = _waiting(session, attempt_ids)
    return [
        _tile(
            row,
            last_frame_at=frames.get(row.Attempt.id),
            waiting_frames=waiting[row.Attempt.id],
            last=last.get(row.Attempt.id),
            line=[point for point, _ in lines.get(row.Attempt.id, {}).values()][-points:],
        )
        for row in rows
    ]


def _lines(
    session: Session, attempt_ids: Collection[str], since: datetime
) -> dict[str, dict[int, tuple[Point, str]]]:
    """Return each attempt's checks since then with their ids, by frame number and in its order."""
    if not attempt_ids:
        return {}
    rows = session.execute(
        select(
            Verification.attempt_id,
            Frame.seq,
            Verification.verdict,
            Verification.distance,
            Verification.id,
        )
        .join(Frame, Frame.id == Verification.frame_id)
        # The range of ids alone: of all that was found in five minutes little is of other attempts,
        # and each attempt by itself would be read from its beginning.
        .where(Verification.id >= first_id_at("ver", since))
        .order_by(Frame.seq, Verification.id)
    )
    lines: defaultdict[str, dict[int, tuple[Point, str]]] = defaultdict(dict)
    wanted = set(attempt_ids)
    for attempt_id, seq, verdict, distance, verification_id in rows:
        if attempt_id not in wanted:
            continue
        shown = None if distance is None else round(distance, 3)
        lines[attempt_id][seq] = ((seq, _VERDICTS[verdict], shown), verification_id)
    return lines


def _tile(
    row: Row[*tuple[Any, ...]],
    *,
    last_frame_at: datetime | None,
    waiting_frames: int,
    last: VerificationEvent | None,
    line: list[Point],
) -> Tile:
    attempt: Attempt = row.Attempt
    return Tile(
        attempt_id=attempt.id,
        exam_id=attempt.exam_id,
        subject_id=attempt.subject_id,
        display_name=row.display_name,
        shown_name=shown_name(row.display_name, row.erased_at),
        title=row.title or attempt.label,
        state=AttemptState(attempt.state),
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        silent_after_seconds=_silent_after_seconds(row),
        last_frame_at=last_frame_at,
        waiting_frames=waiting_frames,
        last=last,
        points=line,
    )


def _silent_after_seconds(row: Row[*tuple[Any, ...]]) -> float | None:
    """Return after how long without a frame an incident opens; None where no camera is used."""
    granted = Granted.from_dict(row.Attempt.allowances)
    if granted.face_check is FaceCheck.PERSON:
        return None
    interval_seconds = granted.frame_interval_seconds(row.Attempt.frame_interval_seconds)
    return policy_of_exam(row.incident_policy).silent_after_seconds(interval_seconds)


def _waiting(session: Session, attempt_ids: Collection[str]) -> Counter[str]:
    rows = session.execute(
        select(Frame.attempt_id, func.count())
        .select_from(Job)
        .join(Frame, Frame.id == Job.target_id)
        .where(
            Job.state.in_([JobState.PENDING, JobState.RUNNING]),
            Job.kind == JobKind.VERIFY_FRAME,
            Frame.attempt_id.in_(attempt_ids),
        )
        .group_by(Frame.attempt_id)
    )
    return Counter(dict(rows.all()))


def _incidents(
    session: Session, principal: Principal, exam_id: str | None, now: datetime
) -> list[IncidentEvent]:
    statement: Select[*tuple[Any, ...]] = (
        select(Incident, Attempt.exam_id, Subject.display_name, Subject.erased_at)
        .join(Attempt, Attempt.id == Incident.attempt_id)
        .join(Subject, Subject.id == Attempt.subject_id)
        .where(
            Incident.updated_at >= now - INCIDENTS_WINDOW,
            Incident.withdrawn_at.is_(None),
            Attempt.is_practice.is_(False),
            Incident.review_state.in_(WAITING_FOR_REVIEW),
        )
        .order_by(Incident.closed_at.is_(None).desc(), Incident.evidence.desc(), Incident.id.desc())
        .limit(INCIDENTS_MOST + 1)
    )
    if exam_id is not None:
        statement = statement.where(Attempt.exam_id == exam_id)
    rows = session.execute(visible_to(principal, statement, Incident))
    return [
        incident_event(
            row.Incident,
            exam_id=row.exam_id,
            display_name=row.display_name,
            erased_at=row.erased_at,
        )
        for row in rows
    ]
