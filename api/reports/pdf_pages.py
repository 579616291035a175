"""What stands on every page: the running title, who made the report, and `Page 2 of 7`."""

from collections.abc import Callable
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from api.reports.blocks import Report
from api.reports.pdf_text import markup, style

MARGIN = 16 * mm

_LONGEST = 90
"""Characters of a running line; a longer name is cut there, and whole on the first page."""


def numbered_pages(report: Report) -> Callable[..., Canvas]:
    """Return a canvas that knows how many pages there are before it writes the first."""

    class NumberedPages(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  # The library's name.
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                _write_edges(self, report, number, len(self._pages))
                super().showPage()
            super().save()

    return NumberedPages


def _write_edges(canvas: Canvas, report: Report, number: int, count: int) -> None:
    width, height = A4
    canvas.setStrokeColor(HexColor("#dde2e6"))
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 13.5 * mm, width - MARGIN, 13.5 * mm)
    _line(canvas, report.made, 8.5 * mm)
    _line(canvas, f"Page {number} of {count}", 8.5 * mm, is_right=True)
    if number > 1:
        canvas.line(MARGIN, height - 13.5 * mm, width - MARGIN, height - 13.5 * mm)
        _line(canvas, report.running_title, height - 12 * mm)
        _line(canvas, "Attempt report", height - 12 * mm, is_right=True)


def _line(canvas: Canvas, text: str, y: float, *, is_right: bool = False) -> None:
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    words = Paragraph(markup(shown), style(7.5, colour="#5a656e", is_right=is_right))
    words.wrapOn(canvas, A4[0] - 2 * MARGIN, 20)
    words.drawOn(canvas, MARGIN, y)
