"""The form in which an exam is set up and changed: text in, a checked request out."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from api.exams.schemas import ExamChange, NewExam
from api.pages.form_values import CANNOT_BE_USED, typed_lines, typed_number
from api.problems import ChangedMeanwhile, InvalidRequest
from models.exam import Exam

OPTIONS = {
    "shuffles_questions": "Shuffle the questions for each attempt",
    "shuffles_choices": "Shuffle the choices as well",
    "needs_approved_enrollment": "A person has to approve the enrolled face first",
    "shows_points": "Students see their points once the attempt is verified",
    "rejection_needs_two": "Two people have to agree before an attempt is rejected",
    "is_practice": "Practice: sat as often as wished, nothing counts",
}
"""Switches of an exam and what they are called."""

LABELS = {
    "title": "Title",
    "description": "Instructions",
    "duration_minutes": "Duration (minutes)",
    "frame_interval_seconds": "Frame every (seconds)",
    "opens_at": "Opens (UTC)",
    "closes_at": "Closes (UTC)",
}
"""What the other fields are called."""

_MESSAGES = {
    "title": "must have 1 to 200 characters and no control characters",
    "description": "must have at most 20000 characters and no control characters",
    "duration_minutes": "must be between 1 second and 7 days",
    "frame_interval_seconds": "must be between 0.2 and 300",
    "opens_at": "must lie between the years 1971 and 9998",
    "closes_at": "must lie between the years 1971 and 9998",
}


class ExamForm(BaseModel):
    """What the form holds, as text: it comes back unchanged when something is wrong."""

    title: str = ""
    description: str = ""
    duration_minutes: str = ""
    frame_interval_seconds: str = ""
    opens_at: str = ""
    """`2026-11-23T10:00`, or with a zone when the script has added it. Without one it is UTC."""
    closes_at: str = ""
    shuffles_questions: str = ""
    shuffles_choices: str = ""
    needs_approved_enrollment: str = ""
    shows_points: str = ""
    rejection_needs_two: str = ""
    is_practice: str = ""
    seen: str = ""
    """What the exam was when the form was opened."""


def form_of(exam: Exam) -> ExamForm:
    """Return the form as it is filled for an exam."""
    form = ExamForm(
        title=exam.title,
        description=exam.description,
        duration_minutes=f"{exam.duration_seconds / 60:.7g}",
        frame_interval_seconds=f"{exam.frame_interval_seconds:.7g}",
        opens_at=_shown_moment(exam.opens_at),
        closes_at=_shown_moment(exam.closes_at),
        **{name: "on" for name in OPTIONS if getattr(exam, name)},
    )
    seen = hashlib.sha256(form.model_dump_json().encode()).hexdigest()[:20]
    return form.model_copy(update={"seen": seen})


def new_exam(form: ExamForm) -> NewExam:
    """Return the exam the form asks for.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    """
    errors: list[dict[str, str]] = []
    values: dict[str, Any] = {
        "title": form.title,
        "description": typed_lines(form.description),
        "duration_seconds": round(60 * _number(form.duration_minutes, "duration_minutes", errors)),
        "frame_interval_seconds": _number(
            form.frame_interval_seconds, "frame_interval_seconds", errors
        ),
        "opens_at": _moment(form.opens_at, "opens_at", errors),
        "closes_at": _moment(form.closes_at, "closes_at", errors),
        **{name: getattr(form, name) == "on" for name in OPTIONS},
    }
    try:
        wanted = NewExam.model_validate(values)
    except ValidationError as error:
        named = {one["field"] for one in errors}
        found = [_field_error(problem) for problem in error.errors()]
        errors += [one for one in found if one["field"] not in named]
    if errors:
        raise InvalidRequest(CANNOT_BE_USED, errors=errors)
    return wanted


def exam_change(form: ExamForm, exam: Exam) -> ExamChange:
    """Return what the form changes about the exam.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    ChangedMeanwhile
        The exam is not what the form was filled with.
    """
    wanted = new_exam(form).model_dump()
    if form.seen != form_of(exam).seen:
        raise ChangedMeanwhile
    for name in ("opens_at", "closes_at"):
        wanted[name] = _kept(wanted[name], getattr(exam, name))
    changed = {name: value for name, value in wanted.items() if value != getattr(exam, name)}
    return ExamChange.model_validate(changed)


def _shown_moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _kept(typed: datetime | None, stored: datetime | None) -> datetime | None:
    """Return the stored moment where the form shows the same minute: it shows no seconds."""
    is_same = typed and stored and typed == stored.replace(second=0, microsecond=0)
    return stored if is_same else typed


def _number(text: str, field: str, errors: list[dict[str, str]]) -> float:
    try:
        return typed_number(text)
    except ValueError:
        errors.append({"field": field, "message": "must be a number"})
        return 1.0


def _moment(text: str, field: str, errors: list[dict[str, str]]) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        errors.append({"field": field, "message": "must be a date with a time"})
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _field_error(problem: Any) -> dict[str, str]:
    field = str(problem["loc"][0])
    shown = "duration_minutes" if field == "duration_seconds" else field
    return {"field": shown, "message": _MESSAGES.get(shown, "cannot be used")}
