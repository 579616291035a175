"""dlib's engine finds and encodes real faces as its authors do."""

from collections.abc import Callable
from itertools import combinations

import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import PORTRAIT_NAMES
from tests.verifier import scenes
from verifier import FaceEngine, load_engine
from verifier.weights import DESCRIPTOR_WEIGHTS, LANDMARK_WEIGHTS, checked_weights

PixelsOf = Callable[[str], NDArray[np.uint8]]


@pytest.fixture
def engine(dlib_engine: FaceEngine) -> FaceEngine:
    return dlib_engine


NAMES = [name.removesuffix(".jpg") for name in PORTRAIT_NAMES]


def _encoding(engine: FaceEngine, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    (face,) = engine.detect_faces(pixels)
    return engine.encode_faces(pixels, (face,))[0]


def test_one_face_is_found_in_every_portrait(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    assert [len(engine.detect_faces(pixels_of(name))) for name in NAMES] == [1] * 5


def test_portraits_of_one_person_are_close_and_of_two_far(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    encodings = {name: _encoding(engine, pixels_of(name)) for name in NAMES}
    for one, other in combinations(NAMES, 2):
        distance = float(np.linalg.norm(encodings[one] - encodings[other]))
        if "biden" in {one, other}:
            assert 0.75 < distance < 0.95, (one, other)
        else:
            assert 0.15 < distance < 0.45, (one, other)


def test_encoding_is_dlibs_own(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    pixels = pixels_of("obama2")
    (face,) = engine.detect_faces(pixels)
    box = dlib.rectangle(face.box.left, face.box.top, face.box.right - 1, face.box.bottom - 1)
    shape = dlib.shape_predictor(str(checked_weights(LANDMARK_WEIGHTS)))(pixels, box)
    network = dlib.face_recognition_model_v1(str(checked_weights(DESCRIPTOR_WEIGHTS)))
    expected = np.array(network.compute_face_descriptor(pixels, shape))
    found = engine.encode_faces(pixels, (face,))[0]
    assert np.abs(found - expected).max() < 1e-5
    assert tuple((point.x, point.y) for point in shape.parts()) == face.landmarks


def test_same_pixels_give_the_same_faces(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    pixels = scenes.people(pixels_of("obama2"), pixels_of("biden"))
    first, second = engine.detect_faces(pixels), engine.detect_faces(pixels)
    assert first == second
    assert len(first) == 2
    encoded = [engine.encode_faces(pixels, first) for _ in range(2)]
    assert np.array_equal(encoded[0], encoded[1])


def test_shapes_hold_without_any_face(engine: FaceEngine) -> None:
    wall = scenes.wall()
    assert engine.detect_faces(wall) == ()
    assert engine.encode_faces(wall, ()).shape == (0, 128)
    assert engine.encode_faces(wall, ()).dtype == np.float32
    assert engine.align_faces(wall, ()).shape == (0, 150, 150, 3)


def test_chips_are_what_the_network_wants(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    pixels = pixels_of("biden")
    chips = engine.align_faces(pixels, engine.detect_faces(pixels))
    assert (chips.shape, chips.dtype) == ((1, 150, 150, 3), np.uint8)


def test_small_and_huge_pictures_give_the_same_face(
    engine: FaceEngine, pixels_of: PixelsOf
) -> None:
    frame = scenes.people(pixels_of("obama2"))
    huge = frame.repeat(6, axis=0).repeat(6, axis=1)
    (small_face,), (huge_face,) = engine.detect_faces(frame), engine.detect_faces(huge)
    assert huge_face.box.left == pytest.approx(6 * small_face.box.left, abs=120)
    assert huge_face.box.width == pytest.approx(6 * small_face.box.width, rel=0.25)
    distance = np.linalg.norm(_encoding(engine, frame) - _encoding(engine, huge))
    assert distance < 0.2


@pytest.mark.parametrize("shape", [(64, 30_000), (30_000, 64), (64, 64)])
def test_odd_shapes_are_searched(engine: FaceEngine, shape: tuple[int, int]) -> None:
    assert engine.detect_faces(np.full((*shape, 3), 128, np.uint8)) == ()


def test_engine_id_names_weights_and_pipeline(engine: FaceEngine) -> None:
    name, weights, pipeline = engine.engine_id.split("-")
    assert (name, len(weights), pipeline) == ("dlib", 12, "p1")


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="'caffe'"):
        load_engine("caffe")
