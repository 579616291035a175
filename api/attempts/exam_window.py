"""When an exam can be sat."""

from datetime import datetime

from api.problems import ExamNotOpen
from models.exam import Exam


def check_window(exam: Exam, now: datetime) -> None:
    """Return when the exam can be joined and started at `now`.

    Raises
    ------
    ExamNotOpen
        It is withdrawn, not open yet, or closed.
    """
    if exam.archived_at is not None:
        raise ExamNotOpen("The exam was withdrawn.", next_step="Ask whoever runs the exam.")
    if exam.opens_at is not None and now < exam.opens_at:
        raise ExamNotOpen(f"It opens at {exam.opens_at.isoformat(timespec='seconds')}.")
    if exam.closes_at is not None and now >= exam.closes_at:
        closed = f"It closed at {exam.closes_at.isoformat(timespec='seconds')}."
        raise ExamNotOpen(closed, next_step="Ask whoever runs the exam.")
