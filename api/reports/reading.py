"""Reading the record of an attempt: the same number of queries for few and many frames."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from api.audit_trail.names import people
from api.authorization import Action, authorize, load
from api.context import Context
from api.papers.service import scored_answers
from api.principal import Person, Principal
from api.reports.key_frames import frames_to_show
from api.reports.record import AttemptRecord, FrameNote, ShownFrame
from api.rescores.service import rescores_with_changes
from api.verifications.newest import is_newest_of_its_frame, newest_by_frame
from models.allowance import Allowance
from models.attempt import Attempt, AttemptTransition
from models.attempt_states import SYSTEM_ACTOR
from models.base import Base
from models.client_event import ClientEvent, ClientEventKind
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.incident import Incident, IncidentReview
from models.match_policy import MatchPolicy
from models.review import Review, StudentReply
from models.sealed_images import SubjectErased, subject_key
from models.sealing import SealBroken
from models.subject import Subject
from models.user import User
from models.verification import Verification

Table = TypeVar("Table", bound=Base)

EVENTS_READ = 20_000
"""Of one attempt: a page that sends events without end cannot make a report endless."""


def load_attempt(session: Session, principal: Principal, attempt_id: str) -> Attempt:
    """Return the attempt, if `principal` may see all of it with its faces.

    Raises
    ------
    NotFound
        There is none, or it is none of the principal's business.
    """
    attempt = load(session, principal, Action.SEE_FACE, Attempt, attempt_id)
    authorize(principal, Action.SEE_TIMELINE, attempt)
    return attempt


def read_attempt(
    session: Session, context: Context, principal: Principal, attempt_id: str
) -> AttemptRecord:
    """Return what is on record about an attempt; no picture is opened here.

    Raises
    ------
    NotFound
        There is none, or it is none of the principal's business.
    """
    attempt = load_attempt(session, principal, attempt_id)
    frames = _frame_notes(session, attempt.id)
    incidents = incidents_of(session, attempt.id)
    standing = [one for one in incidents if one.withdrawn_at is None]
    seqs = frames_to_show(frames, standing, attempt.started_at)
    reviews_by_incident = incident_reviews(session, attempt.id)
    enrollment = session.get(FaceEnrollment, attempt.enrollment_id or "")
    transitions = _rows(session, AttemptTransition, AttemptTransition.attempt_id, attempt.id)
    reviews = _rows(session, Review, Review.attempt_id, attempt.id)
    answers = scored_answers(session, principal, attempt)
    granted = Granted.from_dict(attempt.allowances).allowance_ids
    allowances = session.scalars(
        select(Allowance).where(Allowance.id.in_(granted)).order_by(Allowance.id)
    ).all()
    actors = [
        *(one.actor for one in transitions),
        *(one.reviewer_id for one in reviews),
        *(one.reviewer_id for said in reviews_by_incident.values() for one in said),
        *(one.granted_by for one in allowances),
        *(one.scored_by for one in answers if one.scored_by),
        attempt.identity_checked_by or "",
        enrollment.approved_by or "" if enrollment else "",
    ]
    return AttemptRecord(
        attempt=attempt,
        subject=session.get_one(Subject, attempt.subject_id),
        user=_student(session, attempt.subject_id),
        exam=session.get(Exam, attempt.exam_id or ""),
        transitions=transitions,
        frames=frames,
        events=_events(session, attempt.id),
        heartbeat_count=_heartbeat_count(session, attempt.id),
        incidents=standing,
        withdrawn_incidents=[one for one in incidents if one.withdrawn_at is not None],
        incident_reviews=reviews_by_incident,
        rescores=rescores_with_changes(session, principal, attempt.id),
        reviews=reviews,
        replies=_rows(session, StudentReply, StudentReply.attempt_id, attempt.id),
        answers=answers,
        allowances=allowances,
        enrollment=enrollment,
        reference_images=reference_images(session, attempt.enrollment_id),
        policies=_policies(session, (note.policy_id for note in frames)),
        shown_frames=_shown_frames(session, principal, attempt.id, seqs),
        key=key_of(session, context, attempt.subject_id),
        names=_names(session, principal, actors),
        sees_notes=sees_notes(principal),
    )


def sees_notes(principal: Principal) -> bool:
    """Tell whether the reader belongs to the house: who decided and why is not for systems."""
    return isinstance(principal, Person)


def key_of(session: Session, context: Context, subject_id: str) -> bytes | None:
    """Return the key of the subject's pictures; None when there is none any more."""
    try:
        return subject_key(session, context.key_ring, subject_id)
    except (SubjectErased, SealBroken):
        return None


def incidents_of(session: Session, attempt_id: str) -> list[Incident]:
    """Return every incident of an attempt in the order in which they began."""
    found = session.scalars(
        select(Incident)
        .where(Incident.attempt_id == attempt_id)
        .order_by(Incident.first_at, Incident.id)
    )
    return list(found)


