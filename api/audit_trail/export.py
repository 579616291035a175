"""The audit chain as a file, a stretch at a time: however long it is, little memory is held."""

import json
from collections.abc import Iterator
from enum import StrEnum

from api.audit_trail.schemas import AuditEntryAnswer, AuditFilter
from api.audit_trail.service import entry_answers, list_entries
from api.context import Context
from api.principal import Principal
from api.spreadsheet import csv_text

STRETCH = 500
"""Entries read at once, in a transaction of their own."""


class ExportFormat(StrEnum):
    """What the file is."""

    CSV = "csv"
    JSON = "json"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON: "application/json",
}


def exported(
    context: Context,
    principal: Principal,
    wanted: AuditFilter,
    file_format: ExportFormat,
    *,
    before: int,
) -> Iterator[str]:
    """Yield the file with the entries below number `before`, newest first."""
    lines = _csv_lines if file_format is ExportFormat.CSV else _json_lines
    return lines(_stretches(context, principal, wanted, before))


def _stretches(
    context: Context, principal: Principal, wanted: AuditFilter, before: int
) -> Iterator[list[AuditEntryAnswer]]:
    cursor: int | None = before
    while cursor is not None:
        with context.database.read() as session:
            entries, cursor = list_entries(session, principal, wanted, before=cursor, limit=STRETCH)
            answers = entry_answers(session, entries)
        yield answers


def _csv_lines(stretches: Iterator[list[AuditEntryAnswer]]) -> Iterator[str]:
    names = list(AuditEntryAnswer.model_fields)
    yield csv_text([names])
    for answers in stretches:
        yield csv_text([[_cell(value) for value in _values(one)] for one in answers])


def _json_lines(stretches: Iterator[list[AuditEntryAnswer]]) -> Iterator[str]:
    before = "["
    for answers in stretches:
        for one in answers:
            yield f"{before}\n{one.model_dump_json()}"
            before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _values(answer: AuditEntryAnswer) -> list[object]:
    return list(answer.model_dump(mode="json").values())


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value
