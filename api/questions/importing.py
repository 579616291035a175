"""Lists of questions that come from a file: read whole, compared, and then saved or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.problems import InvalidRequest
from api.questions.schemas import QUESTIONS_MAX, Choice, QuestionText

LIST_MAX_BYTES = 4 * 1024 * 1024
"""Of a list sent to the API: 300 questions of full length in a script of three bytes a letter."""

ERRORS_SHOWN = 20
"""Of a list that cannot be used; whoever mends these sends it again."""


@dataclass(frozen=True)
class ListError:
    """One thing in a list that cannot be used, and where."""

    line: int | None
    """From 1; None where it belongs to no line."""
    place: str
    """The column or the part of a question; empty where it is the whole line."""
    message: str

    @property
    def where(self) -> str:
        """Line and place: `line 3, points`."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (line, self.place) if part)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ListUnusable(InvalidRequest):
    """A list of questions that cannot be used; nothing of it was taken."""

    code = "questions_unusable"
    title = "The list of questions cannot be used"

    def __init__(self, errors: Sequence[ListError]) -> None:
        shown = list(errors[:ERRORS_SHOWN])
        more = len(errors) - len(shown)
        said = "; ".join(map(str, shown[:3]))
        super().__init__(
            f"The list cannot be used. {said}{'; …' if len(errors) > 3 else ''}.",
            next_step="Mend it and send it again: nothing was changed.",
            errors=[{"field": one.where, "message": one.message} for one in shown],
        )
        self.list_errors = shown
        self.more = more


class Mode(StrEnum):
    """What becomes of the questions that are there."""

    REPLACE = "replace"
    """The list takes their place; those it names by their id are changed."""
    APPEND = "append"
    """They stay, and the list is put behind them."""


@dataclass(frozen=True)
class Plan:
    """What taking a list would do."""

    questions: list[QuestionText]
    """All of the exam's questions afterwards."""
    news: list[str]
    """Of each of them: `new`, `changed` or `same`."""
    removed: list[QuestionText]

    def count(self, news: str) -> int:
        """Return of how many questions this is the news."""
        return self.news.count(news)


def text_of(content: bytes) -> str:
    """Return the text of an uploaded file, with or without a byte order mark.

    Raises
    ------
    ListUnusable
        It is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "is not UTF-8; save it as “CSV UTF-8” or in the encoding UTF-8"
        raise ListUnusable([ListError(line, f"byte {error.start + 1}", message)]) from None


def plan_of(known: Sequence[QuestionText], wanted: Sequence[QuestionText], mode: Mode) -> Plan:
    """Return what taking `wanted` would do to the questions of an exam.

    A question keeps the id it names if the exam has it, and is new otherwise. Its choices keep
    the ids they name; else those of the same text do, and the others in their order.

    Raises
    ------
    ListUnusable
        It would be more questions than an exam can have.
    """
    before = {question.id: question for question in known}
    if mode is Mode.APPEND:
        kept, added = list(known), [_as_new(question) for question in wanted]
    else:
        kept, added = [], [_adopted(question, before.get(question.id)) for question in wanted]
    questions = [*kept, *added]
    if len(questions) > QUESTIONS_MAX:
        message = f"these would be {len(questions)} questions, an exam has at most {QUESTIONS_MAX}"
        raise ListUnusable([ListError(None, "the list", message)])
    ids = {question.id for question in questions}
    return Plan(
        questions=questions,
        news=[_news(question, before.get(question.id)) for question in questions],
        removed=[question for question in known if question.id not in ids],
    )


def _news(question: QuestionText, before: QuestionText | None) -> str:
    if before is None:
        return "new"
    return "same" if question == before else "changed"


def _as_new(question: QuestionText) -> QuestionText:
    choices = [choice.model_copy(update={"id": None}) for choice in question.choices]
    return question.model_copy(update={"id": None, "choices": choices})


def _adopted(question: QuestionText, before: QuestionText | None) -> QuestionText:
    if before is None or question.id is None:
        return _as_new(question)
    free = {choice.id: choice.text for choice in before.choices}
    ids: list[str | None] = [free.pop(choice.id, None) and choice.id for choice in question.choices]
    for index, choice in enumerate(question.choices):
        if ids[index] is None:
            ids[index] = _id_of_text(free, choice)
    for index, found in enumerate(ids):
        if found is None and free:
            ids[index] = next(iter(free))
            del free[ids[index]]
    pairs = zip(question.choices, ids, strict=True)
    choices = [choice.model_copy(update={"id": choice_id}) for choice, choice_id in pairs]
    return question.model_copy(update={"choices": choices})


def _id_of_text(free: dict[str | None, str], choice: Choice) -> str | None:
    for choice_id, text in free.items():
        if text == choice.text:
            del free[choice_id]
            return choice_id
    return None
