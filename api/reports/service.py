"""Making a report of an attempt: read, draw without a transaction, put on record, hand out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from api import audit
from api.context import Context
from api.principal import Person, Principal
from api.reports.blocks import Report
from api.reports.content import report_of
from api.reports.html import html_of
from api.reports.key_frames import ranges_of
from api.reports.pictures import Album
from api.reports.reading import read_attempt

REPORT_MADE: Final = "report.made"
"""The audit entry; it names the pictures that were in the report."""


@dataclass(frozen=True)
class ReportFile:
    """A report ready to be handed out."""

    content: bytes
    media_type: str
    name: str
    headers: dict[str, str]


def html_report(
    context: Context, principal: Principal, attempt_id: str, request_id: str
) -> ReportFile:
    """Return the report of an attempt as one HTML file, once it is on record who has it.

    Raises
    ------
    NotFound
        There is no such attempt, or it is none of the principal's business.
    """

    def write(report: Report) -> ReportFile:
        file = html_of(report)
        return ReportFile(
            content=file.text.encode(),
            media_type="text/html; charset=utf-8",
            name=f"{attempt_id}.html",
            headers={"Content-Security-Policy": file.content_security_policy},
        )

    return _made(context, principal, attempt_id, request_id, "html", write)


def pdf_report(
    context: Context, principal: Principal, attempt_id: str, request_id: str
) -> ReportFile:
    """Return the report of an attempt as PDF, once it is on record who has it.

    Raises
    ------
    NotFound
        There is no such attempt, or it is none of the principal's business.
    """
    # Loaded with the first PDF: the library takes half a second, which few processes need.
    from api.reports.pdf import pdf_of

    def write(report: Report) -> ReportFile:
        content = pdf_of(report)
        return ReportFile(content, "application/pdf", f"{attempt_id}.pdf", {})

    return _made(context, principal, attempt_id, request_id, "pdf", write)


def maker_of(principal: Principal) -> str:
    """Return who has a report made, as it says itself."""
    return principal.display_name if isinstance(principal, Person) else principal.name


def pictures_detail(album: Album) -> dict[str, Any]:
    """Return which pictures were shown, as an audit entry says it."""
    detail: dict[str, Any] = {
        "frames": ranges_of(album.shown_seqs),
        "reference_images": album.shown_reference_ids,
    }
    return detail | ({"troubles": album.troubles} if album.troubles else {})


def _made(
    context: Context,
    principal: Principal,
    attempt_id: str,
    request_id: str,
    form: str,
    write: Callable[[Report], ReportFile],
) -> ReportFile:
    with context.database.read() as session:
        record = read_attempt(session, context, principal, attempt_id)
    album = Album(context.images, record)
    file = write(report_of(record, album, made_at=context.clock(), made_by=maker_of(principal)))
    detail = {"form": form, **pictures_detail(album)}
    with context.database.write() as session:
        audit.record(session, context, principal, REPORT_MADE, attempt_id, request_id, detail)
    return file
