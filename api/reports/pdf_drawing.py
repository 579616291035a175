"""Pictures and charts on a page: JPEGs go in as they are, all else is lines."""

import hashlib
import io
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics, pdfutils
from reportlab.platypus import Flowable
from reportlab.platypus import Paragraph as PdfParagraph

from api.image_header import JPEG
from api.reports.blocks import Box, Picture
from api.reports.drawing import COLOURS, Dot, Drawing, Label, Line, Rect, Shape
from api.reports.jpeg_orientation import jpeg_orientation
from api.reports.pdf_text import BOLD, REGULAR, markup, style

NOT_A_JPEG = (
    "Only JPEG can be put into a PDF unchanged, and this is another kind of picture. The HTML "
    "report shows it."
)
UNREADABLE = "The picture cannot be put into a PDF. The HTML report shows it."

_BOX_COLOURS = {"subject": "#35d07f", "other": "#ff5a66", "claimed": "#ffffff"}

_TALLEST = 1.5
"""Height over width a card takes at most; a taller picture becomes narrower."""


class _Jpeg:
    """What the library takes for a picture with the bytes of a JPEG; it never decodes one."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._name = hashlib.sha256(content).hexdigest()

    def jpeg_fh(self) -> io.BytesIO:
        """Return the file."""
        return io.BytesIO(self._content)

    def __str__(self) -> str:
        return self._name


class PictureFlowable(Flowable):  # type: ignore[misc]
    """A picture with the faces in it, or the sentence that says why there is none."""

    def __init__(self, picture: Picture, width: float) -> None:
        super().__init__()
        self._picture = picture
        self._trouble = picture.trouble or _trouble_with(picture)
        share = picture.height / picture.width
        self.width = width
        self.height = width * (3 / 4 if self._trouble else min(share, _TALLEST))
        self._drawn_width = self.height / share if not self._trouble else width

    def wrap(self, *_available: float) -> tuple[float, float]:
        """Return the size it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it with its lower left corner at the origin."""
        if self._trouble:
            self._draw_trouble()
            return
        content = self._picture.content or b""
        self.canv.saveState()
        self.canv.transform(*_turn(jpeg_orientation(content), self._drawn_width, self.height))
        self.canv.drawImage(_Jpeg(content), 0, 0, 1, 1)
        self.canv.restoreState()
        for box in self._picture.boxes:
            self._draw_box(box)

    def _draw_box(self, box: Box) -> None:
        scale = self._drawn_width / self._picture.width
        canvas = self.canv
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(0, 0, self._drawn_width, self.height)
        canvas.clipPath(clip, stroke=0)
        canvas.setStrokeColor(HexColor(_BOX_COLOURS[box.kind]))
        canvas.setLineWidth(1.2)
        if box.kind == "claimed":
            canvas.setDash(3, 3)
        top = self.height - box.y * scale
        height = box.height * scale
        canvas.rect(box.x * scale, top - height, box.width * scale, height, fill=0)
        canvas.restoreState()

    def _draw_trouble(self) -> None:
        canvas = self.canv
        canvas.saveState()
        canvas.setFillColor(HexColor("#f6f7f8"))
        canvas.setStrokeColor(HexColor("#8b96a0"))
        canvas.setDash(2, 2)
        canvas.rect(0, 0, self.width, self.height, fill=1)
        canvas.restoreState()
        words = PdfParagraph(markup(self._trouble), style(7.5, colour="#5a656e"))
        inner = self.width - 16
        _, height = words.wrapOn(canvas, inner, self.height)
        words.drawOn(canvas, 8, (self.height - height) / 2)


class ChartFlowable(Flowable):  # type: ignore[misc]
    """A drawing over the width of the page."""

    def __init__(self, drawing: Drawing, width: float) -> None:
        super().__init__()
        self._drawing = drawing
        self._scale = width / drawing.width
        self.width, self.height = width, drawing.height * self._scale

    def wrap(self, *_available: float) -> tuple[float, float]:
        """Return the size it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it with its lower left corner at the origin."""
        canvas = self.canv
        canvas.saveState()
        # The drawing's `y` runs downwards, a page's upwards.
        canvas.scale(self._scale, self._scale)
        for shape in self._drawing.shapes:
            _draw(canvas, shape, self._drawing.height)
        canvas.restoreState()


def _draw(canvas: Any, shape: Shape, height: float) -> None:
    colour = HexColor(COLOURS[shape.style])
    canvas.setFillColor(colour)
    canvas.setStrokeColor(colour)
    if isinstance(shape, Rect):
        bottom = height - shape.y - shape.height
        canvas.rect(shape.x, bottom, shape.width, shape.height, stroke=0, fill=1)
    elif isinstance(shape, Dot):
        canvas.circle(shape.x, height - shape.y, shape.radius, stroke=0, fill=1)
    elif isinstance(shape, Line):
        dash = {"match-line": (5, 3), "mismatch-line": (5, 3), "incident-edge": (2, 2)}
        canvas.setDash(*dash.get(shape.style, ((), 0)))
        canvas.setLineWidth(1)
        canvas.line(shape.x1, height - shape.y1, shape.x2, height - shape.y2)
    else:
        _write(canvas, shape, height)


def _write(canvas: Any, label: Label, height: float) -> None:
    font = BOLD if label.style == "incident" else REGULAR
    size = 12.0
    width = pdfmetrics.stringWidth(label.text, font, size)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    canvas.setFont(font, size)
    canvas.drawString(left, height - label.y, label.text)


def _trouble_with(picture: Picture) -> str:
    if picture.content is None:
        return UNREADABLE
    if picture.content_type != JPEG:
        return NOT_A_JPEG
    try:
        pdfutils.readJPEGInfo(io.BytesIO(picture.content))
    except Exception:  # noqa: BLE001  # Whatever the library makes of bytes that are no JPEG.
        return UNREADABLE
    return ""


def _turn(orientation: int, w: float, h: float) -> tuple[float, float, float, float, float, float]:
    """Return the matrix that shows the unit square of a stored picture as people see it."""
    return {
        2: (-w, 0.0, 0.0, h, w, 0.0),
        3: (-w, 0.0, 0.0, -h, w, h),
        4: (w, 0.0, 0.0, -h, 0.0, h),
        5: (0.0, -h, -w, 0.0, w, h),
        6: (0.0, -h, w, 0.0, 0.0, h),
        7: (0.0, h, w, 0.0, 0.0, 0.0),
        8: (0.0, h, -w, 0.0, w, 0.0),
    }.get(orientation, (w, 0.0, 0.0, h, 0.0, 0.0))
