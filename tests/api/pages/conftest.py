"""Rows that give every page something to show."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from api.context import Context
from models.statuses import AttemptState, Verdict
from tests.api.conftest import Caller
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_event,
    make_exam,
    make_frame,
    make_verification,
)

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
NASTY = '<script>alert("1")</script><img src=x onerror=alert(2)>'


@dataclass
class Sitting:
    """A student's attempt with frames of several kinds."""

    attempt_id: str
    exam_id: str
    join_code: str


@pytest.fixture
def prepared(student: Caller, context: Context) -> Caller:
    """A student who agreed and whose face was accepted."""
    prepare(student, context)
    return student


@pytest.fixture
def sitting(prepared: Caller, context: Context) -> Sitting:
    return sit(prepared, context)


def prepare(student: Caller, context: Context) -> None:
    with context.database.write() as session:
        give_consent(session, student.subject_id, now=context.clock())
        make_enrollment(session, student.subject_id, now=context.clock())


def sit(student: Caller, context: Context) -> Sitting:
    """Frames 1 match, 2 mismatch against the claim, 6 match; 3 to 5 never came."""
    now = context.clock() - timedelta(minutes=5)
    with context.database.write() as session:
        exam = make_exam(session, title=f"Algebra {NASTY}", description=NASTY, now=now)
        attempt = make_attempt(
            session, student.subject_id, AttemptState.STARTED, now=now, exam_id=exam.id
        )
        for seq, verdict in ((1, Verdict.MATCH), (2, Verdict.MISMATCH), (6, Verdict.MATCH)):
            at = now + timedelta(seconds=seq)
            frame = make_frame(session, attempt, seq, now=at)
            disagrees = [{"code": "client_disagrees"}] if verdict is Verdict.MISMATCH else []
            box = {"x": 10, "y": 20, "width": 30, "height": 40}
            make_verification(
                session,
                verdict=verdict,
                attempt=attempt,
                frame=frame,
                signals=disagrees,
                faces=[{"box": box, "is_subject": True}],
                now=at,
            )
        make_event(session, attempt, "tab", "tab_switch", now=now + timedelta(seconds=7))
        make_event(session, attempt, "heartbeat", "heartbeat", now=now + timedelta(seconds=8))
        return Sitting(attempt.id, exam.id, exam.join_code)
