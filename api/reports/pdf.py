"""A report as PDF: pages of A4, their pictures never cut and never decoded."""

import io
from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, HRFlowable, PageTemplate, Spacer
from reportlab.platypus import Paragraph as PdfParagraph
from reportlab.platypus import Table as PdfTable

from api.reports import blocks
from api.reports.drawing import COLOURS
from api.reports.lettering import lettering_notice
from api.reports.pdf_drawing import ChartFlowable, PictureFlowable
from api.reports.pdf_pages import MARGIN, numbered_pages
from api.reports.pdf_text import BOLD, TONES, markup, shortened, style, use_fonts

LINE_WIDTH = A4[0] - 2 * MARGIN
COLUMNS = 3
"""Of pictures, and of facts."""

GAP = 4 * mm
_COLUMN_WIDTH = (LINE_WIDTH - GAP * (COLUMNS - 1)) / COLUMNS
_INK, _QUIET, _ACCENT, _RULE = "#232b31", "#5a656e", "#0f5c78", "#dde2e6"


def pdf_of(report: blocks.Report) -> bytes:
    """Return the report as PDF."""
    use_fonts()
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=report.running_title,
        author="Face Monitor",
        subject="Attempt report",
        creator="Face Monitor",
        lang="en",
        pageCompression=1,
    )
    area = Frame(MARGIN, 16 * mm, LINE_WIDTH, A4[1] - 33 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [area]))
    story = _title(report)
    for section in report.sections:
        heading = style(13, font=BOLD, before=14, after=5, keeps_with_next=True)
        story.append(PdfParagraph(markup(section.title, BOLD), heading))
        story += _parts(section.blocks)
    document.build(story, canvasmaker=numbered_pages(report))
    return buffer.getvalue()


def _title(report: blocks.Report) -> list[Flowable]:
    brand = style(8, font=BOLD, colour=_ACCENT, after=2)
    marks = " ".join(_mark(cell) for cell in report.marks)
    return [
        PdfParagraph("Face Monitor · Attempt report", brand),
        PdfParagraph(markup(report.title, BOLD), style(18, font=BOLD, after=2)),
        PdfParagraph(markup(report.subtitle), style(11, colour=_QUIET, after=4)),
        PdfParagraph(f"{marks} &nbsp; {markup(report.made)}", style(8, colour=_QUIET, after=6)),
        HRFlowable("100%", thickness=2, color=HexColor(_ACCENT), spaceAfter=6),
        *(flowables(blocks.Notice(text)) if (text := lettering_notice(report)) else []),
    ]


def _parts(blocks_: Sequence[blocks.Block]) -> list[Flowable]:
    """Return the parts of a section; what leads to the next stays on its page."""
    story: list[Flowable] = []
    for block, following in zip(blocks_, [*blocks_, None][1:], strict=True):
        parts = flowables(block)
        if parts and _leads_on(block, following):
            parts[-1].keepWithNext = 1
        story += parts
    return story


def _leads_on(block: blocks.Block, following: blocks.Block | None) -> bool:
    introduces = isinstance(block, blocks.Paragraph) and isinstance(following, blocks.Heading)
    return introduces or isinstance(following, blocks.Gallery)


@singledispatch
def flowables(block: blocks.Block) -> list[Flowable]:
    """Return a block of a report as the library's parts of a page."""
    message = f"nothing draws {block!r}"
    raise TypeError(message)


@flowables.register
def _facts(block: blocks.Facts) -> list[Flowable]:
    cells = [
        [
            PdfParagraph(markup(shortened(name)), style(7.5, colour=_QUIET)),
            PdfParagraph(_value(value, width=_COLUMN_WIDTH), style(8.5)),
        ]
        for name, value in block.rows
    ]
    return [_grid(cells, row_gap=5)]


@flowables.register
def _table(block: blocks.Table) -> list[Flowable]:
    if not block.rows:
        return []
    shares = block.widths or [1.0] * len(block.header)
    widths = [LINE_WIDTH * share / sum(shares) for share in shares]
    header = [
        PdfParagraph(
            markup(name, BOLD),
            style(7.5, font=BOLD, colour=_QUIET, is_right=place in block.numbers),
        )
        for place, name in enumerate(block.header)
    ]
    rows = [
        [
            PdfParagraph(_value(cell), style(8, is_right=place in block.numbers))
            for place, cell in enumerate(row)
        ]
        for row in block.rows
    ]
    looks = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(_RULE)),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-2, -1), 12),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return [PdfTable([header, *rows], widths, repeatRows=1, style=looks), Spacer(0, 6)]


