"""Chips are dlib's own; their variants are small, fixed and symmetrical."""

from collections.abc import Callable

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import pictures
from verifier import Box, FaceEngine
from verifier.alignment import (
    AS_IT_IS,
    CHIP_PX,
    SCALED,
    VARIED,
    LandmarkPredictor,
    box_around,
    cut_chip,
    dlib_rectangle,
    with_variants,
)
from verifier.faces import Chips, DetectedFace
from verifier.look import Look
from verifier.weights import LANDMARK_WEIGHTS, checked_weights

PixelsOf = Callable[[str], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def predictor() -> LandmarkPredictor:
    return LandmarkPredictor(checked_weights(LANDMARK_WEIGHTS))


def _face(engine: FaceEngine, pixels: NDArray[np.uint8]) -> DetectedFace:
    (face,) = engine.detect_faces(pixels)
    return face


@pytest.fixture(scope="module")
def chip(dlib_engine: FaceEngine, pixels_of: PixelsOf) -> Chips:
    pixels = pixels_of("obama2")
    face = _face(dlib_engine, pixels)
    return cut_chip(pixels, face.box, face.landmarks)


@pytest.mark.parametrize("name", ["obama2", "biden", "obama_partial_face2"])
def test_landmarks_and_chip_are_dlibs_own(
    predictor: LandmarkPredictor, dlib_engine: FaceEngine, pixels_of: PixelsOf, name: str
) -> None:
    pixels = pixels_of(name)
    box = _face(dlib_engine, pixels).box
    rectangle = dlib.rectangle(box.left, box.top, box.right - 1, box.bottom - 1)
    shape = dlib.shape_predictor(str(checked_weights(LANDMARK_WEIGHTS)))(pixels, rectangle)
    landmarks = predictor.predict(pixels, box)
    assert landmarks == tuple((point.x, point.y) for point in shape.parts())
    expected = dlib.get_face_chip(pixels, shape, size=150, padding=0.25)
    assert np.array_equal(cut_chip(pixels, box, landmarks), expected)


def test_rectangle_of_dlib_covers_the_same_pixels() -> None:
    rectangle = dlib_rectangle(Box(left=10, top=20, width=30, height=40))
    assert (rectangle.width(), rectangle.height()) == (30, 40)
    assert (rectangle.left(), rectangle.top()) == (10, 20)


def test_chip_of_a_turned_head_is_upright(
    predictor: LandmarkPredictor, dlib_engine: FaceEngine, pixels_of: PixelsOf, chip: Chips
) -> None:
    pixels = pixels_of("obama2")
    centre = (pixels.shape[1] / 2, pixels.shape[0] / 3)
    turn = cv2.getRotationMatrix2D(centre, 20, 1)
    size = (pixels.shape[1], pixels.shape[0])
    turned = np.asarray(cv2.warpAffine(pixels, turn, size), np.uint8)
    face = _face(dlib_engine, turned)
    found = cut_chip(turned, face.box, predictor.predict(turned, face.box))
    assert np.corrcoef(found.ravel(), chip.ravel())[0, 1] > 0.95


def test_chip_reaches_beyond_the_border_in_black(pixels_of: PixelsOf) -> None:
    pixels = np.full((200, 200, 3), 200, np.uint8)
    eyes_and_nose = ((60, 20), (45, 20), (5, 20), (20, 20), (32, 50))
    found = cut_chip(pixels, Box(0, 0, 70, 70), eyes_and_nose)
    assert found.shape == (CHIP_PX, CHIP_PX, 3)
    assert (found[0] == 0).all()
    assert (found[75, 75] == 200).all()


def test_box_made_of_landmarks_frames_the_face_as_the_detector_does(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    for name in ("obama", "obama2", "biden"):
        (face,) = engine.detect_faces(pixels_of(name), Look.CLOSE)
        found = box_around(face.landmarks)
        assert found.width == found.height == pytest.approx(face.box.width, rel=0.25)
        assert found.left == pytest.approx(face.box.left, abs=0.2 * face.box.width)
        assert found.top == pytest.approx(face.box.top, abs=0.2 * face.box.width)


def test_box_made_of_landmarks_moves_and_grows_with_them() -> None:
    landmarks = ((60, 20), (45, 20), (5, 20), (20, 20), (32, 50))
    box = box_around(landmarks)
    moved = box_around(tuple((x + 100, y + 7) for x, y in landmarks))
    assert moved == Box(box.left + 100, box.top + 7, box.width, box.height)
    grown = box_around(tuple((4 * x, 4 * y) for x, y in landmarks))
    assert grown.width == pytest.approx(4 * box.width, abs=2)


@pytest.mark.parametrize("name", ["obama", "obama2", "biden"])
def test_box_made_of_landmarks_stays_where_it_is_when_they_are_predicted_again(
    predictor: LandmarkPredictor, engine: FaceEngine, pixels_of: PixelsOf, name: str
) -> None:
    pixels = pixels_of(name)
    landmarks = _face(engine, pixels).landmarks
    first = box_around(landmarks)
    for _ in range(3):
        landmarks = predictor.predict(pixels, box_around(landmarks))
    last = box_around(landmarks)
    moved = last.left - first.left, last.top - first.top, last.width - first.width
    assert np.abs(moved).max() < 0.06 * first.width


def test_landmarks_predicted_twice_hardly_depend_on_how_the_face_was_framed(
    predictor: LandmarkPredictor, engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    pixels = pixels_of("biden")
    box = _face(engine, pixels).box
    step = box.width // 16
    frames = (
        Box(box.left + step, box.top, box.width, box.height),
        Box(box.left - step, box.top + step, box.width, box.height),
        Box(box.left + step, box.top + step, box.width - 2 * step, box.height - 2 * step),
        Box(box.left - step, box.top - step, box.width + 2 * step, box.height + 2 * step),
    )
    once = [predictor.predict(pixels, frame) for frame in frames]
    twice = [predictor.predict(pixels, box_around(landmarks)) for landmarks in once]
    spread = np.ptp(np.array(twice), axis=0).max()
    assert spread < np.ptp(np.array(once), axis=0).max()
    assert spread < 0.06 * box.width


def test_landmarks_in_one_point_still_have_a_box() -> None:
    box = box_around(((5, 5),) * 5)
    assert (box.width, box.height) == (2, 2)


@pytest.mark.parametrize(
    ("warps", "mirrored", "count"),
    [
        ((AS_IT_IS,), False, 1),
        ((AS_IT_IS,), True, 2),
        (SCALED, False, 3),
        (SCALED, True, 6),
        (VARIED, True, 14),
    ],
)
def test_each_warp_gives_a_chip_and_then_its_mirror_image(
    chip: Chips, warps: tuple[tuple[float, float, float], ...], mirrored: bool, count: int
) -> None:
    found = with_variants(chip, warps, mirrored=mirrored)
    assert (found.shape, found.dtype) == ((count, 150, 150, 3), np.dtype(np.uint8))
    assert np.array_equal(found[0], chip)
    assert len({variant.tobytes() for variant in found}) == count
    if mirrored:
        for one, other in zip(found[: count // 2], found[count // 2 :], strict=True):
            assert np.array_equal(other, one[:, ::-1])


def test_variants_show_the_same_face_a_little_otherwise(chip: Chips) -> None:
    for variant in with_variants(chip, VARIED, mirrored=False)[1:]:
        alike = np.corrcoef(variant.ravel(), chip.ravel())[0, 1]
        assert 0.8 < alike < 0.999


def test_variants_are_the_same_every_time(chip: Chips) -> None:
    once, twice = (with_variants(chip, VARIED, mirrored=True) for _ in range(2))
    assert np.array_equal(once, twice)


def test_warps_scale_about_the_middle_and_shift_to_the_right() -> None:
    dot = np.zeros((150, 150, 3), np.uint8)
    dot[100:103, 100:103] = 255

    def middle(picture: NDArray[np.uint8]) -> tuple[float, float]:
        rows, columns = np.nonzero(picture[..., 0] > 60)
        return float(columns.mean()), float(rows.mean())

    larger, right = with_variants(dot, ((1.06, 0, 0), (1.0, 0, 4.0)), mirrored=False)
    away = 74.5 + 1.06 * (101 - 74.5)
    assert middle(larger) == pytest.approx((away, away), abs=0.6)
    assert middle(right) == pytest.approx((105, 101), abs=0.1)


def test_warps_of_opposite_direction_are_mirror_images() -> None:
    picture = np.asarray(cv2.resize(pictures.corners(), (150, 150)), np.uint8)
    one, other = with_variants(picture, ((1.0, 4.0, 0.0), (1.0, -4.0, 0.0)), mirrored=False)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    (turned,) = with_variants(mirrored, ((1.0, -4.0, 0.0),), mirrored=False)
    off = np.abs(turned[:, ::-1].astype(int) - one.astype(int))
    assert off.max() <= 8
    assert not np.array_equal(one, other)
