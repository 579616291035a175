"""Copies of exams, and new join codes. Nothing here commits."""

from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize
from api.context import Context
from api.exams.join_codes import add_with_code, renew_code
from api.principal import Person
from api.questions.service import questions_of_exam
from models.base import new_id
from models.exam import Exam, Question

TITLE_MAX = 200

COPIED = (
    "description",
    "duration_seconds",
    "frame_interval_seconds",
    "policy",
    "incident_policy",
    "is_practice",
    "shuffles_questions",
    "shuffles_choices",
    "needs_approved_enrollment",
    "shows_points",
    "rejection_needs_two",
)
"""What a copy takes over. Title, join code and window are its own."""

ADDITION = " (copy)"


def copy_exam(
    session: Session, context: Context, person: Person, exam: Exam, request_id: str
) -> Exam:
    """Return a new exam with the questions of this one, a code of its own and no window."""
    authorize(person, Action.CREATE, Exam)
    now = context.clock()
    copy = Exam(
        id=new_id("exm"),
        title=exam.title[: TITLE_MAX - len(ADDITION)] + ADDITION,
        **{name: getattr(exam, name) for name in COPIED},
        created_by=person.user_id,
        created_at=now,
    )
    add_with_code(session, copy)
    for question in questions_of_exam(session, exam.id):
        session.add(_copied(question, copy))
    session.flush()
    detail = {"from": exam.id}
    audit.record(session, context, person, "exam.copied", copy.id, request_id, detail)
    return copy


def renew_join_code(
    session: Session, context: Context, person: Person, exam: Exam, request_id: str
) -> None:
    """Give the exam another join code; the old one leads nowhere from now on."""
    old = exam.join_code
    renew_code(session, exam)
    detail = {"old": old}
    audit.record(session, context, person, "exam.join_code_renewed", exam.id, request_id, detail)


def _copied(question: Question, exam: Exam) -> Question:
    ids = {choice["id"]: new_id("cho") for choice in question.choices}
    return Question(
        id=new_id("qst"),
        exam_id=exam.id,
        position=question.position,
        kind=question.kind,
        text=question.text,
        points=question.points,
        choices=[choice | {"id": ids[choice["id"]]} for choice in question.choices],
        # Ids of choices, or accepted answers, which are nobody's id.
        correct=[ids.get(value, value) for value in question.correct],
        created_at=exam.created_at,
    )
