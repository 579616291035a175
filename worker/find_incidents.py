"""Bring an attempt's incidents up to date with what was recorded of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Text, and_, bindparam, case, cast, exists, select
from sqlalchemy.orm import Session, aliased

from models.alerts import queue_incident_alerts
from models.attempt import Attempt, AttemptTransition
from models.base import new_id
from models.client_event import LEAVING_REASONS, RETURNING_REASONS, ClientEvent
from models.database import database_now
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.incident import (
    GROWS_BY_ITSELF,
    Incident,
    IncidentReview,
    has_outgrown,
    outgrown_seconds,
)
from models.incident_policy import LOOKS_FOR_NOTHING, IncidentPolicy, policy_of_exam
from models.job import BACKLOG_PRIORITY, Job, arm
from models.running_spans import Span, running_spans
from models.settings import Settings
from models.statuses import (
    AlertEvent,
    AttemptState,
    FaceCheck,
    IncidentEnding,
    IncidentKind,
    IncidentReviewState,
    JobKind,
    Severity,
)
from models.subject import Subject
from models.verification import Verification
from verifier import FaceEngine, MatchPolicy, Verdict
from worker.incident_course import Course, FrameRecord, Report
from worker.incident_rules import FoundIncident, find_incidents, next_look_at
from worker.job_protocol import Claim, finish_job
from worker.runtime import Runtime

logger = logging.getLogger(__name__)

REPORTS_READ = LEAVING_REASONS | RETURNING_REASONS
"""What a page may report that bears on an incident."""

FACELESS_VERDICTS = (Verdict.NO_FACE, Verdict.LOW_QUALITY)
"""Verdicts that a plain surface can have."""


@dataclass(frozen=True)
class _Sitting:
    course: Course
    policy: IncidentPolicy


def update_incidents(runtime: Runtime, engine: FaceEngine, claim: Claim) -> None:  # noqa: ARG001
    """Compute the incidents of the claimed attempt anew, and record what changed.

    What came in meanwhile is not seen; it has made the job due again.

    Raises
    ------
    StaleClaim
        Another worker holds the job now; nothing was recorded.
    """
    with runtime.database.read() as session:
        sitting = _read(session, claim.target_id, database_now(session))
    # Outside of any transaction: it takes its time.
    found = find_incidents(sitting.course, sitting.policy)
    with runtime.database.write() as session:
        # First the attempt, as everybody else who writes about it and then arms its job.
        state = session.scalar(_HOLD, {"attempt_id": claim.target_id})
        now = database_now(session)
        # A new policy has all attempts looked at again, behind everything that is live.
        priority = session.scalar(select(Job.priority).where(Job.id == claim.job_id)) or 0
        finish_job(session, claim, now=now)
        policy_id = sitting.policy.policy_id
        changed = record_incidents(session, claim.target_id, found, policy_id, now=now)
        is_recomputed = priority >= BACKLOG_PRIORITY and state != AttemptState.STARTED
        _tell(session, runtime.settings, changed, now, is_recomputed=is_recomputed)
        looks = (
            next_look_at(sitting.course, sitting.policy, found),
            _dismissal_ends_at(session, claim.target_id, now),
        )
        for look_at in filter(None, looks):
            arm(session, JobKind.FIND_INCIDENTS, claim.target_id, now=look_at)


@dataclass(frozen=True)
class Change:
    """An incident that is new, or is not what it was."""

    incident: Incident
    outgrown: str = ""
    """The id of the dismissal that it has outgrown just now."""


def _tell(
    session: Session,
    settings: Settings,
    changed: Sequence[Change],
    now: datetime,
    *,
    is_recomputed: bool,
) -> None:
    """Have those told who asked for it; what they were told before they are not told again."""
    tell = partial(queue_incident_alerts, session, settings, now=now, is_recomputed=is_recomputed)
    for change in changed:
        incident = change.incident
        if incident.withdrawn_at is not None:
            tell(incident, AlertEvent.INCIDENT_WITHDRAWN)
            continue
        # Found when it was over, as after a time offline, it opened all the same.
        tell(incident, AlertEvent.INCIDENT_OPENED, outgrown=change.outgrown)
        if incident.closed_at is not None:
            tell(incident, AlertEvent.INCIDENT_CLOSED)


_HOLD = (
    select(Attempt.state)
    .where(Attempt.id == bindparam("attempt_id"))
    .with_for_update(read=True, key_share=True)
)


def look_through(
    session: Session, attempt_id: str, now: datetime
) -> tuple[tuple[FoundIncident, ...], str]:
    """Return the incidents that the record of an attempt shows, and the id of the policy."""
    sitting = _read(session, attempt_id, now)
    return find_incidents(sitting.course, sitting.policy), sitting.policy.policy_id


def give_up_on_incidents(runtime: Runtime, claim: Claim, error_code: str) -> None:
    """End a job that failed on every try; what comes in next makes it due again."""
    logger.error("the incidents of %s could not be computed: %s", claim.target_id, error_code)
    with runtime.database.write() as session:
        finish_job(session, claim)
        session.get_one(Job, claim.job_id).last_error = error_code


def record_incidents(
    session: Session,
    attempt_id: str,
    found: Sequence[FoundIncident],
    policy_id: str,
    *,
    now: datetime,
) -> list[Change]:
    """Bring the rows in line with what was found; return those that are new or changed.

    An incident keeps its row, and with it what persons decided, as long as one of its kind is
    found at the same time; a dismissed one that has grown well beyond what was dismissed waits
    again. What is found no more is withdrawn and stays on record.
    """
    rows = list(
        session.scalars(
            select(Incident)
            .where(Incident.attempt_id == attempt_id)
            .order_by(Incident.opened_at, Incident.id)
        )
    )
    dismissals = _dismissals(session, rows)
    changed: list[Change] = []
    for incident in found:
        row = _row_of(incident, rows)
        if row is None:
            row = Incident(id=new_id("inc"), attempt_id=attempt_id, created_at=now)
            row.review_state = IncidentReviewState.UNREVIEWED
            session.add(row)
        else:
            rows.remove(row)
        dismissal = dismissals.get(row.id)
        if _bring_up_to_date(row, incident, policy_id, dismissal):
            row.updated_at = now
            is_outgrown = row.review_state == IncidentReviewState.UNREVIEWED
            changed.append(Change(row, dismissal.id if dismissal and is_outgrown else ""))
    kept = _kinds_no_longer_on_record(session, attempt_id)
    for row in rows:
        if row.withdrawn_at is not None:
            continue
        if row.kind not in kept:
            row.withdrawn_at = row.updated_at = now
        elif row.closed_at is None:
            row.closed_at = row.updated_at = now
            row.ending = IncidentEnding.ATTEMPT_ENDED
        else:
            continue
        changed.append(Change(row))
    session.flush()
    return changed


def _kinds_no_longer_on_record(session: Session, attempt_id: str) -> set[str]:
    """Return the kinds of an erased student that nothing on record speaks for or against.

    What the browser reported went with the student; decisions about it stay.
    """
    erased = select(Subject.erased_at).join(Attempt).where(Attempt.id == attempt_id)
    return set() if session.scalar(erased) is None else {IncidentKind.AWAY}


def _row_of(incident: FoundIncident, rows: Sequence[Incident]) -> Incident | None:
    """Return the row of the same kind and time that opened nearest; one that stands goes first."""
    end = incident.closed_at or incident.last_at
    alike = [
        row
        for row in rows
        if row.kind == incident.kind
        and row.first_at <= end
        and incident.first_at <= (row.closed_at or row.last_at)
    ]
    return min(
        alike,
        key=lambda row: (
            row.withdrawn_at is not None,
            abs(row.opened_at - incident.opened_at),
            row.id,
        ),
        default=None,
    )


def _dismissals(session: Session, rows: Sequence[Incident]) -> dict[str, IncidentReview]:
    """Return the newest decision about each incident that stands dismissed, by its id."""
    dismissed = [row.id for row in rows if row.review_state == IncidentReviewState.DISMISSED]
    if not dismissed:
        return {}
    reviews = session.scalars(
        select(IncidentReview)
        .where(IncidentReview.incident_id.in_(dismissed))
        .order_by(IncidentReview.id)
    )
    return {review.incident_id: review for review in reviews}


def _dismissal_ends_at(session: Session, attempt_id: str, now: datetime) -> datetime | None:
    """Return when the first of the dismissed incidents that grow by themselves waits again."""
    rows = session.scalars(
        select(Incident).where(
            Incident.attempt_id == attempt_id,
            Incident.kind.in_(GROWS_BY_ITSELF),
            Incident.review_state == IncidentReviewState.DISMISSED,
            Incident.closed_at.is_(None),
            Incident.withdrawn_at.is_(None),
        )
    ).all()
    dismissals = _dismissals(session, rows)
    left = [
        outgrown_seconds(seen) - row.lasted_seconds
        for row in rows
        if row.id in dismissals and (seen := dismissals[row.id].lasted_seconds) is not None
    ]
    # Lengths are rounded: a look that comes a moment too early is not repeated at once.
    return now + timedelta(seconds=max(min(left), 1.0)) if left else None


def _bring_up_to_date(
    row: Incident, incident: FoundIncident, policy_id: str, dismissal: IncidentReview | None
) -> bool:
    """Write what was found into the row; tell whether anything differed."""
    values: dict[str, Any] = {
        "kind": incident.kind.value,
        "severity": incident.severity.value,
        "evidence": incident.evidence,
        "first_seq": incident.first_seq,
        "worst_seq": incident.worst_seq,
        "last_seq": incident.last_seq,
        "first_at": incident.first_at,
        "opened_at": incident.opened_at,
        "last_at": incident.last_at,
        "closed_at": incident.closed_at,
        "ending": incident.ending.value if incident.ending else None,
        "figures": dict(incident.figures),
        "policy_id": policy_id,
        "withdrawn_at": None,
    }
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not differing:
        return False
    if _is_more_than_dismissed(incident, row, dismissal):
        row.review_state = IncidentReviewState.UNREVIEWED
    for name, value in differing.items():
        setattr(row, name, value)
    return True


def _is_more_than_dismissed(
    incident: FoundIncident, row: Incident, dismissal: IncidentReview | None
) -> bool:
    """Tell whether a dismissed incident has grown well beyond what was dismissed."""
    if row.review_state != IncidentReviewState.DISMISSED:
        return False
    seen_severity = dismissal.severity if dismissal else None
    return has_outgrown(
        severity=incident.severity,
        lasted_seconds=incident.figures["lasted_seconds"],
        seen_severity=Severity(seen_severity or row.severity),
        seen_seconds=dismissal.lasted_seconds if dismissal else None,
    )


def may_change_incidents(
    session: Session, frame_id: str, attempt_id: str, verification: Verification
) -> bool:
    """Tell whether the verdict just recorded can bear on the attempt's incidents.

    Nearly all frames of nearly all attempts show the right person and no more: they are spared the
    look through the whole record.
    """
    if _opens_something(verification):
        return True
    values = {"frame_id": frame_id, "attempt_id": attempt_id}
    return bool(session.scalar(_HAS_SOMETHING, values))


def _opens_something(verification: Verification) -> bool:
    verdict = Verdict(verification.verdict)
    if any(signal["code"] == "client_disagrees" for signal in verification.signals):
        return True
    if verdict in {Verdict.MATCH, Verdict.PRESENT, Verdict.ERROR}:
        return False
    if verdict is Verdict.LOW_QUALITY:
        return verification.distance is None and is_plain(verification.quality)
    return True


def is_plain(quality: dict[str, Any]) -> bool:
    """Tell whether a frame without a face shows one plain surface; see `FrameQuality`."""
    layout = quality.get("frame_layout")
    return isinstance(layout, int | float) and layout < MatchPolicy.min_frame_layout


_this = aliased(Frame)
_other = aliased(Frame)
_HAS_SOMETHING = select(
    case(
        (
            exists().where(
                Incident.attempt_id == bindparam("attempt_id"),
                Incident.withdrawn_at.is_(None),
                Incident.closed_at.is_(None),
            ),
            True,
        ),
        (
            # A frame that comes late may change what its absence suggested.
            and_(
                exists().where(
                    Incident.attempt_id == bindparam("attempt_id"), Incident.withdrawn_at.is_(None)
                ),
                exists().where(
                    _this.id == bindparam("frame_id"),
                    _other.attempt_id == bindparam("attempt_id"),
                    _other.seq > _this.seq,
                ),
            ),
            True,
        ),
        (
            exists().where(
                _this.id == bindparam("frame_id"),
                _other.attempt_id == bindparam("attempt_id"),
                _other.sha256 == _this.sha256,
                _other.id != _this.id,
            ),
            True,
        ),
        else_=False,
    )
)


def _read(session: Session, attempt_id: str, now: datetime) -> _Sitting:
    attempt = session.get_one(Attempt, attempt_id)
    exam = session.get(Exam, attempt.exam_id) if attempt.exam_id else None
    numbers = MatchPolicy.from_dict(attempt.policy)
    granted = Granted.from_dict(attempt.allowances)
    course = Course(
        frames=_frames(session, attempt_id),
        reports=_reports(session, attempt_id),
        running=_until_deadline(_running(session, attempt_id), attempt.deadline_at, now),
        now=now,
        frame_interval_seconds=granted.frame_interval_seconds(attempt.frame_interval_seconds),
        mismatch_threshold=numbers.mismatch_threshold,
        uses_camera=granted.face_check is not FaceCheck.PERSON,
    )
    if attempt.is_practice:
        return _Sitting(course, LOOKS_FOR_NOTHING)
    return _Sitting(course, policy_of_exam(exam.incident_policy if exam else None))


_later = aliased(Verification)

_FRAMES = (
    select(
        Frame.id,
        Frame.seq,
        Frame.received_at,
        Frame.sha256,
        cast(Frame.signals, Text).contains('"late"').label("is_late"),
        Verification.verdict,
        Verification.distance,
        cast(Verification.signals, Text).contains("client_disagrees").label("disagrees"),
    )
    .outerjoin(
        Verification,
        and_(
            Verification.frame_id == Frame.id,
            ~exists().where(_later.frame_id == Verification.frame_id, _later.id > Verification.id),
        ),
    )
    .where(Frame.attempt_id == bindparam("attempt_id"))
    .order_by(Frame.seq)
)

_FACELESS = select(Verification.frame_id, Verification.quality).where(
    Verification.attempt_id == bindparam("attempt_id"),
    Verification.verdict.in_([verdict.value for verdict in FACELESS_VERDICTS]),
    Verification.distance.is_(None),
)


def _frames(session: Session, attempt_id: str) -> tuple[FrameRecord, ...]:
    faceless = session.execute(_FACELESS, {"attempt_id": attempt_id})
    plain = {frame_id for frame_id, quality in faceless if is_plain(quality)}
    seen: set[str] = set()
    records = []
    for row in session.execute(_FRAMES, {"attempt_id": attempt_id}):
        records.append(
            FrameRecord(
                seq=row.seq,
                received_at=row.received_at,
                verdict=Verdict(row.verdict) if row.verdict else None,
                distance=row.distance,
                is_plain=row.id in plain,
                is_repeated=row.sha256 in seen,
                disagrees=bool(row.disagrees),
                is_late=bool(row.is_late),
            )
        )
        seen.add(row.sha256)
    return tuple(records)


def _reports(session: Session, attempt_id: str) -> tuple[Report, ...]:
    rows = session.execute(
        select(ClientEvent.reason, ClientEvent.client_at, ClientEvent.received_at)
        .where(ClientEvent.attempt_id == attempt_id, ClientEvent.reason.in_(REPORTS_READ))
        .order_by(ClientEvent.id)
    )
    return tuple(Report(*row) for row in rows)


def _running(session: Session, attempt_id: str) -> tuple[Span, ...]:
    rows = session.execute(
        select(AttemptTransition.from_state, AttemptTransition.to_state, AttemptTransition.at)
        .where(AttemptTransition.attempt_id == attempt_id)
        .order_by(AttemptTransition.at, AttemptTransition.id)
    )
    return running_spans(rows)


def _until_deadline(
    spans: tuple[Span, ...], deadline_at: datetime | None, now: datetime
) -> tuple[Span, ...]:
    """Return the spans with the last one over at the attempt's deadline, when that has passed.

    No frame is taken from then on, while handing in still counts and until the sweep comes round.
    Earlier spans were broken off before the deadline they had.
    """
    if not spans or deadline_at is None or (spans[-1].end or now) <= deadline_at:
        return spans
    last = spans[-1]
    return (*spans[:-1], Span(last.begin, max(last.begin, deadline_at)))
