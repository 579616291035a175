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
    for _ in range(CODE_DRAWS):
        letters = "".join(secrets.choice(JOIN_CODE_LETTERS) for _ in range(8))
        exam.join_code = f"{letters[:4]}-{letters[4:]}"
        try:
            with session.begin_nested():
                session.add(exam)
        except IntegrityError:
            continue
        return
    message = "no free join code was drawn"
    raise RuntimeError(message)
