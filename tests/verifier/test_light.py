"""Only dark pictures are brightened, and only as far as there is something to see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifier import scenes
from tests.verifier.pictures import Picture
from verifier.light import DARK_BELOW, TARGET, brightened


def _grey(level: int) -> Picture:
    return np.full((40, 60, 3), level, np.uint8)


@pytest.mark.parametrize("level", [70, 110, 200, 255])
def test_picture_with_enough_light_stays_the_very_same(level: int) -> None:
    picture = _grey(level)
    assert brightened(picture) is picture


@pytest.mark.parametrize("level", [25, 40, 60, 69])
def test_dark_picture_is_lifted_to_the_target(level: int) -> None:
    assert brightened(_grey(level)).mean() == pytest.approx(TARGET, abs=1.5)


def test_night_is_lifted_less_than_to_the_target() -> None:
    assert brightened(_grey(0)).max() == 0
    assert 20 < brightened(_grey(2)).mean() < TARGET - 20


def test_dark_picture_is_not_changed_in_place() -> None:
    picture = scenes.dimmed(scenes.room(), 0.2)
    before = picture.copy()
    found = brightened(picture)
    assert np.array_equal(picture, before)
    assert found.mean() > picture.mean() + 30
    assert (found.shape, found.dtype) == (picture.shape, np.dtype(np.uint8))
    assert found.flags.c_contiguous


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, int(DARK_BELOW)), st.integers(0, 2**32 - 1))
def test_brighter_pixels_stay_brighter(level: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.clip(rng.normal(level, 20, (20, 20, 3)), 0, 255).astype(np.uint8)
    found = brightened(picture)
    assert (found >= picture).all()
    order = np.argsort(picture.ravel(), kind="stable")
    assert (np.diff(found.ravel()[order].astype(int)) >= 0).all()
    assert (found[picture == 0] == 0).all()
    assert (found[picture == 255] == 255).all()


def test_brightening_is_about_light_and_not_about_colour() -> None:
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 0] = 120
    found = brightened(red)
    assert (found[..., 0] > 120).all()
    assert (found[..., 1:] == 0).all()
