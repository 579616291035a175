"""The practice exam this house brings along: four questions, ten minutes, as often as wished."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.context import Context
from api.exams.join_codes import add_with_code
from api.problems import NotFound
from models.attempt_states import match_policy
from models.base import new_id
from models.exam import Exam, Question
from models.statuses import QuestionKind, Role
from models.user import User

PRACTICE_SECONDS = 600

_QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "kind": QuestionKind.SINGLE_CHOICE,
        "text": "Which of these is a fruit?",
        "choices": ["An apple", "A chair", "A cloud"],
        "correct": [0],
    },
    {
        "kind": QuestionKind.MULTIPLE_CHOICE,
        "text": "Which of these numbers are even? More than one is right.",
        "choices": ["2", "3", "4", "7"],
        "correct": [0, 2],
    },
    {
        "kind": QuestionKind.SHORT_TEXT,
        "text": "How many minutes has an hour?",
        "correct": ["60", "sixty"],
    },
    {
        "kind": QuestionKind.LONG_TEXT,
        "text": "Write a few lines about anything, and watch how they are saved by themselves.",
    },
)


def practice_exam(session: Session, context: Context) -> Exam:
    """Return the practice exam that can be sat now: the newest of the admins, else our own.

    Raises
    ------
    NotFound
        There is no admin yet in whose name it could be set up.
    """
    now = context.clock()
    found = _open_practice_exam(session, now)
    if found is not None:
        return found
    admin_id = session.scalars(
        # Of two students at once one waits here, and then finds what the other made.
        select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1).with_for_update()
    ).one_or_none()
    if admin_id is None:
        raise NotFound("There is no practice exam.", next_step="Join your exam with its code.")
    return _open_practice_exam(session, now) or _make_practice_exam(session, context, admin_id)


def _open_practice_exam(session: Session, now: datetime) -> Exam | None:
    return session.scalars(
        select(Exam)
        .where(
            Exam.is_practice.is_(True),
            Exam.archived_at.is_(None),
            or_(Exam.opens_at.is_(None), Exam.opens_at <= now),
            or_(Exam.closes_at.is_(None), Exam.closes_at > now),
        )
        .order_by(Exam.id.desc())
        .limit(1)
    ).one_or_none()


def _make_practice_exam(session: Session, context: Context, admin_id: str) -> Exam:
    now = context.clock()
    exam = Exam(
        id=new_id("exm"),
        title="Practice",
        description="Try out camera, questions and handing in. Nothing in here counts.",
        duration_seconds=PRACTICE_SECONDS,
        frame_interval_seconds=context.settings.frame_interval_seconds,
        policy=match_policy(context.settings),
        is_practice=True,
        shows_points=True,
        created_by=admin_id,
        created_at=now,
    )
    add_with_code(session, exam)
    for position, sample in enumerate(_QUESTIONS, start=1):
        choices = [{"id": new_id("cho"), "text": text} for text in sample.get("choices", [])]
        correct = sample.get("correct", [])
        question = Question(
            id=new_id("qst"),
            exam_id=exam.id,
            position=position,
            kind=sample["kind"],
            text=sample["text"],
            points=1.0,
            choices=choices,
            correct=[choices[index]["id"] for index in correct] if choices else correct,
            created_at=now,
        )
        session.add(question)
    session.flush()
    return exam
