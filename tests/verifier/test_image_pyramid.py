"""The pyramid keeps every level apart from the others and every pixel where it can be found."""

from itertools import combinations, pairwise

import dlib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.verifier import pictures
from verifier.image_pyramid import (
    GAP_PX,
    MARGIN_PX,
    MIN_LEVEL_ROWS,
    RATIO,
    Level,
    lay_out,
    paint,
)

MEAN_COLOUR = (122.5, 117.25, 104.0)
SIZES = settings(max_examples=80, deadline=None, derandomize=True)
sizes = st.tuples(st.integers(1, 1400), st.integers(1, 1400))


def _distance(one: Level, other: Level) -> int:
    """Return how many pixels lie between two levels; negative if they overlap."""
    beside = max(one.left, other.left) - min(one.left + one.columns, other.left + other.columns)
    above = max(one.top, other.top) - min(one.top + one.rows, other.top + other.rows)
    return max(beside, above)


@SIZES
@given(sizes)
@example((480, 640))
@example((20_000, 8))
@example((8, 20_000))
@example((1, 1))
def test_every_level_lies_on_the_canvas_and_on_no_other(size: tuple[int, int]) -> None:
    layout = lay_out(*size)
    for level in layout.levels:
        assert level.top >= MARGIN_PX
        assert level.left >= MARGIN_PX
        assert level.top + level.rows <= layout.rows - MARGIN_PX
        assert level.left + level.columns <= layout.columns - MARGIN_PX
    for one, other in combinations(layout.levels, 2):
        in_one_column = one.left == MARGIN_PX == other.left
        assert _distance(one, other) >= (GAP_PX if in_one_column else 0)


@SIZES
@given(sizes)
def test_every_level_is_five_sixths_of_the_one_before(size: tuple[int, int]) -> None:
    levels = lay_out(*size).levels
    assert (levels[0].rows, levels[0].columns) == size
    for one, following in pairwise(levels):
        assert following.rows == int(one.rows * RATIO)
        assert following.columns == int(one.columns * RATIO)
        assert following.rows >= MIN_LEVEL_ROWS


@SIZES
@given(sizes)
def test_no_face_is_too_large_for_the_last_level(size: tuple[int, int]) -> None:
    last = lay_out(*size).levels[-1]
    # The detector's window is 80 px: whatever fills the picture fits into it.
    assert min(last.rows, last.columns) <= 12


@SIZES
@given(sizes)
@example((480, 640))
def test_canvas_costs_a_few_times_the_picture(size: tuple[int, int]) -> None:
    layout = lay_out(*size)
    rows, columns = size
    around = 2 * MARGIN_PX + GAP_PX * len(layout.levels)
    assert layout.rows * layout.columns <= 6 * (rows + around) * (columns + 2 * MARGIN_PX)


@settings(SIZES, max_examples=20)
@given(st.tuples(st.integers(5, 200), st.integers(5, 200)))
def test_between_the_levels_lies_the_mean_colour(size: tuple[int, int]) -> None:
    layout = lay_out(*size)
    canvas = paint(np.full((*size, 3), 255, np.uint8), layout, MEAN_COLOUR)
    inside = np.zeros(canvas.shape[:2], bool)
    for level in layout.levels:
        inside[level.top : level.top + level.rows, level.left : level.left + level.columns] = True
    assert canvas.shape == (layout.rows, layout.columns, 3)
    assert np.allclose(canvas[inside], 255, atol=1e-3)
    assert (canvas[~inside] == np.array(MEAN_COLOUR, np.float32)).all()
    assert not inside[:MARGIN_PX].any()


def test_first_level_is_the_picture_itself() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    canvas = paint(picture, lay_out(40, 50), MEAN_COLOUR)
    assert np.array_equal(canvas[MARGIN_PX:][:40, MARGIN_PX:][:, :50], picture)


def test_every_level_keeps_the_corners_of_the_picture() -> None:
    picture = pictures.corners(120, 80)
    layout = lay_out(80, 120)
    canvas = paint(picture, layout, MEAN_COLOUR)
    assert len(layout.levels) > 5
    for level in layout.levels:
        found = canvas[level.top : level.top + level.rows, level.left : level.left + level.columns]
        for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
            assert found[row, column] == pytest.approx(picture[row, column], abs=1e-3)


def test_a_slope_stays_a_slope_at_every_scale() -> None:
    slope = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (150, 200, 3))
    layout = lay_out(150, 200)
    canvas = paint(slope, layout, MEAN_COLOUR)
    for level in layout.levels:
        row = canvas[level.top + level.rows // 2, level.left : level.left + level.columns, 0]
        assert row == pytest.approx(np.linspace(0, 199, level.columns), abs=1e-2)


@SIZES
@given(
    st.tuples(st.integers(100, 900), st.integers(100, 900)),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 30),
)
def test_a_point_of_any_level_maps_back_to_its_place_in_the_picture(
    size: tuple[int, int], down: float, right: float, number: int
) -> None:
    rows, columns = size
    layout = lay_out(rows, columns)
    number %= len(layout.levels)
    level = layout.levels[number]
    x = level.left + right * (level.columns - 1)
    y = level.top + down * (level.rows - 1)
    left, top, last_column, last_row = layout.in_picture(x, y, edge_px=1)
    assert (left, top) == (last_column, last_row)
    # A pixel of the level covers this many of the picture; dlib's mapping, which knows nothing of
    # rounded sizes, is off by at most three.
    px = float(1 / RATIO) ** number
    assert left == pytest.approx(right * (columns - 1), abs=3 * px)
    assert top == pytest.approx(down * (rows - 1), abs=3 * px)


@SIZES
@given(
    st.tuples(st.integers(40, 700), st.integers(40, 700)),
    st.integers(0, 720),
    st.integers(0, 3000),
)
def test_a_square_is_mapped_back_from_the_nearest_level_as_by_dlib(
    size: tuple[int, int], x: int, y: int
) -> None:
    layout = lay_out(*size)
    distances = [
        np.hypot(
            x - np.clip(x, level.left, level.left + level.columns - 1),
            y - np.clip(y, level.top, level.top + level.rows - 1),
        )
        for level in layout.levels
    ]
    number = int(np.argmin(distances))
    across, down = x - layout.levels[number].left, y - layout.levels[number].top
    square = dlib.drectangle(across - 39.5, down - 39.5, across + 39.5, down + 39.5)
    up = dlib.pyramid_down(6).rect_up(square, number)
    expected = up.left(), up.top(), up.right(), up.bottom()
    assert layout.in_picture(x, y, edge_px=80) == pytest.approx(expected)


def test_a_square_grows_with_the_level_it_was_found_on() -> None:
    layout = lay_out(600, 800)
    for number, level in enumerate(layout.levels[:8]):
        x, y = level.left + level.columns / 2, level.top + level.rows / 2
        left, top, right, bottom = layout.in_picture(x, y, edge_px=80)
        assert right - left == pytest.approx(79 * float(1 / RATIO) ** number)
        assert bottom - top == pytest.approx(79 * float(1 / RATIO) ** number)


def test_a_point_between_levels_belongs_to_the_nearest() -> None:
    layout = lay_out(600, 800)
    first, second = layout.levels[:2]
    x = second.left + 100
    above = layout.in_picture(x, first.top + first.rows + 1, edge_px=1)
    below = layout.in_picture(x, second.top - 1, edge_px=1)
    assert above[1] == pytest.approx(first.rows + 1)
    assert below[1] == pytest.approx(0, abs=1.5)
