"""Questions as admins write and read them; the same shape in both directions."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.field_types import PlainText
from models.statuses import QuestionKind

QUESTIONS_MAX = 300
CHOICES_MAX = 30
TEXT_MAX = 10_000
CHOICE_TEXT_MAX = 2000
POINTS_MAX = 1000
ACCEPTED_MAX = 50
ACCEPTED_TEXT_MAX = 500

DOES_NOT_FIT = "does_not_fit_kind"
"""Type of the error when a question's parts contradict its kind; `field` of its context names the
part to change."""

CHOICE_KINDS = frozenset({QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE})
"""Kinds that are answered by choosing."""

_Id = Annotated[str, Field(pattern=r"^[a-z]{3}_[0-9a-z]{26}$")]


class Choice(BaseModel):
    """One thing that can be chosen."""

    model_config = ConfigDict(extra="forbid")

    id: _Id | None = None
    """Left out for a new one."""
    text: Annotated[PlainText, Field(min_length=1, max_length=CHOICE_TEXT_MAX)]
    is_correct: bool = False


class QuestionText(BaseModel):
    """One question with what is right; students never get it."""

    model_config = ConfigDict(extra="forbid")

    id: _Id | None = None
    """Left out for a new one."""
    kind: QuestionKind
    text: Annotated[PlainText, Field(min_length=1, max_length=TEXT_MAX)]
    points: Annotated[float, Field(ge=0, le=POINTS_MAX, allow_inf_nan=False)] = 1.0
    choices: Annotated[list[Choice], Field(max_length=CHOICES_MAX)] = []
    accepted_answers: Annotated[
        list[Annotated[PlainText, Field(min_length=1, max_length=ACCEPTED_TEXT_MAX)]],
        Field(max_length=ACCEPTED_MAX),
    ] = []
    """Of a short text. Without any, a person scores it."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        right_count = sum(choice.is_correct for choice in self.choices)
        if self.kind in CHOICE_KINDS and len(self.choices) < 2:
            raise _misfit("choices", "a choice question needs at least two choices")
        if self.kind not in CHOICE_KINDS and self.choices:
            raise _misfit("choices", "only choice questions have choices")
        if self.kind is QuestionKind.SINGLE_CHOICE and right_count != 1:
            raise _misfit("correct", "exactly one choice of a single choice question must be right")
        if self.kind is QuestionKind.MULTIPLE_CHOICE and right_count == 0:
            raise _misfit("correct", "at least one choice must be right")
        if self.accepted_answers and self.kind is not QuestionKind.SHORT_TEXT:
            raise _misfit("accepted_answers", "only short texts have accepted answers")
        return self


class QuestionList(BaseModel):
    """All questions of an exam in their order."""

    model_config = ConfigDict(extra="forbid")

    questions: Annotated[list[QuestionText], Field(max_length=QUESTIONS_MAX)]


class QuestionsAnswer(BaseModel):
    """All questions of an exam in their order."""

    items: list[QuestionText]


def _misfit(field: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(DOES_NOT_FIT, message, {"field": field})
