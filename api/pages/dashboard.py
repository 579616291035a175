"""What the dashboard counts, and the frames somebody should look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from api.authorization import visible_to
from api.field_types import moment_text
from api.pages.face_queue import waiting_face_count
from api.pages.review_queue import waiting_count
from api.principal import Principal
from api.reviews.answered import answered_count
from api.subjects.names import shown_name
from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Attempt
from models.database import database_now
from models.exam import Exam
from models.frame import Frame
from models.incident import Incident
from models.job import Job, is_due
from models.statuses import OPEN_STATES, UNDECIDED_STATES, AttemptState, Verdict
from models.subject import Subject
from models.verification import Verification

NEEDS_A_LOOK = frozenset(
    {Verdict.MISMATCH, Verdict.MULTIPLE_FACES, Verdict.NO_FACE, Verdict.INCONCLUSIVE, Verdict.ERROR}
)
"""Verdicts a person should see. Bad light is help for the student, not a finding."""

PROBLEMS_SHOWN = 10
"""On the dashboard; each attempt's timeline has them all."""


@dataclass(frozen=True)
class Figure:
    """One number with its name."""

    name: str
    value: int
    address: str = ""
    """Where the counted things are."""


@dataclass(frozen=True)
class ProblemFrame:
    """A frame that needs a look, and where to find it."""

    attempt_id: str
    seq: int
    received_at: datetime
    display_name: str
    title: str
    claim_status: str | None
    verdict: str
    disagrees: bool

    @property
    def just_after(self) -> str:
        """The moment before which the frame is the newest."""
        return moment_text(self.received_at + timedelta(microseconds=1))


def figures(session: Session) -> list[Figure]:
    """Count what runs and what waits, without practice, of which nobody decides anything."""
    states = dict(
        session.execute(
            select(Attempt.state, func.count())
            .where(
                Attempt.state.in_(OPEN_STATES | UNDECIDED_STATES), Attempt.is_practice.is_(False)
            )
            .group_by(Attempt.state)
        ).all()
    )
    going_on = session.scalar(
        select(func.count(func.distinct(Incident.attempt_id)))
        .join(Attempt, Attempt.id == Incident.attempt_id)
        .where(
            Attempt.state == AttemptState.STARTED,
            Attempt.is_practice.is_(False),
            Incident.withdrawn_at.is_(None),
            Incident.closed_at.is_(None),
        )
    )
    waiting_jobs = session.scalar(
        select(func.count()).select_from(Job).where(is_due(database_now(session)))
    )
    return [
        Figure("In progress", states.get(AttemptState.STARTED, 0), "/admin/attempts?show=running"),
        Figure("With an open incident", going_on or 0),
        Figure("Getting ready", sum(states.get(state, 0) for state in OPEN_STATES - {"started"})),
        Figure("Incidents to review", waiting_count(session), "/admin/review"),
        Figure(
            "Attempts to decide",
            sum(states.get(state, 0) for state in UNDECIDED_STATES),
            "/admin/attempts?show=to_decide",
        ),
        Figure("Answered, waits for you", answered_count(session), "/admin/review#answered"),
        Figure("Faces to approve", waiting_face_count(session), "/admin/requests#unapproved"),
        Figure("Waiting jobs", waiting_jobs or 0),
    ]


def is_unused(session: Session) -> bool:
    """Tell whether nobody has set up an exam or opened an attempt yet."""
    return not session.scalar(
        select(or_(exists().select_from(Exam), exists().select_from(Attempt)))
    )


def latest_problems(session: Session, principal: Principal) -> list[ProblemFrame]:
    """Return the newest frames that need a look, newest first."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Verification,
            Frame,
            Subject.display_name,
            Subject.erased_at,
            Exam.title,
            Attempt.label,
        )
        .join(Frame, Frame.id == Verification.frame_id)
        .join(Attempt, Attempt.id == Frame.attempt_id)
        .join(Subject, Subject.id == Attempt.subject_id)
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .where(
            Verification.verdict.in_(NEEDS_A_LOOK),
            Attempt.is_practice.is_(False),
            is_newest_of_its_frame(),
        )
        .order_by(Verification.id.desc())
        .limit(PROBLEMS_SHOWN)
    )
    rows = session.execute(visible_to(principal, statement, Verification))
    return [
        ProblemFrame(
            attempt_id=frame.attempt_id,
            seq=frame.seq,
            received_at=frame.received_at,
            display_name=shown_name(display_name, erased_at),
            title=title or label or "Without an exam",
            claim_status=(frame.claim or {}).get("status"),
            verdict=verification.verdict,
            disagrees=any(signal["code"] == "client_disagrees" for signal in verification.signals),
        )
        for verification, frame, display_name, erased_at, title, label in rows
    ]


def names_of(session: Session, subject_ids: Iterable[str]) -> dict[str, str]:
    """Return the display name of each subject, for those who may list them."""
    rows = session.execute(
        select(Subject.id, Subject.display_name, Subject.erased_at).where(
            Subject.id.in_(set(subject_ids))
        )
    )
    return {subject_id: shown_name(name, erased_at) for subject_id, name, erased_at in rows}
