"""The form in which something is granted to a student: text in, a checked request out."""

from pydantic import BaseModel

from api.allowances.schemas import NewAllowance
from api.pages.form_values import typed_lines, typed_number, validated
from api.problems import InvalidRequest
from models.statuses import FaceCheck

EXTRA_MINUTES_MAX = 1440
"""As an allowance can give."""

_MESSAGES = {
    "extra_time_percent": "must be a whole number from 0 to 400",
    "frame_interval_factor": "must be a number from 1 to 20",
    "note": "must have at most 2000 characters and no control characters",
}
"""What the fields take."""


class AllowanceForm(BaseModel):
    """What the form holds, as text."""

    exam_id: str = ""
    extra_time_percent: str = "0"
    extra_time_minutes: str = "0"
    frame_interval_factor: str = "1"
    face_check: str = FaceCheck.MATCH.value
    second_person_allowed: str = ""
    note: str = ""


def new_allowance(subject_id: str, form: AllowanceForm) -> NewAllowance:
    """Return what the form asks for.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    """
    try:
        extra_minutes = typed_number(form.extra_time_minutes or "0")
    except ValueError:
        raise InvalidRequest.at("extra_time_minutes", "must be a number") from None
    if not 0 <= extra_minutes <= EXTRA_MINUTES_MAX:
        message = f"must be between 0 and {EXTRA_MINUTES_MAX}"
        raise InvalidRequest.at("extra_time_minutes", message)
    values = form.model_dump(exclude={"extra_time_minutes", "exam_id", "note"})
    return validated(
        NewAllowance,
        values
        | {
            "subject_id": subject_id,
            "exam_id": form.exam_id or None,
            "extra_time_seconds": round(60 * extra_minutes),
            "second_person_allowed": form.second_person_allowed == "on",
            "note": typed_lines(form.note),
        },
        _MESSAGES,
    )