@flowables.register
def _heading(block: blocks.Heading) -> list[Flowable]:
    marks = " ".join(_mark(cell) for cell in block.marks)
    look = style(10, font=BOLD, before=9, after=4, keeps_with_next=True)
    return [PdfParagraph(f"{markup(block.text, BOLD)} &nbsp; {marks}", look)]


@flowables.register
def _paragraph(block: blocks.Paragraph) -> list[Flowable]:
    look = style(7.5, colour=_QUIET, after=4) if block.is_quiet else style(9, after=4)
    return [PdfParagraph(markup(block.text, width=LINE_WIDTH), look)]


@flowables.register
def _notice(block: blocks.Notice) -> list[Flowable]:
    letters, behind = TONES[block.tone]
    text = markup(shortened(block.text), width=LINE_WIDTH - 20)
    words = PdfParagraph(text, style(9, colour=letters))
    looks = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(behind)),
        ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(letters)),
        ("LEFTPADDING", (0, 0), (-1, -1), 9),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    return [PdfTable([[words]], [LINE_WIDTH], style=looks), Spacer(0, 6)]


class _BarredParagraph(PdfParagraph):  # type: ignore[misc]
    """A paragraph with a bar at its left; it can go on over the next page."""

    def draw(self) -> None:
        self.canv.saveState()
        self.canv.setStrokeColor(HexColor(_RULE))
        self.canv.setLineWidth(2)
        self.canv.line(1, -self.style.spaceAfter, 1, self.height)
        self.canv.restoreState()
        super().draw()


@flowables.register
def _quote(block: blocks.Quote) -> list[Flowable]:
    marks = " ".join(_mark(cell) for cell in block.marks)
    inner = LINE_WIDTH - 9
    head = f"{markup(block.head, size=8, width=inner)} &nbsp; {marks}"
    parts: list[Flowable] = [
        _BarredParagraph(
            head, style(8, colour=_QUIET, indent=9, after=2, keeps_with_next=bool(block.lines))
        )
    ]
    for line in block.lines:
        words = markup(line, width=inner)
        parts.append(_BarredParagraph(words, style(9, indent=9, after=2)))
    return [*parts, Spacer(0, 6)]


@flowables.register
def _gallery(block: blocks.Gallery) -> list[Flowable]:
    cells = [
        [
            PictureFlowable(card.picture, _COLUMN_WIDTH),
            PdfParagraph(markup(shortened(card.title), BOLD), style(8, font=BOLD, before=3)),
            *(PdfParagraph(_value(line, width=_COLUMN_WIDTH), style(8)) for line in card.lines),
        ]
        for card in block.cards
    ]
    # Each row by itself: one must not be cut, all of them may be longer than a page.
    rows = range(0, len(cells), COLUMNS)
    return [_grid(cells[start : start + COLUMNS], row_gap=8) for start in rows]


@flowables.register
def _chart(block: blocks.Chart) -> list[Flowable]:
    keys = " &nbsp;&nbsp; ".join(
        f'<font color="{COLOURS[name]}">■</font> {markup(meaning)}'
        for name, meaning in block.legend
    )
    return [
        ChartFlowable(block.drawing, LINE_WIDTH),
        PdfParagraph(keys, style(7.5, colour=_QUIET, before=3, after=6)),
    ]


def _grid(cells: Sequence[list[Flowable]], *, row_gap: float) -> PdfTable:
    """Return the cells in columns, row by row; a page ends between rows only."""
    rows: list[list[Any]] = [
        list(cells[start : start + COLUMNS]) for start in range(0, len(cells), COLUMNS)
    ]
    rows[-1] += [""] * (COLUMNS - len(rows[-1]))
    looks = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), row_gap),
    ]
    widths = [_COLUMN_WIDTH + GAP] * (COLUMNS - 1) + [_COLUMN_WIDTH]
    return PdfTable(rows, widths, style=looks, spaceAfter=4)


def _value(cell: str | blocks.Cell, *, width: float | None = None) -> str:
    if isinstance(cell, str):
        return markup(shortened(cell), width=width)
    return markup(shortened(cell.text), width=width) if cell.tone == "plain" else _mark(cell)


def _mark(cell: blocks.Cell) -> str:
    letters, behind = TONES[cell.tone]
    text = markup(shortened(cell.text), BOLD)
    return f'<font name="{BOLD}" color="{letters}" backColor="{behind}">&nbsp;{text}&nbsp;</font>'
