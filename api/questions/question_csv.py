"""Questions as a table: one line each, for spreadsheets.

Columns, in any order: `kind` and `text`; optional `id`, `points`, `choices`, `correct`,
`accepted_answers`. In `choices` and `accepted_answers` each line of the cell is one of them; a
line that begins with a tab goes on with the one above it. `correct` holds the numbers of the right
choices, counted from 1.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from api.questions.importing import ListError, ListUnusable
from api.questions.mistakes import mistakes_of
from api.questions.schemas import QUESTIONS_MAX, QuestionText
from api.spreadsheet import NotATable, column_name, csv_text, read_rows, unguarded

COLUMNS = ("id", "kind", "text", "points", "choices", "correct", "accepted_answers")
REQUIRED_COLUMNS = ("kind", "text")

_NO_COLUMN = f"is no column; there are {', '.join(COLUMNS)}"

_NUMBERS = re.compile(r"[0-9]+(?:[\s,;]+[0-9]+)*")


class Separator(StrEnum):
    """What stands between two cells; spreadsheets expect one or the other by their language."""

    COMMA = "comma"
    SEMICOLON = "semicolon"


_CHARACTERS = {Separator.COMMA: ",", Separator.SEMICOLON: ";"}


def write_csv(questions: Sequence[QuestionText], separator: Separator = Separator.COMMA) -> str:
    """Return the table of the questions; `read_csv` reads the same questions from it.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    rows = [COLUMNS, *map(_cells, questions)]
    return csv_text(rows, separator=_CHARACTERS[separator], are_all_quoted=True)


def read_csv(text: str) -> list[QuestionText]:
    """Return the questions of a table, separated by commas, semicolons or tabs.

    Raises
    ------
    ListUnusable
        It names the line and the column of everything that cannot be used.
    """
    errors: list[ListError] = []
    questions: list[QuestionText] = []
    lines_of_ids: dict[str, int] = {}
    for count, (line, cells) in enumerate(_rows(text), start=1):
        if count > QUESTIONS_MAX:
            message = f"is the {count}th question, an exam has at most {QUESTIONS_MAX}"
            errors.append(ListError(line, "", message))
            break
        question = _question(line, cells, errors)
        if question is None:
            continue
        questions.append(question)
        if question.id and lines_of_ids.setdefault(question.id, line) != line:
            message = f"stands in line {lines_of_ids[question.id]} already"
            errors.append(ListError(line, "id", message))
    if errors:
        raise ListUnusable(errors)
    return questions


def _cells(question: QuestionText) -> list[str]:
    right = [str(at) for at, choice in enumerate(question.choices, 1) if choice.is_correct]
    return [
        question.id or "",
        question.kind.value,
        question.text,
        repr(question.points).removesuffix(".0"),
        _listed([choice.text for choice in question.choices]),
        " ".join(right),
        _listed(question.accepted_answers),
    ]


def _listed(texts: Sequence[str]) -> str:
    # No text begins with a blank, so that a tab at the start of a line is unmistakable.
    return "\n".join(text.replace("\n", "\n\t") for text in texts)


def _unlisted(cell: str) -> list[str]:
    texts: list[str] = []
    for line in cell.split("\n"):
        if line.startswith("\t") and texts:
            texts[-1] += f"\n{line[1:]}"
        elif line.strip():
            texts.append(line)
    return texts


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each line that is not empty as cells by column, with the line it begins in."""
    columns: list[str] | None = None
    try:
        for line, row in read_rows(text, COLUMNS):
            if columns is None:
                columns = _columns(line, row)
            else:
                yield line, _by_column(line, columns, row)
    except NotATable as error:
        raise ListUnusable([ListError(error.line, "", error.message)]) from None
    if columns is None:
        message = f"has no header; it begins with {', '.join(COLUMNS)}"
        raise ListUnusable([ListError(1, "the table", message)])


def _columns(line: int, row: Sequence[str]) -> list[str]:
    columns = [column_name(cell) for cell in row]
    while columns and not columns[-1]:
        columns.pop()
    errors = [
        ListError(line, column[:40] or f"column {at}", _NO_COLUMN)
        for at, column in enumerate(columns, 1)
        if column not in COLUMNS
    ]
    errors += [
        ListError(line, column, "stands twice in the header")
        for column in COLUMNS
        if columns.count(column) > 1
    ]
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    errors += [ListError(line, column, "is missing in the header") for column in missing]
    if errors:
        raise ListUnusable(errors)
    return columns


def _by_column(line: int, columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in row[len(columns) :]):
        message = f"has {len(row)} cells, the header {len(columns)}; is a quotation mark missing?"
        raise ListUnusable([ListError(line, "", message)])
    return dict(zip(columns, map(unguarded, row), strict=False))


def _question(line: int, cells: dict[str, str], errors: list[ListError]) -> QuestionText | None:
    choices: list[dict[str, Any]] = [
        {"text": text, "is_correct": False} for text in _unlisted(cells.get("choices", ""))
    ]
    found = _mark_right(line, cells.get("correct", ""), choices)
    errors += found
    values = {
        "id": cells.get("id", "").strip() or None,
        "kind": cells["kind"].strip().lower().replace(" ", "_") if "kind" in cells else "",
        "text": cells.get("text", ""),
        "points": cells.get("points", "").strip().replace(",", ".") or 1.0,
        "choices": choices,
        "accepted_answers": _unlisted(cells.get("accepted_answers", "")),
    }
    try:
        return QuestionText.model_validate(values)
    except ValidationError as error:
        for mistake in mistakes_of(error):
            # Told already, with the number that cannot be used.
            if not (found and mistake.field == "correct"):
                errors.append(ListError(line, mistake.place, mistake.message))
        return None


def _mark_right(line: int, cell: str, choices: list[dict[str, Any]]) -> list[ListError]:
    cell = cell.strip()
    if not cell:
        return []
    if not _NUMBERS.fullmatch(cell):
        return [ListError(line, "correct", "must hold numbers of choices, such as 1 3")]
    for number in map(int, re.findall(r"[0-9]{1,9}", cell)):
        if not 1 <= number <= len(choices):
            message = f"names choice {number}, there are {len(choices)}"
            return [ListError(line, "correct", message)]
        choices[number - 1]["is_correct"] = True
    return []
