"""Handing out an exam's results, as CSV for spreadsheets and JSON for programs."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from api import audit
from api.authorization import Action, authorize, load
from api.context import Context
from api.field_types import moment_text
from api.principal import Person, Principal
from api.problems import NotAllowed
from api.reports.results import COLUMNS, result_rows
from api.spreadsheet import BYTE_ORDER_MARK, guarded
from models.attempt import Attempt
from models.exam import Exam

RESULTS_EXPORTED: Final = "results.exported"
"""The audit entry. No picture is in results."""


@dataclass(frozen=True)
class ResultsFile:
    """Results, to be sent part by part."""

    parts: Iterator[str]
    media_type: str
    name: str


def results(
    context: Context,
    principal: Principal,
    exam_id: str,
    request_id: str,
    *,
    form: Literal["json", "csv"],
) -> ResultsFile:
    """Return an exam's results, once it is on record who has them.

    Raises
    ------
    NotFound
        There is no such exam, or it is none of the principal's business.
    NotAllowed
        Only those who review may have everybody's results.
    """
    with context.database.write() as session:
        if not isinstance(principal, Person):
            raise NotAllowed("Results of an exam are for people of the house.")
        exam = load(session, principal, Action.READ, Exam, exam_id)
        authorize(principal, Action.SEE_FIGURES, exam)
        authorize(principal, Action.LIST, Attempt)
        detail = {"form": form}
        audit.record(session, context, principal, RESULTS_EXPORTED, exam.id, request_id, detail)
    rows = result_rows(context, exam.id)
    if form == "csv":
        return ResultsFile(csv_parts(rows), "text/csv; charset=utf-8", f"results-{exam.id}.csv")
    made_at = moment_text(context.clock())
    return ResultsFile(
        json_parts(rows, exam, made_at), "application/json", f"results-{exam.id}.json"
    )


def csv_parts(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the rows as CSV (RFC 4180) line by line; no cell is run as a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(cells: Iterable[Any]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([guarded(cell) for cell in cells])
        return buffer.getvalue()

    yield BYTE_ORDER_MARK + line(COLUMNS)
    for row in rows:
        yield line(row[name] for name in COLUMNS)


def json_parts(rows: Iterable[dict[str, Any]], exam: Exam, made_at: str) -> Iterator[str]:
    """Yield one JSON object with the meaning of the columns and a row on each line."""
    dump: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
    about = {"exam": {"id": exam.id, "title": exam.title}, "made_at": made_at}
    yield f'{dump(about)[:-1]}, "columns": {dump(dict(COLUMNS))}, "items": [\n'
    separator = ""
    for row in rows:
        yield f"{separator}{dump(row)}"
        separator = ",\n"
    yield "\n]}\n"
