"""Figures on quality tell poor pictures from good ones, whatever their size."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import scenes
from verifier import Box, FaceEngine
from verifier.quality import FaceQuality, measure_face, measure_frame

PixelsOf = Callable[[str], NDArray[np.uint8]]


def _face_quality(engine: FaceEngine, pixels: NDArray[np.uint8]) -> FaceQuality:
    (face,) = engine.detect_faces(pixels)
    chip = engine.align_faces(pixels, (face,))[0]
    return measure_face(chip, face, pixels.shape[1], pixels.shape[0])


def test_blur_lowers_sharpness_and_little_else(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"))
    sharp, soft = (_face_quality(engine, picture) for picture in (frame, scenes.blurred(frame, 3)))
    assert soft.face_sharpness < sharp.face_sharpness / 10
    assert soft.face_brightness == pytest.approx(sharp.face_brightness, abs=5)


def test_sharpness_of_a_face_hardly_depends_on_picture_size(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    pixels = pixels_of("obama2")
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    large, small = _face_quality(engine, pixels), _face_quality(engine, half)
    assert large.face_size_px > 1.7 * small.face_size_px
    assert 0.5 < small.face_sharpness / large.face_sharpness < 2


def test_darkness_lowers_brightness_and_contrast(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"))
    plain, dark = (_face_quality(engine, picture) for picture in (frame, scenes.dimmed(frame, 0.3)))
    assert dark.face_brightness < 0.4 * plain.face_brightness
    assert dark.face_contrast < 0.4 * plain.face_contrast


def test_face_at_the_border_is_partly_cut(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    assert _face_quality(engine, pixels_of("obama")).face_cut_fraction == 0
    assert 0.1 < _face_quality(engine, pixels_of("obama_partial_face")).face_cut_fraction < 0.4


def test_wall_has_no_layout_however_it_is_lit() -> None:
    for shading in (0, 120):
        for noise in (0, 12):
            assert measure_frame(scenes.wall(shading, noise)).frame_layout < 2


def test_blurred_scene_keeps_layout_and_loses_sharpness_despite_noise() -> None:
    sharp = measure_frame(scenes.room())
    grain = np.random.default_rng(2).normal(0, 6, (480, 640, 3))
    soft = np.clip(scenes.blurred(scenes.room(), 14) + grain, 0, 255).astype(np.uint8)
    blurred = measure_frame(soft)
    assert blurred.frame_layout > sharp.frame_layout / 2
    assert blurred.frame_sharpness < sharp.frame_sharpness / 5


def test_box_is_clipped_to_the_picture() -> None:
    box = Box(left=-10, top=90, width=40, height=40)
    assert box.clipped(100, 100) == Box(left=0, top=90, width=30, height=10)
    assert box.outside_fraction(100, 100) == pytest.approx(1 - 300 / 1600)
    assert box.clipped(100, 100).normalised(100, 100) == {
        "x": 0.0,
        "y": 0.9,
        "width": 0.3,
        "height": 0.1,
    }


def test_box_outside_the_picture_has_no_area() -> None:
    box = Box(left=200, top=-80, width=40, height=40)
    clipped = box.clipped(100, 100)
    assert (clipped.width, clipped.height) == (0, 0)
    assert box.outside_fraction(100, 100) == 1
