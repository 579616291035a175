"""Lists of students as CSV, read with every mistake named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from api.problems import InvalidRequest
from api.spreadsheet import NotATable, read_rows
from api.users.login import checked_login, login_key
from api.users.service import NewUser, checked_name

STUDENTS_MAX = 1000
"""Of one list: its form stays below what is read before the caller is known (256 KiB)."""

EXTRA_TIME_MAX_PERCENT = 400
"""As an allowance can give."""

NAME_MAX_CHARACTERS = 200
"""As the table keeps them."""

SPELLING_RULE = "capitals and other ways to type the same letter make no other login"
"""How logins are compared, said to people."""

_NEEDED = ("name", "login")
_MORE_TIME = "extra_time_percent"
_COLUMNS = (*_NEEDED, _MORE_TIME)

_UNREADABLE = "\ufffd"
"""What stands where something was no character of the file's encoding."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and where."""

    line: int
    """As an editor counts; the header is 1."""
    column: str
    message: str


@dataclass(frozen=True)
class ListedStudent:
    """One line of a list, checked."""

    line: int
    new: NewUser
    extra_time_percent: int

    @property
    def key(self) -> str:
        """The one spelling of the login that is compared."""
        return login_key(self.new.login)


@dataclass(frozen=True)
class StudentList:
    """What a text holds; students are only to be used when there are no mistakes."""

    students: Sequence[ListedStudent]
    mistakes: Sequence[Mistake]
    columns_left_out: Sequence[str] = ()
    """As they are written; a list from elsewhere holds more than is read here."""


def read_student_list(text: str) -> StudentList:
    """Return the students of a CSV text with the columns `name,login` and what is wrong with it.

    Other columns are left out. A byte order mark, commas or semicolons, quotes and empty lines are
    as they may be.
    """
    students: list[ListedStudent] = []
    mistakes: list[Mistake] = []
    columns: list[str] | None = None
    left_out: list[str] = []
    try:
        for line, cells in read_rows(text.replace("\0", _UNREADABLE), _COLUMNS):
            if columns is not None:
                _read_line(columns, cells, line, students, mistakes)
                continue
            columns = [cell.strip().casefold() for cell in cells]
            left_out = [cell.strip() for cell in cells if cell.strip().casefold() not in _COLUMNS]
            if wrong := _wrong_columns(columns, line):
                return StudentList([], wrong)
    except NotATable as error:
        mistakes.append(Mistake(error.line, "", error.message))
    mistakes += _wrong_amount(columns, students, mistakes)
    return StudentList(students, [*mistakes, *_repeated(students)], left_out)


def _wrong_amount(
    columns: Sequence[str] | None,
    students: Sequence[ListedStudent],
    mistakes: Sequence[Mistake],
) -> list[Mistake]:
    if len(students) > STUDENTS_MAX:
        surplus = students[STUDENTS_MAX].line
        return [Mistake(surplus, "", f"is one too many: at most {STUDENTS_MAX} students at once")]
    if students or mistakes:
        return []
    if columns is None:
        return [Mistake(1, "", "the list is empty; its first line is: name,login")]
    return [Mistake(1, "", "no student follows the first line")]


def _wrong_columns(columns: Sequence[str], line: int) -> list[Mistake]:
    wrong = [
        Mistake(line, name, "is missing in the first line, which names the columns")
        for name in _NEEDED
        if name not in columns
    ]
    wrong += [
        Mistake(line, name, "stands twice in the first line")
        for name in _COLUMNS
        if columns.count(name) > 1
    ]
    if _MORE_TIME not in columns:
        # Left out silently, it would take somebody's time away.
        wrong += [
            Mistake(line, name, f"is written {_MORE_TIME}; if it is something else, rename it")
            for name in columns
            if _means_more_time(name)
        ]
    return wrong


def _means_more_time(column: str) -> bool:
    letters = "".join(letter for letter in column if letter.isalpha())
    said = any(f"{word}time" in letters for word in ("extra", "additional", "more", "added"))
    return said or bool(get_close_matches(_MORE_TIME, [column], cutoff=0.85))


def _read_line(
    columns: Sequence[str],
    cells: Sequence[str],
    line: int,
    students: list[ListedStudent],
    mistakes: list[Mistake],
) -> None:
    if len(cells) != len(columns):
        message = f"has {len(cells)} cells instead of {len(columns)}"
        mistakes.append(Mistake(line, "", message))
        return
    values = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    name = _checked(values["name"], "name", _name, line, mistakes)
    login = _checked(values["login"], "login", checked_login, line, mistakes)
    percent = _percent(values.get(_MORE_TIME, ""))
    if percent is None:
        message = f"must be a whole number from 0 to {EXTRA_TIME_MAX_PERCENT}"
        mistakes.append(Mistake(line, _MORE_TIME, message))
    elif name is not None and login is not None:
        students.append(ListedStudent(line, NewUser(login, name, ""), percent))


def _checked(
    text: str, column: str, check: Callable[[str], str], line: int, mistakes: list[Mistake]
) -> str | None:
    """Return the cell as it is stored, or None once its mistake is named."""
    if _UNREADABLE in text:
        message = "holds a sign that cannot be read; save the file as UTF-8"
    else:
        try:
            return check(text)
        except InvalidRequest as problem:
            message = problem.errors[0]["message"]
    mistakes.append(Mistake(line, column, message))
    return None


def _name(text: str) -> str:
    if not 1 <= len(text) <= NAME_MAX_CHARACTERS:
        raise InvalidRequest.at("name", f"must have 1 to {NAME_MAX_CHARACTERS} characters")
    return checked_name(text)


def _percent(text: str) -> int | None:
    """Return the number, 0 for an empty cell, None for anything else."""
    digits = text.removesuffix("%").strip()
    if not digits:
        return 0 if not text else None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        return None
    return int(digits) if int(digits) <= EXTRA_TIME_MAX_PERCENT else None


def _repeated(students: Sequence[ListedStudent]) -> list[Mistake]:
    first_lines: dict[str, int] = {}
    mistakes = []
    for student in students:
        first = first_lines.setdefault(student.key, student.line)
        if first != student.line:
            message = f"is the login of line {first}: {SPELLING_RULE}"
            mistakes.append(Mistake(student.line, "login", message))
    return mistakes
