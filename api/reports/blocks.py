"""What a report is made of, before it becomes HTML or PDF: both show the same, in one order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.reports.drawing import Drawing


@dataclass(frozen=True)
class Cell:
    """A short text; its tone only underlines what it says."""

    text: str
    tone: str = "plain"
    """`good`, `bad`, `unsure` or `plain`."""


@dataclass(frozen=True)
class Facts:
    """Names with their values."""

    rows: Sequence[tuple[str, str | Cell]]


@dataclass(frozen=True)
class Table:
    """A table with a header; columns of `numbers` stand to the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    numbers: frozenset[int] = frozenset()
    widths: Sequence[float] = ()
    """Shares of the line, where equal ones would not do."""


@dataclass(frozen=True)
class Heading:
    """The name of a part of a section, with marks beside it."""

    text: str
    marks: Sequence[Cell] = ()


@dataclass(frozen=True)
class Paragraph:
    """Running text; `quiet` explains, and is set smaller."""

    text: str
    is_quiet: bool = False


@dataclass(frozen=True)
class Notice:
    """Something nobody should overlook."""

    text: str
    tone: str = "unsure"


@dataclass(frozen=True)
class Quote:
    """What a person wrote or decided, with who and when."""

    head: str
    marks: Sequence[Cell] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Box:
    """A face, in pixels of the picture as people see it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    """`subject`, `other`, or `claimed` by the page."""


@dataclass(frozen=True)
class Picture:
    """A picture as it was sent, or why there is none."""

    content: bytes | None
    content_type: str
    width: int
    height: int
    """Of the picture as people see it, after its EXIF orientation."""
    alt: str
    boxes: Sequence[Box] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Card:
    """A picture with what was said about it."""

    title: str
    picture: Picture
    lines: Sequence[str | Cell] = ()


@dataclass(frozen=True)
class Gallery:
    """Pictures side by side."""

    cards: Sequence[Card]


@dataclass(frozen=True)
class Chart:
    """A drawing, and what it shows for those who do not see it."""

    drawing: Drawing
    alt: str
    legend: Sequence[tuple[str, str]] = ()
    """Styles of the drawing and what each means."""


Block = Facts | Table | Heading | Paragraph | Notice | Quote | Gallery | Chart


@dataclass(frozen=True)
class Section:
    """One subject of a report."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Report:
    """The whole, with what stands on every page."""

    title: str
    subtitle: str
    running_title: str
    made: str
    """When, and by whom."""
    marks: Sequence[Cell] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