def incident_reviews(session: Session, attempt_id: str) -> dict[str, list[IncidentReview]]:
    """Return what persons decided about each incident of an attempt, oldest first."""
    found = session.scalars(
        select(IncidentReview)
        .join(Incident, Incident.id == IncidentReview.incident_id)
        .where(Incident.attempt_id == attempt_id)
        .order_by(IncidentReview.id)
    )
    by_incident: dict[str, list[IncidentReview]] = defaultdict(list)
    for review in found:
        by_incident[review.incident_id].append(review)
    return dict(by_incident)


def reference_images(session: Session, enrollment_id: str | None) -> list[ReferenceImage]:
    """Return the pictures of an enrollment in their order."""
    found = session.scalars(
        select(ReferenceImage)
        .where(ReferenceImage.enrollment_id == (enrollment_id or ""))
        .order_by(ReferenceImage.position)
    )
    return list(found)


def _rows(
    session: Session,
    table: type[Table],
    attempt_column: InstrumentedAttribute[str],
    attempt_id: str,
) -> list[Table]:
    """Return the rows of an attempt in the order in which they were made: ids sort by time."""
    statement = select(table).where(attempt_column == attempt_id)
    return list(session.scalars(statement.order_by(table.__table__.c.id)))


def _student(session: Session, subject_id: str) -> User | None:
    return session.scalars(select(User).where(User.subject_id == subject_id)).one_or_none()


_NOTE_COLUMNS = (
    Frame.seq,
    Frame.received_at,
    Frame.claim,
    Frame.signals.label("signals_on_arrival"),
    Verification.verdict,
    Verification.distance,
    Verification.signals,
    Verification.engine_id,
    Verification.policy_id,
    Verification.enrollment_version,
)


def _frame_notes(session: Session, attempt_id: str) -> list[FrameNote]:
    """Return every frame with its newest verdict, in one query and without heavy columns."""
    is_its_verdict = and_(Verification.frame_id == Frame.id, is_newest_of_its_frame())
    rows = session.execute(
        select(*_NOTE_COLUMNS)
        .outerjoin(Verification, is_its_verdict)
        .where(Frame.attempt_id == attempt_id)
        .order_by(Frame.seq)
    )
    return [_frame_note(row) for row in rows]


def _frame_note(row: Row[Any]) -> FrameNote:
    signals = row.signals_on_arrival if row.verdict is None else row.signals
    return FrameNote(
        seq=row.seq,
        received_at=row.received_at,
        claim_status=(row.claim or {}).get("status"),
        signals=frozenset(signal["code"] for signal in signals or ()),
        verdict=row.verdict,
        distance=row.distance,
        engine_id=row.engine_id,
        policy_id=row.policy_id,
        enrollment_version=row.enrollment_version,
    )


def _events(session: Session, attempt_id: str) -> list[ClientEvent]:
    found = session.scalars(
        select(ClientEvent)
        .where(
            ClientEvent.attempt_id == attempt_id,
            ClientEvent.kind != ClientEventKind.HEARTBEAT,
        )
        .order_by(ClientEvent.received_at, ClientEvent.id)
        .limit(EVENTS_READ)
    )
    return list(found)


def _heartbeat_count(session: Session, attempt_id: str) -> int:
    beats = select(func.count()).select_from(ClientEvent)
    is_beat = ClientEvent.kind == ClientEventKind.HEARTBEAT
    return session.scalar(beats.where(ClientEvent.attempt_id == attempt_id, is_beat)) or 0


def _policies(session: Session, policy_ids: Iterable[str | None]) -> list[MatchPolicy]:
    wanted = {policy_id for policy_id in policy_ids if policy_id}
    found = session.scalars(
        select(MatchPolicy)
        .where(MatchPolicy.policy_id.in_(wanted))
        .order_by(MatchPolicy.created_at, MatchPolicy.policy_id)
    )
    return list(found)


def _shown_frames(
    session: Session, principal: Principal, attempt_id: str, seqs: Collection[int]
) -> dict[int, ShownFrame]:
    frames = session.scalars(
        select(Frame).where(Frame.attempt_id == attempt_id, Frame.seq.in_(seqs))
    ).all()
    for frame in frames:
        authorize(principal, Action.SEE_FACE, frame)
    verdicts = newest_by_frame(session, [frame.id for frame in frames])
    return {frame.seq: ShownFrame(frame, verdicts.get(frame.id)) for frame in frames}


def _names(session: Session, principal: Principal, actors: Collection[str]) -> dict[str, str]:
    """Return who acted by name: people to people, and the reading system itself."""
    names = {SYSTEM_ACTOR: "the service"}
    if not isinstance(principal, Person):
        return names | {principal.client_id: principal.name}
    return names | people(session, actors, actors)
