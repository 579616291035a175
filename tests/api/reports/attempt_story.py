"""An attempt in which a report has everything to show, with real pictures in the sealed store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Context
from clients.simulator.scenes import shot, webcam_frame
from models.allowance import Allowance
from models.attempt import Answer, Attempt
from models.base import new_id
from models.exam import Question
from models.frame import Frame
from models.incident import Incident, IncidentReview
from models.match_policy import MatchPolicy
from models.review import Review, StudentReply
from models.statuses import (
    AttemptState,
    IncidentDecision,
    IncidentKind,
    IncidentReviewState,
    QuestionKind,
    ReviewDecision,
    Role,
    Severity,
    Verdict,
)
from models.user import User
from tests.support.builders import (
    DISTANCES,
    make_attempt,
    make_enrollment,
    make_event,
    make_exam,
    make_frame,
    make_verification,
)
from tests.support.rescores import make_rescore

BOX = {"x": 240.0, "y": 120.0, "width": 170.0, "height": 170.0}
INTERVAL_SECONDS = 5.0


@dataclass
class Story:
    """The attempt, and what tests ask about."""

    attempt_id: str
    exam_id: str
    subject_id: str
    incident_ids: list[str]
    reference_ids: list[str]
    reviewer_name: str = "Rita Reviewer"
    genuine: bytes = b""
    stranger: bytes = b""


def tell_story(
    session: Session,
    context: Context,
    subject_id: str,
    *,
    frames: int = 40,
    incidents: int = 2,
    begin: datetime | None = None,
) -> Story:
    """Return an attempt that was handed in, with strangers, gaps, events, reviews and answers."""
    begin = begin or context.clock() - timedelta(hours=4)
    reviewer = _reviewer(session, begin)
    genuine, stranger = webcam_frame("obama2.jpg", shot(1)), webcam_frame("biden.jpg", shot(2))
    exam = make_exam(session, title="Algebra & <Geometry>", now=begin)
    enrollment = make_enrollment(
        session, subject_id, images=context.images, contents=[genuine, webcam_frame("obama.jpg")]
    )
    granted = _allowance(session, subject_id, reviewer, begin)
    questions = _questions(session, exam.id, begin)
    attempt = make_attempt(
        session,
        subject_id,
        AttemptState.SECOND_REVIEW_REQUIRED,
        now=begin,
        exam_id=exam.id,
        enrollment_id=enrollment.id,
        allowances={
            "extra_time_percent": 25,
            "extra_time_seconds": 0,
            "frame_interval_factor": 1.0,
            "face_check": "match",
            "second_person_allowed": False,
            "allowance_ids": [granted.id],
        },
        paper={
            "question_ids": [question.id for question in questions],
            "choice_ids": {questions[0].id: [choice["id"] for choice in questions[0].choices]},
        },
        awarded_points=None,
        possible_points=6.0,
        submitted_at=begin + timedelta(seconds=INTERVAL_SECONDS * (frames + 4)),
    )
    _answers(session, attempt, questions, begin)
    if session.get(MatchPolicy, "policy/test") is None:
        policy = MatchPolicy(policy_id="policy/test", numbers=POLICY_NUMBERS, created_at=begin)
        session.add(policy)
    shown = _incidents(session, attempt, reviewer, frames, incidents, begin)
    _frames(session, context, attempt, frames, shown, genuine, stranger, begin)
    sent = session.scalars(select(Frame).where(Frame.attempt_id == attempt.id)).all()
    found = dict.fromkeys(sent, Verdict.INCONCLUSIVE)
    make_rescore(session, attempt, found, asked_by=reviewer.id, now=begin)
    for seconds, kind, reason in (
        (20, "tab", "tab_switch"),
        (26, "tab", "tab_return"),
        (30, "heartbeat", "heartbeat"),
        (60, "clipboard", "paste"),
    ):
        make_event(session, attempt, kind, reason, now=begin + timedelta(seconds=seconds))
    _decide(session, attempt, reviewer, begin)
    session.flush()
    return Story(
        attempt.id,
        exam.id,
        subject_id,
        [incident.id for incident in shown],
        [image.id for image in enrollment.images],
        genuine=genuine,
        stranger=stranger,
    )


POLICY_NUMBERS = {"match_threshold": 0.5, "mismatch_threshold": 0.6, "least_sharpness": 12.5}


def received_at(begin: datetime, seq: int) -> datetime:
    return begin + timedelta(seconds=INTERVAL_SECONDS * seq)


def make_incident(
    session: Session, attempt: Attempt, *, begin: datetime, first: int, last: int, **columns: Any
) -> Incident:
    """Return an incident from one frame to another; `columns` override."""
    values: dict[str, Any] = {
        "kind": IncidentKind.WRONG_PERSON.value,
        "severity": Severity.HIGH.value,
        "evidence": 30.0,
        "worst_seq": (first + last) // 2,
        "closed_at": received_at(begin, last + 3),
        "ending": "refuted",
        "figures": {
            "lasted_seconds": 60.0,
            "frames_supporting": last - first + 1,
            "frames_refuting": 0,
            "frames_neutral": 0,
            "frames_missing": 0,
            "frames_disagreeing": 0,
            "worst_distance": 0.8312,
        },
        "policy_id": "incidents/test",
        "review_state": IncidentReviewState.UNREVIEWED.value,
        "created_at": begin,
        "updated_at": begin,
        **columns,
    }
    incident = Incident(
        id=new_id("inc"),
        attempt_id=attempt.id,
        first_seq=first,
        last_seq=last,
        first_at=received_at(begin, first),
        opened_at=received_at(begin, first + 1),
        last_at=received_at(begin, last),
        **values,
    )
    session.add(incident)
    session.flush()
    return incident


def _incidents(
    session: Session,
    attempt: Attempt,
    reviewer: User,
    frames: int,
    count: int,
    begin: datetime,
) -> list[Incident]:
    made = []
    step = frames // (count + 1) if count else frames
    for number in range(1, count + 1):
        first = number * step
        last = min(first + max(2, step // 6), frames)
        is_decided = number == 1
        made.append(
            make_incident(
                session,
                attempt,
                begin=begin,
                first=first,
                last=last,
                severity=list(Severity)[-number % 3].value,
                evidence=100.0 - number,
                review_state="confirmed" if is_decided else "unreviewed",
            )
        )
    make_incident(
        session,
        attempt,
        begin=begin,
        first=2,
        last=4,
        kind="nobody",
        severity="low",
        withdrawn_at=begin,
    )
    for incident in made[:1]:
        session.add(
            IncidentReview(
                id=new_id("irv"),
                incident_id=incident.id,
                reviewer_id=reviewer.id,
                decision=IncidentDecision.CONFIRMED,
                reason_codes=["different_person", "hid_the_camera"],
                note="Another face, for half a minute.",
                created_at=begin + timedelta(hours=2),
            )
        )
    return made


def _frames(
    session: Session,
    context: Context,
    attempt: Attempt,
    frames: int,
    incidents: list[Incident],
    genuine: bytes,
    stranger: bytes,
    begin: datetime,
) -> None:
    """Frames 10 to 12 never came; those of incidents show somebody else; 15 saw nobody."""
    for seq in range(1, frames + 1):
        if 10 <= seq <= 12:
            continue
        is_stranger = any(one.first_seq <= seq <= one.last_seq for one in incidents)
        verdict = Verdict.MISMATCH if is_stranger else Verdict.MATCH
        verdict = Verdict.NO_FACE if seq == 15 else verdict
        frame = make_frame(
            session,
            attempt,
            seq,
            images=context.images if frames <= 60 else None,
            content=stranger if is_stranger else genuine,
            now=received_at(begin, seq),
            claim={"status": "one_face", "face_count": 1, "boxes": [BOX | {"x": 250.0}]},
        )
        wobble = (seq * 7 % 13) / 100
        distance = DISTANCES.get(verdict)
        make_verification(
            session,
            verdict=verdict,
            attempt=attempt,
            frame=frame,
            distance=None if distance is None else distance + wobble - 0.05,
            faces=[] if seq == 15 else [{"box": BOX, "is_subject": not is_stranger}],
            signals=[{"code": "client_disagrees"}] if is_stranger else [],
        )


def _reviewer(session: Session, at: datetime) -> User:
    user_id = new_id("usr")
    user = User(
        id=user_id,
        login=user_id,
        login_key=user_id,
        display_name="Rita Reviewer",
        password_hash="no password opens this",
        role=Role.REVIEWER,
        created_at=at,
    )
    session.add(user)
    session.flush()
    return user


def _allowance(session: Session, subject_id: str, reviewer: User, at: datetime) -> Allowance:
    granted = Allowance(
        id=new_id("alw"),
        subject_id=subject_id,
        extra_time_percent=25,
        face_check="match",
        note="A certificate was shown.",
        granted_by=reviewer.id,
        granted_at=at,
    )
    session.add(granted)
    session.flush()
    return granted


def _questions(session: Session, exam_id: str, at: datetime) -> list[Question]:
    trout, bat = new_id("cho"), new_id("cho")
    questions = [
        Question(
            id=new_id("qst"),
            exam_id=exam_id,
            position=1,
            kind=QuestionKind.SINGLE_CHOICE,
            text="Which is a mammal?",
            points=1.0,
            choices=[{"id": trout, "text": "Trout"}, {"id": bat, "text": "Bat"}],
            correct=[bat],
            created_at=at,
        ),
        Question(
            id=new_id("qst"),
            exam_id=exam_id,
            position=2,
            kind=QuestionKind.LONG_TEXT,
            text="Why is the sky blue?",
            points=5.0,
            choices=[],
            correct=[],
            created_at=at,
        ),
    ]
    session.add_all(questions)
    session.flush()
    return questions


def _answers(session: Session, attempt: Attempt, questions: list[Question], at: datetime) -> None:
    for question, value, points in (
        (questions[0], {"choice_ids": questions[0].correct}, 1.0),
        (questions[1], {"text": "Small things scatter\nshort waves most."}, None),
    ):
        session.add(
            Answer(
                id=new_id("ans"),
                attempt_id=attempt.id,
                question_id=question.id,
                revision=1,
                value=value,
                received_at=at,
                awarded_points=points,
                scored_by="system" if points else None,
            )
        )


def _decide(session: Session, attempt: Attempt, reviewer: User, begin: datetime) -> None:
    review = Review(
        id=new_id("rev"),
        attempt_id=attempt.id,
        reviewer_id=reviewer.id,
        decision=ReviewDecision.QUESTIONED,
        reason_codes=["different_person"],
        note="Compare frames 13 and 14.",
        message="Who was there at ten past?",
        reply_until=begin + timedelta(days=7),
        created_at=begin + timedelta(hours=2),
    )
    session.add(review)
    session.flush()
    session.add(
        StudentReply(
            id=new_id("rep"),
            attempt_id=attempt.id,
            review_id=review.id,
            text="My brother brought me a glass of water.",
            created_at=begin + timedelta(hours=3),
        )
    )
