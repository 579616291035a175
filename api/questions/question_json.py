"""Questions as JSON, with the line of what is wrong in it."""

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from api.questions.importing import ListError, ListUnusable
from api.questions.mistakes import mistake_at
from api.questions.schemas import QuestionList, QuestionText

_SYNTAX = re.compile(r"^(?P<said>.*) at line (?P<line>\d+) column (?P<column>\d+)$", re.DOTALL)

_START = re.compile(r'\s*(?:\{\s*"(?:questions|items)"\s*:\s*)?\[')
"""Up to the first question."""

_BETWEEN = re.compile(r"[\s,]*")


def write_json(questions: Sequence[QuestionText]) -> str:
    """Return `{"questions": […]}`, the body that `PUT …/questions` takes."""
    return QuestionList(questions=list(questions)).model_dump_json(indent=1)


def read_json(text: str) -> list[QuestionText]:
    """Return the questions of a list, alone or under `questions` or `items`.

    Raises
    ------
    ListUnusable
        It names line and column of what is no JSON, and the line and part of a question that
        cannot be used.
    """
    try:
        value: Any = from_json(text)
    except ValueError as error:
        raise ListUnusable([_syntax_error(str(error))]) from None
    if isinstance(value, dict) and len(value) == 1 and value.keys() <= {"questions", "items"}:
        (value,) = value.values()
    if not isinstance(value, list):
        message = 'must be a list of questions, or {"questions": […]}'
        raise ListUnusable([ListError(1, "the list", message)])
    try:
        found = QuestionList.model_validate({"questions": value}).questions
    except ValidationError as error:
        lines = _lines_of_questions(text)
        raise ListUnusable([_error(one, lines) for one in error.errors()]) from None
    return found


def _syntax_error(said: str) -> ListError:
    place = _SYNTAX.match(said)
    if place is None:
        return ListError(None, "the text", said)
    return ListError(int(place["line"]), f"column {place['column']}", place["said"])


def _error(error: Any, lines: Sequence[int]) -> ListError:
    _, *loc = error["loc"]
    if not loc:
        return ListError(None, "the list", "has more questions than an exam can have")
    number, *inner = loc
    mistake = mistake_at(inner, error)
    line = lines[number] if number < len(lines) else None
    return ListError(line, f"question {number + 1}, {mistake.place}", mistake.message)


def _lines_of_questions(text: str) -> list[int]:
    """Return in which line each element of the list begins, as far as that can be told."""
    start = _START.match(text)
    decoder = json.JSONDecoder()
    lines: list[int] = []
    at = start.end() if start else len(text)
    line, counted = 1, 0
    while True:
        blank = _BETWEEN.match(text, at)
        at = blank.end() if blank else at
        line, counted = line + text.count("\n", counted, at), at
        try:
            _, at = decoder.raw_decode(text, at)
        except ValueError:
            return lines
        lines.append(line)
