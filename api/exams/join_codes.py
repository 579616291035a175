"""Join codes: short enough to be read from a blackboard."""

import secrets

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.exam import Exam

JOIN_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which are taken for each other on a blackboard."""

CODE_DRAWS = 5
"""Two exams drawing the same code once is a wonder."""


def add_with_code(session: Session, exam: Exam) -> None:
    """Add an exam under a join code that no other has."""
    _try_codes(session, exam)


def renew_code(session: Session, exam: Exam) -> None:
    """Give an exam a join code that no other has, nor this one had just now."""
    _try_codes(session, exam, but=exam.join_code)


def _try_codes(session: Session, exam: Exam, but: str = "") -> None:
    for _ in range(CODE_DRAWS):
        code = _draw()
        if code == but:
            continue
        try:
            with session.begin_nested():
                exam.join_code = code
                session.add(exam)
        except IntegrityError:
            continue
        return
    message = "no free join code was drawn"
    raise RuntimeError(message)


def _draw() -> str:
    letters = "".join(secrets.choice(JOIN_CODE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
