"""Rules of exams. Nothing here commits."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.authorization import Action, authorize, load
from api.context import Context
from api.exams.join_codes import add_with_code
from api.exams.schemas import ExamAnswer, ExamChange, NewExam
from api.principal import Person, Principal
from api.problems import InvalidRequest, NotFound, TooManyRequests
from api.questions.service import question_figures
from api.throttle import Limit
from models.attempt_states import match_policy
from models.base import new_id
from models.exam import Exam

JOIN_TRIES = Limit(times=30, seconds=60)
"""Of one student: with 32^8 codes, guessing one takes longer than any exam."""

_SHOWN_COLUMNS = tuple(Exam.__table__.columns.keys() & ExamAnswer.model_fields.keys())


def add_exam(
    session: Session, context: Context, person: Person, wanted: NewExam, request_id: str
) -> Exam:
    """Add an exam with a fresh join code.

    Raises
    ------
    InvalidRequest
        It closes before it opens.
    """
    authorize(person, Action.CREATE, Exam)
    interval = wanted.frame_interval_seconds or context.settings.frame_interval_seconds
    exam = Exam(
        id=new_id("exm"),
        **wanted.model_dump(exclude={"frame_interval_seconds"}),
        frame_interval_seconds=interval,
        policy=match_policy(context.settings),
        created_by=person.user_id,
        created_at=context.clock(),
    )
    _check_window(exam)
    add_with_code(session, exam)
    audit.record(session, context, person, "exam.created", exam.id, request_id)
    return exam


def change_exam(
    session: Session,
    context: Context,
    person: Person,
    exam: Exam,
    change: ExamChange,
    request_id: str,
) -> None:
    """Change what the request names; attempts that exist keep what they were opened with.

    Raises
    ------
    InvalidRequest
        It would close before it opens, or something that cannot be empty is.
    """
    for name, value in change.model_dump(exclude_unset=True).items():
        if value is None and name not in {"opens_at", "closes_at"}:
            raise InvalidRequest.at(name, "cannot be empty")
        setattr(exam, name, value)
    _check_window(exam)
    detail = {"fields": sorted(change.model_fields_set)}
    audit.record(session, context, person, "exam.changed", exam.id, request_id, detail)


def archive_exam(
    session: Session, context: Context, person: Person, exam: Exam, request_id: str
) -> None:
    """Take an exam off the lists; its attempts stay."""
    if exam.archived_at is None:
        exam.archived_at = context.clock()
        audit.record(session, context, person, "exam.archived", exam.id, request_id)


def restore_exam(
    session: Session, context: Context, person: Person, exam: Exam, request_id: str
) -> None:
    """Put an archived exam back on the lists; it can be joined again within its window."""
    if exam.archived_at is not None:
        exam.archived_at = None
        audit.record(session, context, person, "exam.restored", exam.id, request_id)


def renew_thresholds(
    session: Session, context: Context, person: Person, exam: Exam, request_id: str
) -> None:
    """Let new attempts be judged by the service's thresholds of today."""
    before, exam.policy = exam.policy, match_policy(context.settings)
    if exam.policy != before:
        detail = {"fields": ["policy"], "policy": exam.policy}
        audit.record(session, context, person, "exam.changed", exam.id, request_id, detail)


def load_exam(
    session: Session,
    principal: Principal,
    action: Action,
    exam_id: str,
    *,
    archived_too: bool = False,
) -> Exam:
    """Return an exam that was not archived, once `action` is permitted.

    Raises
    ------
    NotFound, NotAllowed
    """
    exam = load(session, principal, action, Exam, exam_id)
    if exam.archived_at is not None and action is not Action.MANAGE and not archived_too:
        raise NotFound("The exam was archived.")
    return exam


def find_exam_to_join(session: Session, context: Context, person: Person, join_code: str) -> Exam:
    """Return the exam of a join code, in whatever case and with or without the dash.

    Raises
    ------
    NotFound
        No exam has this code.
    TooManyRequests
        The student tried too many codes.
    """
    wait_seconds = context.throttle.count("join", person.user_id, JOIN_TRIES)
    if wait_seconds is not None:
        raise TooManyRequests("Too many codes were tried.", retry_after_seconds=wait_seconds)
    letters = "".join(letter for letter in join_code.upper() if letter.isalnum())
    exam = session.scalars(
        select(Exam).where(
            Exam.join_code == f"{letters[:4]}-{letters[4:8]}", Exam.archived_at.is_(None)
        )
    ).one_or_none()
    if exam is None or len(letters) != 8:
        raise NotFound("No exam has this code.", next_step="Check the code and try again.")
    authorize(person, Action.JOIN, exam)
    return exam


def exam_answer(session: Session, exam: Exam) -> ExamAnswer:
    """Return an exam as admins see it."""
    return exam_answers(session, [exam])[0]


def exam_answers(session: Session, exams: Sequence[Exam]) -> list[ExamAnswer]:
    """Return exams as admins see them."""
    session.flush()
    figures = question_figures(session, [exam.id for exam in exams])

    def answer(exam: Exam) -> ExamAnswer:
        count, points = figures.get(exam.id, (0, 0.0))
        columns = {name: getattr(exam, name) for name in _SHOWN_COLUMNS}
        return ExamAnswer(**columns, question_count=count, possible_points=points)

    return [answer(exam) for exam in exams]


def _check_window(exam: Exam) -> None:
    if exam.opens_at and exam.closes_at and exam.closes_at <= exam.opens_at:
        raise InvalidRequest.at("closes_at", "must be after opens_at")
