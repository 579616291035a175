"""Exams with questions, and students who sit them, without a worker."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.context import Context
from models.attempt import Attempt
from models.statuses import Verdict
from tests.api.conftest import Caller
from tests.support.builders import give_consent, make_enrollment, make_frame, make_verification

QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "single_choice",
        "text": "Which is the capital of France?",
        "points": 2,
        "choices": [
            {"text": "Paris-is-right", "is_correct": True},
            {"text": "Lyon"},
            {"text": "Nice"},
        ],
    },
    {
        "kind": "multiple_choice",
        "text": "Which are prime?",
        "points": 4,
        "choices": [
            {"text": "two", "is_correct": True},
            {"text": "three", "is_correct": True},
            {"text": "four"},
            {"text": "six"},
        ],
    },
    {
        "kind": "short_text",
        "text": "Who painted the Mona Lisa?",
        "points": 1,
        "accepted_answers": ["Leonardo-secret", "Leonardo da Vinci"],
    },
    {"kind": "long_text", "text": "Why do leaves fall?", "points": 3},
]
"""One of each kind; `Leonardo-secret` must never reach a student."""


def set_up_exam(admin: Caller, **fields: Any) -> dict[str, Any]:
    """Return a new exam with `QUESTIONS`, as the API shows it."""
    wanted = {"title": "Art and numbers", "duration_seconds": 3600, **fields}
    answer = admin.post("/api/v1/exams", json=wanted)
    assert answer.status_code == 201, answer.text
    exam: dict[str, Any] = answer.json()
    answer = admin.put(f"/api/v1/exams/{exam['id']}/questions", json={"questions": QUESTIONS})
    assert answer.status_code == 200, answer.text
    return exam


def prepare(student: Caller, context: Context) -> None:
    """Give the student's consent and an accepted enrollment."""
    with context.database.write() as session:
        give_consent(session, student.subject_id or "", now=context.clock())
        make_enrollment(session, student.subject_id or "", now=context.clock())


def join(student: Caller, exam: dict[str, Any]) -> dict[str, Any]:
    """Return the student's attempt of the exam."""
    answer = student.post("/api/v1/exams/join", json={"join_code": exam["join_code"]})
    assert answer.status_code in {200, 201}, answer.text
    attempt: dict[str, Any] = answer.json()
    return attempt


def be_seen(
    context: Context,
    attempt_id: str,
    verdict: Verdict = Verdict.MATCH,
    *,
    seq: int = 1,
    at: datetime | None = None,
) -> None:
    """Let the server have verified a frame of the attempt, as a worker would."""
    with context.database.write() as session:
        seen(session, session.get_one(Attempt, attempt_id), verdict, seq, at or context.clock())


def seen(session: Session, attempt: Attempt, verdict: Verdict, seq: int, at: datetime) -> None:
    """Add a frame and its verdict."""
    frame = make_frame(session, attempt, seq, now=at)
    make_verification(session, verdict=verdict, attempt=attempt, frame=frame, now=at)


def start(student: Caller, context: Context, exam: dict[str, Any]) -> dict[str, Any]:
    """Return the student's attempt, started after the server recognised them."""
    attempt = join(student, exam)
    be_seen(context, attempt["id"])
    answer = student.post(f"/api/v1/attempts/{attempt['id']}/start")
    assert answer.status_code == 200, answer.text
    started: dict[str, Any] = answer.json()
    return started


def paper_of(student: Caller, attempt_id: str) -> list[dict[str, Any]]:
    """Return the questions as the student sees them."""
    answer = student.get(f"/api/v1/attempts/{attempt_id}/paper")
    assert answer.status_code == 200, answer.text
    questions: list[dict[str, Any]] = answer.json()["questions"]
    return questions


def right_values(questions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the right answer to each of `QUESTIONS`, by question id."""
    right = {"Paris-is-right", "two", "three"}
    values = {}
    for question in questions:
        chosen = [choice["id"] for choice in question["choices"] if choice["text"] in right]
        text = {"short_text": "  LEONARDO da  vinci", "long_text": "Because."}
        kind = question["kind"]
        values[question["id"]] = {"text": text[kind]} if kind in text else {"choice_ids": chosen}
    return values


def save(
    student: Caller, attempt_id: str, question_id: str, value: dict[str, Any], revision: int = 1
) -> Any:
    """Send an answer and return the response."""
    return student.put(
        f"/api/v1/attempts/{attempt_id}/answers/{question_id}",
        json={"value": value, "revision": revision},
    )
