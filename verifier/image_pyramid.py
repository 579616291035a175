"""A picture at falling scales, laid out on one canvas as dlib's detector network expects it.

Source: dlib 20, ``image_transforms/image_pyramid.h`` and ``dnn/input.h``: each level is 5/6 of the
one before, levels run down a first column and back up a second one, 10 pixels apart in each and 11
from the edge. What lies between them has the network's mean colour, not black: dlib fills with
zeros *after* it has subtracted the means, and a face cut by the border scores by it. Where a level
lies decides the phase of the network's 8-pixel grid, and so which of several equally good boxes
wins; therefore the layout is dlib's to the pixel.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from verifier.faces import Pixels

RATIO = Fraction(5, 6)
"""Each level's edges as a part of the level before."""

GAP_PX = 10
"""Between two levels of one column; the two columns may touch."""

MARGIN_PX = 11
"""Around all of them."""

MIN_LEVEL_ROWS = 5
"""dlib's: where the pyramid ends."""

_CENTRE_SHIFT = 0.3
"""What dlib adds to a coordinate for each level it goes up."""

Canvas = NDArray[np.float32]
"""(rows, columns, 3) RGB, 0..255, not rounded."""


@dataclass(frozen=True)
class Level:
    """Where one scale of the picture lies on the canvas, in pixels."""

    top: int
    left: int
    rows: int
    columns: int

    def distance_squared(self, x: float, y: float) -> float:
        """Return how far a point of the canvas lies outside, squared; 0 inside."""
        beside = max(self.left - x, 0.0, x - (self.left + self.columns - 1))
        above = max(self.top - y, 0.0, y - (self.top + self.rows - 1))
        return beside * beside + above * above


@dataclass(frozen=True)
class Layout:
    """All levels and the canvas they lie on."""

    levels: tuple[Level, ...]
    rows: int
    columns: int

    def in_picture(self, x: float, y: float, edge_px: int) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) in the picture of a square on the canvas.

        The square has its middle at (x, y); right and bottom are its last column and row.
        """
        number = min(range(len(self.levels)), key=lambda n: self.levels[n].distance_squared(x, y))
        level = self.levels[number]
        x, y = x - level.left, y - level.top
        reach = (edge_px - 1) / 2
        corners = (x - reach, y - reach, x + reach, y + reach)
        left, top, right, bottom = (self._up(coordinate, number) for coordinate in corners)
        return left, top, right, bottom

    def _up(self, coordinate: float, levels: int) -> float:
        for _ in range(levels):
            coordinate = coordinate / float(RATIO) + _CENTRE_SHIFT
        return coordinate


def lay_out(rows: int, columns: int) -> Layout:
    """Return where the levels of a picture of this size lie; the first is the picture itself."""
    sizes = _level_sizes(rows, columns)
    column_rows = _first_column_rows(sizes)
    levels: list[Level] = []
    y = MARGIN_PX
    while len(levels) < len(sizes) and y < column_rows + MARGIN_PX:
        height, width = sizes[len(levels)]
        levels.append(Level(y, MARGIN_PX, height, width))
        y += height + GAP_PX
    bottom = y - GAP_PX
    for height, width in sizes[len(levels) :]:
        level = Level(bottom - height, MARGIN_PX + columns - width, height, width)
        if level.top < MARGIN_PX + rows:  # It would lie on the picture itself.
            break
        levels.append(level)
        bottom = level.top - GAP_PX
    return Layout(
        levels=tuple(levels),
        rows=column_rows + 2 * MARGIN_PX,
        columns=columns + 2 * MARGIN_PX,
    )


def _level_sizes(rows: int, columns: int) -> list[tuple[int, int]]:
    sizes = [(rows, columns)]
    while True:
        rows, columns = int(rows * RATIO), int(columns * RATIO)
        if rows < MIN_LEVEL_ROWS or columns < 1:
            return sizes
        sizes.append((rows, columns))


def _first_column_rows(sizes: list[tuple[int, int]]) -> int:
    """Return the height of the first column.

    It ends where the next level fits beside the last one and the second column, going back up,
    would not reach the picture.
    """
    first_rows, first_columns = sizes[0]
    total = sum(rows + GAP_PX for rows, _ in sizes) - 2 * GAP_PX
    height, previous_columns = 0, 0
    for rows, columns in sizes:
        fits_beside = columns <= first_columns - previous_columns - GAP_PX
        if fits_beside and (height - first_rows) * 2 >= total - first_rows:
            break
        height += rows + GAP_PX
        previous_columns = columns
    return height - GAP_PX


def paint(pixels: Pixels, layout: Layout, background: tuple[float, float, float]) -> Canvas:
    """Return the canvas with every level on it."""
    canvas = np.empty((layout.rows, layout.columns, 3), np.float32)
    canvas[:] = np.array(background, np.float32)
    current = pixels.astype(np.float32)
    for level in layout.levels:
        current = _resized(current, level.rows, level.columns)
        bottom, right = level.top + level.rows, level.left + level.columns
        canvas[level.top : bottom, level.left : right] = current
    return canvas


def _resized(picture: Canvas, rows: int, columns: int) -> Canvas:
    """Return the picture by linear interpolation with its corner pixels in the corners.

    So dlib does it. OpenCV puts the picture's *edges* there, and rounds its weights.
    """
    if picture.shape[:2] == (rows, columns):
        return picture
    first, second, part = _taps(picture.shape[0], rows)
    upper = picture[first]
    picture = upper + (picture[second] - upper) * part[:, None, None]
    first, second, part = _taps(picture.shape[1], columns)
    left = picture[:, first]
    resized: Canvas = left + (picture[:, second] - left) * part[None, :, None]
    return resized


def _taps(
    length: int, new_length: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return for each new pixel its two old ones and how much of the second it takes."""
    position = np.arange(new_length) * ((length - 1) / max(new_length - 1, 1))
    first = np.minimum(position.astype(np.intp), length - 1)
    second = np.minimum(first + 1, length - 1)
    return first, second, (position - first).astype(np.float32)
