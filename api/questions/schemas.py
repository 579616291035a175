"""Questions as admins write and read them; the same shape in both directions."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.field_types import PlainText
from models.statuses import QuestionKind

QUESTIONS_MAX = 300
CHOICES_MAX = 30

CHOICE_KINDS = frozenset({QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE})
"""Kinds that are answered by choosing."""

_Id = Annotated[str, Field(pattern=r"^[a-z]{3}_[0-9a-z]{26}$")]


class Choice(BaseModel):
    """One thing that can be chosen."""

    model_config = ConfigDict(extra="forbid")

    id: _Id | None = None
    """Left out for a new one."""
    text: Annotated[PlainText, Field(min_length=1, max_length=2000)]
    is_correct: bool = False


class QuestionText(BaseModel):
    """One question with what is right; students never get it."""

    model_config = ConfigDict(extra="forbid")

    id: _Id | None = None
    """Left out for a new one."""
    kind: QuestionKind
    text: Annotated[PlainText, Field(min_length=1, max_length=10_000)]
    points: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 1.0
    choices: Annotated[list[Choice], Field(max_length=CHOICES_MAX)] = []
    accepted_answers: Annotated[
        list[Annotated[PlainText, Field(min_length=1, max_length=500)]], Field(max_length=50)
    ] = []
    """Of a short text. Without any, a person scores it."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        right_count = sum(choice.is_correct for choice in self.choices)
        message = None
        if self.kind in CHOICE_KINDS and len(self.choices) < 2:
            message = "a choice question needs at least two choices"
        elif self.kind not in CHOICE_KINDS and self.choices:
            message = "only choice questions have choices"
        elif self.kind is QuestionKind.SINGLE_CHOICE and right_count != 1:
            message = "exactly one choice of a single choice question must be right"
        elif self.kind is QuestionKind.MULTIPLE_CHOICE and right_count == 0:
            message = "at least one choice must be right"
        elif self.accepted_answers and self.kind is not QuestionKind.SHORT_TEXT:
            message = "only short texts have accepted answers"
        if message:
            raise ValueError(message)
        return self


class QuestionList(BaseModel):
    """All questions of an exam in their order."""

    model_config = ConfigDict(extra="forbid")

    questions: Annotated[list[QuestionText], Field(max_length=QUESTIONS_MAX)]


class QuestionsAnswer(BaseModel):
    """All questions of an exam in their order."""

    items: list[QuestionText]
