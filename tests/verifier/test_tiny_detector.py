"""The cheap detector tells where to look; its values are read only as their manifest says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import PORTRAIT_NAMES
from tests.verifier import scenes
from tests.verifier.pictures import Picture
from verifier import FaceEngine
from verifier.tiny_detector import (
    MAX_CANDIDATES,
    MAX_OVERLAP,
    TinyDetector,
    TinyWeightsInvalid,
    read_values,
)
from verifier.weights import TINY_DETECTOR_MANIFEST, TINY_DETECTOR_WEIGHTS, copied_weights_folder

PixelsOf = Callable[[str], NDArray[np.uint8]]

NAMES = [name.removesuffix(".jpg") for name in PORTRAIT_NAMES]
PIXELS = 320 * 240


@pytest.fixture(scope="module")
def files() -> tuple[Path, Path]:
    folder = copied_weights_folder()
    return folder / TINY_DETECTOR_WEIGHTS.name, folder / TINY_DETECTOR_MANIFEST.name


@pytest.fixture(scope="module")
def detector(files: tuple[Path, Path]) -> TinyDetector:
    return TinyDetector(*files)


@pytest.mark.parametrize("name", NAMES)
def test_face_of_a_portrait_is_found_where_the_strong_detector_sees_it(
    detector: TinyDetector, engine: FaceEngine, pixels_of: PixelsOf, name: str
) -> None:
    pixels = pixels_of(name)
    (found,) = detector.detect(pixels, 0.3, PIXELS)
    box = engine.detect_faces(pixels)[0].box
    assert 0.3 < found.score < 1
    across = found.left + found.width / 2 - box.left - box.width / 2
    down = found.top + found.height / 2 - box.top - box.height / 2
    assert abs(across) < box.width / 4
    assert abs(down) < box.height / 3
    assert 0.7 < found.width / box.width < 1.5
    assert 0.7 < found.height / box.height < 1.8


def test_box_is_the_same_part_of_the_picture_at_every_size(
    detector: TinyDetector, pixels_of: PixelsOf
) -> None:
    frame = scenes.people(pixels_of("biden"))
    double = frame.repeat(2, axis=0).repeat(2, axis=1)
    (one,), (other,) = (detector.detect(pixels, 0.3, PIXELS) for pixels in (frame, double))
    assert (other.left, other.top, other.width, other.height) == pytest.approx(
        (2 * one.left, 2 * one.top, 2 * one.width, 2 * one.height), abs=8
    )


def test_sure_faces_come_first_and_only_once(detector: TinyDetector, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"), pixels_of("biden"))
    found = detector.detect(frame, 0.001, PIXELS)
    scores = [face.score for face in found]
    assert len(found) > 2
    assert scores == sorted(scores, reverse=True)
    assert all(0.001 < score < 1 for score in scores)
    for number, face in enumerate(found):
        assert all(face.overlap(other) <= MAX_OVERLAP for other in found[:number])


def test_threshold_keeps_the_surer_ones(detector: TinyDetector, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"), pixels_of("biden"))
    many, few = (detector.detect(frame, threshold, PIXELS) for threshold in (0.001, 0.5))
    assert few == tuple(face for face in many if face.score > 0.5)
    assert len(few) == 2


@pytest.mark.parametrize("scene", [scenes.wall(), scenes.room()], ids=["wall", "room"])
def test_nobody_is_seen_where_nobody_is(detector: TinyDetector, scene: Picture) -> None:
    assert detector.detect(scene, 0.3, PIXELS) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (64, 30_000), (33, 31)])
def test_odd_shape_of_noise_is_bounded(detector: TinyDetector, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (*shape, 3), np.uint8)
    found = detector.detect(noise, 0.0, PIXELS)
    assert len(found) <= MAX_CANDIDATES
    for face in found:
        assert np.isfinite([face.left, face.top, face.width, face.height]).all()
        assert face.width > 0
        assert face.height > 0


def test_working_copy_of_a_huge_picture_is_small(
    detector: TinyDetector, pixels_of: PixelsOf
) -> None:
    huge = cv2.resize(scenes.people(pixels_of("biden")), (3200, 2400))
    (found,) = detector.detect(huge, 0.3, PIXELS)
    (small,) = detector.detect(scenes.people(pixels_of("biden")), 0.3, PIXELS)
    assert found.width == pytest.approx(5 * small.width, rel=0.05)


def _entry(name: str, shape: list[int], **quantization: Any) -> dict[str, Any]:
    return {"name": name, "shape": shape, "dtype": "float32", "quantization": quantization}


BYTES = {"dtype": "uint8", "scale": 0.5, "min": -1.0}


def test_values_are_scaled_bytes_one_after_the_other() -> None:
    manifest = [{"weights": [_entry("a", [2, 2], **BYTES), _entry("b", [1], **BYTES)]}]
    values = read_values(bytes([0, 2, 4, 255, 3]), manifest)
    assert list(values) == ["a", "b"]
    assert values["a"].tolist() == [[-1.0, 0.0], [1.0, 126.5]]
    assert values["b"].tolist() == [0.5]
    assert values["a"].dtype == np.float32


@pytest.mark.parametrize(
    ("data", "entries", "complaint"),
    [
        (bytes(3), [_entry("a", [2, 2], **BYTES)], "end early"),
        (bytes(5), [_entry("a", [2, 2], **BYTES)], "does not name"),
        (bytes(4), [], "does not name"),
        (bytes(8), [_entry("a", [2, 2], **{**BYTES, "dtype": "uint16"})], "a is not stored"),
        (bytes(16), [{"name": "a", "shape": [2, 2], "dtype": "float32"}], "a is not stored"),
    ],
)
def test_manifest_of_other_values_is_refused(
    data: bytes, entries: list[dict[str, Any]], complaint: str
) -> None:
    with pytest.raises(TinyWeightsInvalid, match=complaint):
        read_values(data, [{"weights": entries}])


def test_real_manifest_fits_the_real_values_and_no_others(files: tuple[Path, Path]) -> None:
    data, manifest = files[0].read_bytes(), json.loads(files[1].read_text("utf-8"))
    values = read_values(data, manifest)
    assert sum(value.size for value in values.values()) == len(data)
    assert values["conv8/filters"].shape == (1, 1, 512, 25)
    for damaged in (data[:-1], data + b"\x00"):
        with pytest.raises(TinyWeightsInvalid):
            read_values(damaged, manifest)
