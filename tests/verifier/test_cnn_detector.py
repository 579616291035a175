"""The detector finds dlib's own faces in dlib's own boxes, and cannot be kept busy."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import PORTRAIT_NAMES
from tests.verifier import dlib_bytes, scenes
from tests.verifier.pictures import Picture
from verifier.cnn_detector import MAX_CANDIDATES, MAX_OVERLAP, CnnDetector, Detection
from verifier.weights import DETECTOR_WEIGHTS, checked_weights

PixelsOf = Callable[[str], NDArray[np.uint8]]
DlibAnswer = list[tuple[tuple[int, int, int, int], float]]
DlibFaces = Callable[[Picture], DlibAnswer]
NAMES = [name.removesuffix(".jpg") for name in PORTRAIT_NAMES]


@pytest.fixture(scope="module")
def detector() -> CnnDetector:
    return CnnDetector(checked_weights(DETECTOR_WEIGHTS))


@pytest.fixture(scope="module")
def dlibs_faces() -> DlibFaces:
    """Return dlib's own (left, top, right, bottom), right and bottom inside, and confidence."""
    network: Any = dlib.cnn_face_detection_model_v1(str(checked_weights(DETECTOR_WEIGHTS)))

    def faces(pixels: Picture) -> DlibAnswer:
        return [
            (
                (each.rect.left(), each.rect.top(), each.rect.right(), each.rect.bottom()),
                each.confidence,
            )
            for each in network(pixels, 0)
        ]

    return faces


def _narrowed(pixels: Picture, width: int) -> Picture:
    height = round(pixels.shape[0] * width / pixels.shape[1])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _two_people(pixels_of: PixelsOf) -> Picture:
    """Return 480x320 pixels of two people side by side, one larger than the other."""
    return np.hstack([_narrowed(pixels_of(name), 240)[:320] for name in ("obama2", "biden")])


def _assert_same(found: Sequence[Detection], expected: DlibAnswer) -> None:
    """Fail unless both have the same faces; dlib rounds its boxes to whole pixels."""
    assert len(found) == len(expected)
    for face, (box, confidence) in zip(found, expected, strict=True):
        edges = face.left, face.top, face.left + face.width - 1, face.top + face.height - 1
        assert edges == pytest.approx(box, abs=0.5 + 1e-6)
        assert face.score == pytest.approx(confidence, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_face_is_dlibs_own(
    detector: CnnDetector, dlibs_faces: DlibFaces, pixels_of: PixelsOf, name: str
) -> None:
    for width in (150, 240):
        picture = _narrowed(pixels_of(name), width)
        _assert_same(detector.detect(picture), dlibs_faces(picture))
    assert len(detector.detect(_narrowed(pixels_of(name), 240))) == 1


def test_two_people_are_found_as_dlib_finds_them(
    detector: CnnDetector, dlibs_faces: DlibFaces, pixels_of: PixelsOf
) -> None:
    frame = _two_people(pixels_of)
    found = detector.detect(frame)
    assert len(found) == 2
    assert found[0].score > found[1].score
    _assert_same(found, dlibs_faces(frame))


def test_face_cut_by_the_border_is_found_where_dlib_finds_it(
    detector: CnnDetector, dlibs_faces: DlibFaces, pixels_of: PixelsOf
) -> None:
    whole = _narrowed(pixels_of("obama2"), 240)
    (face,) = detector.detect(whole)
    cut = np.ascontiguousarray(whole[:, round(face.left + 0.3 * face.width) :])
    found = detector.detect(cut)
    assert len(found) == 1
    assert found[0].left < -10
    _assert_same(found, dlibs_faces(cut))


def test_search_finds_the_same_faces(detector: CnnDetector, pixels_of: PixelsOf) -> None:
    whole = ("obama", "obama2", "biden")
    frames = [_narrowed(pixels_of(name), width) for name in whole for width in (240, 320, 400)]
    for frame in [*frames, _two_people(pixels_of)]:
        exact, quick = detector.detect(frame), detector.search(frame)
        assert len(quick) == len(exact) >= 1
        assert all(max(face.overlap(other) for other in quick) > 0.5 for face in exact)


def test_face_that_fills_the_picture_is_found(detector: CnnDetector, pixels_of: PixelsOf) -> None:
    picture = _narrowed(pixels_of("obama2"), 320)
    (face,) = detector.detect(picture)
    left, top = round(face.left), round(face.top)
    close_up = picture[top : top + round(face.height), left : left + round(face.width)]
    enlarged = np.asarray(cv2.resize(close_up, (480, 480)), np.uint8)
    for found in (detector.detect(enlarged), detector.search(enlarged)):
        assert len(found) == 1
        assert found[0].width > 300


@pytest.mark.parametrize("scene", [scenes.wall(noise=0), scenes.wall(), scenes.room()])
def test_nobody_is_found_where_nobody_is(detector: CnnDetector, scene: Picture) -> None:
    assert detector.detect(scene) == ()
    assert detector.search(scene) == ()


def test_boxes_of_one_answer_hardly_overlap(detector: CnnDetector, pixels_of: PixelsOf) -> None:
    found = detector.detect(_two_people(pixels_of), threshold=-1.5)
    assert len(found) > 10
    for number, face in enumerate(found):
        assert all(face.overlap(other) <= MAX_OVERLAP for other in found[:number])
    assert [face.score for face in found] == sorted((face.score for face in found), reverse=True)


def test_allowed_overlap_is_the_one_in_the_weights_file() -> None:
    data = checked_weights(DETECTOR_WEIGHTS).read_bytes()
    assert data[:100].count(dlib_bytes.real(MAX_OVERLAP)) == 1


def test_candidates_are_limited_however_many_cells_a_picture_excites(
    detector: CnnDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(6).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    compared: list[Detection] = []
    overlap = Detection.overlap

    def counted(one: Detection, other: Detection) -> float:
        compared.append(one)
        return overlap(one, other)

    monkeypatch.setattr(Detection, "overlap", counted)
    # Below every confidence: each of the canvas's 15,000 cells is a candidate.
    for look in (detector.detect, detector.search):
        found = look(noise, threshold=-100.0)
        assert 0 < len(found) < len({id(face) for face in compared}) <= MAX_CANDIDATES
        compared.clear()


@pytest.mark.parametrize("shape", [(1, 1), (6, 6), (5, 300), (300, 5), (39, 39), (7, 2000)])
def test_picture_smaller_than_any_face_has_none(
    detector: CnnDetector, shape: tuple[int, int]
) -> None:
    picture = np.random.default_rng(6).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert detector.detect(picture) == ()
    assert detector.search(picture) == ()


def test_overlap_is_intersection_over_union() -> None:
    face = Detection(10, 20, 40, 40, 1.0)
    assert face.overlap(face) == 1.0
    assert face.overlap(Detection(30, 20, 40, 40, 1.0)) == pytest.approx(20 * 40 / (60 * 40))
    assert face.overlap(Detection(50, 20, 40, 40, 1.0)) == 0.0
    assert face.overlap(Detection(500, 20, 40, 40, 1.0)) == 0.0
