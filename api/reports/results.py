"""Rows of an exam's results: one an attempt, read chunk by chunk with the same queries each."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from api.context import Context
from api.field_types import moment_text
from api.verifications.newest import is_newest_of_its_frame
from models.attempt import Attempt
from models.exam import Exam
from models.frame import Frame
from models.incident import Incident
from models.review import Review
from models.statuses import IncidentReviewState, Severity, Verdict
from models.subject import Subject
from models.user import User
from models.verification import Verification

CHUNK = 200
"""Attempts read at once."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "student": "The student's name; empty once erased.",
        "login": "What the student signs in with; for another system's subject, its own name.",
        "attempt_id": "The attempt.",
        "subject_id": "The person, whatever the name.",
        "state": "Where the attempt stands, as `submitted` or `verified`.",
        "is_practice": "Whether it counts nothing.",
        "created_at": "When it was opened; all moments are UTC.",
        "started_at": "When the clock began to run; empty before.",
        "deadline_at": "When the time is over.",
        "submitted_at": "When it was handed in.",
        "awarded_points": "The sum; empty while an answer waits to be scored.",
        "possible_points": "What could be reached.",
        "frames": "Pictures received from the start on.",
        "check_frames": "Pictures of the check before the start; they are counted nowhere else.",
        **{f"verdict_{one.value}": f"Of them with the verdict `{one.value}`." for one in Verdict},
        **{
            f"incidents_{severity.value}_{state.value}": (
                f"Incidents of {severity.value} severity whose review is `{state.value}`."
            )
            for severity in reversed(Severity)
            for state in IncidentReviewState
        },
        "decision": "The newest decision about the attempt.",
        "reasons": "What it rests on: codes, with blanks between them.",
        "reviewer": "Who decided.",
        "decided_at": "When.",
    }
)
"""Each column with its meaning, in their order."""


def result_rows(context: Context, exam_id: str) -> Iterator[dict[str, Any]]:
    """Yield a row with every column for each attempt of the exam, oldest first.

    Of an exam that counts those are left out that were opened while it was practice.
    Every chunk has a short transaction of its own: a slow reader holds none open.
    """
    last_id = ""
    while True:
        with context.database.read() as session:
            rows = _chunk(session, exam_id, last_id)
        yield from rows
        if len(rows) < CHUNK:
            return
        last_id = rows[-1]["attempt_id"]


def _chunk(session: Session, exam_id: str, after: str) -> list[dict[str, Any]]:
    found = session.execute(
        select(Attempt, Subject, User.login)
        .join(Subject, Subject.id == Attempt.subject_id)
        .outerjoin(User, User.subject_id == Subject.id)
        .join(Exam, Exam.id == Attempt.exam_id)
        .where(
            Attempt.exam_id == exam_id,
            Attempt.id > after,
            or_(Attempt.is_practice.is_(False), Exam.is_practice),
        )
        .order_by(Attempt.id)
        .limit(CHUNK)
    ).all()
    ids = [attempt.id for attempt, _, _ in found]
    frames, verdicts = _frame_counts(session, ids), _verdict_counts(session, ids)
    incidents, decisions = _incident_counts(session, ids), _decisions(session, ids)
    return [
        {
            "student": subject.display_name or "",
            "login": "" if subject.erased_at else login or subject.external_ref,
            **_own_columns(attempt),
            "frames": frames[attempt.id][0],
            "check_frames": frames[attempt.id][1],
            **{f"verdict_{one.value}": verdicts[attempt.id].get(one.value, 0) for one in Verdict},
            **{
                f"incidents_{severity.value}_{state.value}": incidents[attempt.id].get(
                    (severity.value, state.value), 0
                )
                for severity in reversed(Severity)
                for state in IncidentReviewState
            },
            **decisions.get(attempt.id, _UNDECIDED),
        }
        for attempt, subject, login in found
    ]


_UNDECIDED = {"decision": None, "reasons": None, "reviewer": None, "decided_at": None}


def _own_columns(attempt: Attempt) -> dict[str, Any]:
    moments = ("created_at", "started_at", "deadline_at", "submitted_at")
    times = {name: getattr(attempt, name) for name in moments}
    return {
        "attempt_id": attempt.id,
        "subject_id": attempt.subject_id,
        "state": attempt.state,
        "is_practice": attempt.is_practice,
        **{name: moment_text(at) if at else None for name, at in times.items()},
        "awarded_points": attempt.awarded_points,
        "possible_points": attempt.possible_points,
    }


def _frame_counts(session: Session, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return how many frames came from the start on, and how many before."""
    counted: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    rows = session.execute(
        select(Frame.attempt_id, func.count(_SINCE_START), func.count())
        .join(Attempt, Attempt.id == Frame.attempt_id)
        .where(Frame.attempt_id.in_(ids))
        .group_by(Frame.attempt_id)
    )
    for attempt_id, since_start, count in rows:
        counted[attempt_id] = (since_start, count - since_start)
    return counted


_SINCE_START = case((Frame.received_at >= Attempt.started_at, 1))
"""Empty for a frame of the check, and for all of an attempt that never started."""


def _verdict_counts(session: Session, ids: Collection[str]) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    rows = session.execute(
        select(Verification.attempt_id, Verification.verdict, func.count())
        .join(Attempt, Attempt.id == Verification.attempt_id)
        .where(
            Verification.attempt_id.in_(ids),
            Verification.received_at >= Attempt.started_at,
            is_newest_of_its_frame(),
        )
        .group_by(Verification.attempt_id, Verification.verdict)
    )
    for attempt_id, verdict, count in rows:
        counted[attempt_id or ""][verdict] = count
    return counted


def _incident_counts(
    session: Session, ids: Collection[str]
) -> dict[str, dict[tuple[str, str], int]]:
    counted: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = session.execute(
        select(Incident.attempt_id, Incident.severity, Incident.review_state, func.count())
        .where(Incident.attempt_id.in_(ids), Incident.withdrawn_at.is_(None))
        .group_by(Incident.attempt_id, Incident.severity, Incident.review_state)
    )
    for attempt_id, severity, state, count in rows:
        counted[attempt_id][severity, state] = count
    return counted


def _decisions(session: Session, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the newest decision about each attempt that has one."""
    rows = session.execute(
        select(Review, User.display_name)
        .join(User, User.id == Review.reviewer_id)
        .where(Review.attempt_id.in_(ids))
        .order_by(Review.id)
    )
    return {
        review.attempt_id: {
            "decision": review.decision,
            "reasons": " ".join(review.reason_codes) or None,
            "reviewer": name,
            "decided_at": moment_text(review.created_at),
        }
        for review, name in rows
    }
