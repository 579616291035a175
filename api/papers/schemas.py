"""The paper as a student sees it: no right answer is in any of these shapes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.events.client_clock import ClientMoment
from api.field_types import Moment, PlainText, WrittenText
from models.statuses import QuestionKind

SHORT_TEXT_MAX = 500
LONG_TEXT_MAX = 20_000

REVISIONS_MAX = 1_000_000
"""Of one answer: a save every second for eleven days."""


class AnswerValue(BaseModel):
    """What was chosen or written; an empty one clears the answer."""

    model_config = ConfigDict(extra="forbid")

    choice_ids: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=30)] = []
    text: Annotated[WrittenText, Field(max_length=LONG_TEXT_MAX)] = ""


class SavedAnswer(BaseModel):
    """An answer as it is stored."""

    question_id: str
    revision: int
    value: dict[str, Any]
    """`{choice_ids}`, `{text}`, or `{}` after it was cleared."""
    received_at: Moment
    server_now: Moment


class NewAnswer(BaseModel):
    """An answer to be stored."""

    model_config = ConfigDict(extra="forbid")

    value: AnswerValue
    revision: Annotated[int, Field(ge=1, le=REVISIONS_MAX)]
    """One more than the revision it changes: 1 for the first."""
    client_at: ClientMoment | None = None
    """The client's clock: testimony."""


class PaperChoice(BaseModel):
    """One thing that can be chosen."""

    id: str
    text: str


class PaperAnswer(BaseModel):
    """The stored answer beside its question."""

    revision: int
    value: dict[str, Any]
    received_at: Moment


class PaperQuestion(BaseModel):
    """A question as the student sees it."""

    id: str
    number: int
    kind: QuestionKind
    text: str
    points: float
    choices: list[PaperChoice]
    answer: PaperAnswer | None


class Paper(BaseModel):
    """All questions of a running attempt in its own order."""

    attempt_id: str
    questions: list[PaperQuestion]
    deadline_at: Moment | None
    server_now: Moment


class ScoredAnswer(BaseModel):
    """An answer as those who score see it, with what is right."""

    question_id: str
    number: int
    kind: QuestionKind
    text: str
    choices: list[PaperChoice]
    correct: list[str] | None
    """None for systems: right answers are for those who may read the exam's questions."""
    points: float
    value: dict[str, Any]
    revision: int
    received_at: Moment | None
    awarded_points: float | None
    scored_by: str | None
    comment: str | None


class ScoredAnswers(BaseModel):
    """Every question of an attempt with its answer."""

    items: list[ScoredAnswer]


class NewScore(BaseModel):
    """What a person awards."""

    model_config = ConfigDict(extra="forbid")

    awarded_points: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
    comment: Annotated[PlainText, Field(max_length=5000)] = ""
