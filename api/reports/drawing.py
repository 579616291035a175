"""Lines, rectangles and words of a chart, for whatever draws them. `y` runs downwards."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    style: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word; `y` is where its letters stand."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    """`start`, `middle` or `end`."""
    style: str = "label"


Shape = Rect | Line | Dot | Label


@dataclass
class Drawing:
    """Shapes in the order in which they cover each other."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Put shapes on top."""
        self.shapes.extend(shapes)


COLOURS = {
    "good": "#1b6b3a",
    "unsure": "#b26a00",
    "bad": "#a3222b",
    "plain": "#5a656e",
    "differ": "#5b2a86",
    "axis": "#8b96a0",
    "grid": "#e1e6ea",
    "zone-good": "#eef7f1",
    "zone-unsure": "#fdf5e3",
    "zone-bad": "#fcf0f0",
    "range": "#b9c3cb",
    "match-line": "#1b6b3a",
    "mismatch-line": "#a3222b",
    "event": "#0f5c78",
    "gap": "#232b31",
    "incident": "#a3222b",
    "incident-edge": "#e3b5b8",
    "label": "#3d4850",
}
"""Of every style, the same in HTML and PDF. No meaning hangs on a colour: places and words tell."""
