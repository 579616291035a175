"""What is wrong with a question somebody wrote, in words and at its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.questions.schemas import (
    ACCEPTED_MAX,
    ACCEPTED_TEXT_MAX,
    CHOICE_TEXT_MAX,
    CHOICES_MAX,
    DOES_NOT_FIT,
    POINTS_MAX,
    TEXT_MAX,
)
from models.statuses import QuestionKind

_NO_CONTROL = "and no control characters"

_MESSAGES = {
    "id": "is not the id of a question; leave it empty for a new one",
    "kind": f"must be one of {', '.join(QuestionKind)}",
    "text": f"must have 1 to {TEXT_MAX} characters {_NO_CONTROL}",
    "points": f"must be a number from 0 to {POINTS_MAX}",
    "choices": f"must be a list of at most {CHOICES_MAX}",
    "accepted_answers": f"must be a list of at most {ACCEPTED_MAX}",
}

_EACH = {
    "choices": f"must have 1 to {CHOICE_TEXT_MAX} characters {_NO_CONTROL}",
    "accepted_answers": f"must have 1 to {ACCEPTED_TEXT_MAX} characters {_NO_CONTROL}",
}
"""About one choice, or one accepted answer."""


@dataclass(frozen=True)
class Mistake:
    """One thing that cannot be used."""

    field: str
    """A part of a question; `correct` for which choices are right."""
    message: str
    """Goes on after the field's name: `must be …`."""
    index: int | None = None
    """Which choice or accepted answer, from 0."""

    @property
    def place(self) -> str:
        """The field, with the number people count by: `choices 2`."""
        return self.field if self.index is None else f"{self.field} {self.index + 1}"


def mistakes_of(error: ValidationError) -> list[Mistake]:
    """Return what is wrong with one question, in the order of its parts."""
    return [mistake_at(one["loc"], one) for one in error.errors()]


def mistake_at(loc: Sequence[int | str], error: Any) -> Mistake:
    """Return one error of a question's model; `loc` starts at the question."""
    if error["type"] == DOES_NOT_FIT:
        return Mistake(error["ctx"]["field"], f"cannot be used: {error['msg']}")
    field = str(loc[0]) if loc else "question"
    if error["type"] == "extra_forbidden":
        return Mistake(".".join(map(str, loc)), "is no part of a question")
    index = next((part for part in loc[1:] if isinstance(part, int)), None)
    if index is None:
        return Mistake(field, _MESSAGES.get(field, "must be an object"))
    if loc[-1] in {"id", "is_correct"}:
        return Mistake(field, f"has a value of {loc[-1]} that cannot be used", index)
    return Mistake(field, _EACH[field], index)
