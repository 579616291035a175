"""Tables of people: reading what a spreadsheet wrote, and writing what it opens safely."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Before the text: by it spreadsheets know UTF-8."""

SEPARATORS = (",", ";", "\t")
"""Spreadsheets write the first or the second by their language; the tab stands between cells
that are copied out of one."""

_FORMULA = "[' ]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""How a text begins that a spreadsheet would run, in either width: OWASP, "CSV Injection"."""

_NEEDS_QUOTE = re.compile(_FORMULA)
_HAS_QUOTE = re.compile(f"'{_FORMULA}")


class NotATable(Exception):
    """From this line on the text cannot be read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def guarded(cell: Any) -> Any:
    """Return a cell as a spreadsheet shows it: a text that looks like a formula stays a text."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str) and _NEEDS_QUOTE.match(cell):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """Return the text that was `guarded`."""
    return cell[1:] if _HAS_QUOTE.match(cell) else cell


def csv_text(
    rows: Iterable[Iterable[Any]], *, separator: str = ",", are_all_quoted: bool = False
) -> str:
    """Return rows as CSV (RFC 4180) of which a spreadsheet runs nothing."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=separator,
        quoting=csv.QUOTE_ALL if are_all_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def read_rows(text: str, known_columns: Collection[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds something, with the line it begins in; the header is the first.

    A byte order mark, any line ends and any of the `SEPARATORS` are as they may be.

    Raises
    ------
    NotATable
    """
    text = text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
    separator = _separator(text, known_columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise NotATable(line, _said(error)) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1


def column_name(cell: str) -> str:
    """Return the column a cell of the header names, in whatever case, with blanks or without."""
    return cell.strip().strip('"').strip().lower().replace(" ", "_")


def _separator(text: str, known_columns: Collection[str]) -> str:
    """Return the separator that makes the most known columns of the header."""
    header = next((line for line in text.split("\n") if line.strip()), "")

    def known(separator: str) -> int:
        return len({column_name(cell) for cell in header.split(separator)} & {*known_columns})

    return max(SEPARATORS, key=known)


def _said(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quotation mark is opened and never closed"
    return f"cannot be read as a table: {error}"
