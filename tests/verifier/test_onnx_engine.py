"""The engine exams run on finds who is there and says the same of a face however it looks."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

import verifier.onnx_engine
from clients.simulator.portraits import PORTRAIT_NAMES
from tests.verifier import scenes
from tests.verifier.pictures import Picture
from verifier import FaceEngine, WeightsError
from verifier.cnn_detector import CnnDetector, Detection
from verifier.detection_cascade import LONGEST_EDGE_PX, MAX_FACES
from verifier.faces import DetectedFace
from verifier.look import Look
from verifier.onnx_engine import PIPELINE_VERSION, USUAL_LENGTH, OnnxEngine
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    DETECTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    TINY_DETECTOR_MANIFEST,
    TINY_DETECTOR_WEIGHTS,
    WeightsFile,
    checked_weights,
    copied_weights_folder,
    engine_id_of,
    weights_folder,
)

PixelsOf = Callable[[str], NDArray[np.uint8]]
NAMES = [name.removesuffix(".jpg") for name in PORTRAIT_NAMES]
AVERAGED = (Look.MIRRORED, Look.CLOSE, Look.THOROUGH)


@pytest.fixture(scope="module")
def person(pixels_of: PixelsOf) -> Picture:
    """One person before a wall; the face is 120 px wide and begins at column 77, row 135."""
    return scenes.people(pixels_of("obama2"))


@pytest.fixture(scope="module")
def two(pixels_of: PixelsOf) -> Picture:
    return scenes.people(pixels_of("obama2"), pixels_of("biden"))


@pytest.fixture(scope="module")
def reference(engine: FaceEngine, person: Picture) -> NDArray[np.float32]:
    (row,) = engine.encode_faces(person, engine.detect_faces(person))
    return np.asarray(row)


def _at(person: Picture, height: int) -> Picture:
    """Return a frame in which the person is so many pixels high."""
    frame = np.full((scenes.HEIGHT, scenes.WIDTH, 3), 120, np.uint8)
    width = round(290 * height / scenes.HEIGHT)
    small = cv2.resize(person[:, :290], (width, height), interpolation=cv2.INTER_AREA)
    frame[-height:, 100 : 100 + width] = small
    return frame


def _tilted(person: Picture, degrees: float) -> Picture:
    turn = cv2.getRotationMatrix2D((145, 200), degrees, 1)
    size = (scenes.WIDTH, scenes.HEIGHT)
    return np.asarray(cv2.warpAffine(person, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _masked(person: Picture) -> Picture:
    """Return the person with the mouth and chin behind something white."""
    frame = person.copy()
    frame[222:270, 75:200] = (200, 200, 210)
    return frame


def _at_the_border(person: Picture) -> Picture:
    """Return the person so far left that a quarter of the face is missing."""
    frame = np.full_like(person, 120)
    frame[:, : scenes.WIDTH - 107] = person[:, 107:]
    return frame


def _is_at(face: DetectedFace, size_px: int, centre: tuple[int, int]) -> bool:
    """Tell whether the face has about this size and lies within a third of it."""
    across = face.box.left + face.box.width / 2 - centre[0]
    down = face.box.top + face.box.height / 2 - centre[1]
    return bool(np.hypot(across, down) < size_px / 3) and 0.6 < face.box.size_px / size_px < 1.6


HARD: dict[str, Callable[[Picture], Picture]] = {
    "small": lambda person: _at(person, 220),
    "dark": lambda person: scenes.dimmed(person, 0.05),
    "tilted to one side": lambda person: _tilted(person, 35),
    "tilted to the other": lambda person: _tilted(person, -35),
    "partly covered": _masked,
    "at the border": _at_the_border,
    "blurred": lambda person: scenes.blurred(person, 3.0),
}


@pytest.mark.parametrize("look", [Look.CLOSE, Look.THOROUGH])
@pytest.mark.parametrize("name", HARD)
def test_face_that_is_hard_to_see_is_found_where_it_is(
    engine: FaceEngine, person: Picture, reference: NDArray[np.float32], name: str, look: Look
) -> None:
    frame = HARD[name](person)
    faces = engine.detect_faces(frame, look)
    assert len(faces) == 1
    distance = np.linalg.norm(engine.encode_faces(frame, faces, look)[0] - reference)
    assert distance < 0.45


@pytest.mark.parametrize(
    ("size_px", "centre"),
    [
        pytest.param(45, (250, 300), id="of 45 px"),
        pytest.param(150, (320, 30), id="cut by the top"),
        pytest.param(150, (320, 450), id="cut by the bottom"),
        pytest.param(150, (30, 220), id="cut by the left"),
    ],
)
def test_face_in_a_room_is_found_by_a_close_look(
    engine: FaceEngine, pixels_of: PixelsOf, size_px: int, centre: tuple[int, int]
) -> None:
    portrait = pixels_of("obama2")
    (whole,) = engine.detect_faces(portrait)
    frame = scenes.placed(scenes.room(), portrait, whole.box, size_px, centre)
    (face,) = engine.detect_faces(frame, Look.CLOSE)
    assert _is_at(face, size_px, centre)


def test_far_helper_is_seen_at_a_glance(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    frame = scenes.room()
    people = (("obama2", 180, (220, 230)), ("biden", 80, (540, 160)))
    for name, size_px, centre in people:
        (whole,) = engine.detect_faces(pixels_of(name))
        frame = scenes.placed(frame, pixels_of(name), whole.box, size_px, centre)
    found = sorted(engine.detect_faces(frame, Look.GLANCE), key=lambda face: face.box.left)
    assert len(found) == 2
    for face, (_, size_px, centre) in zip(found, people, strict=True):
        assert _is_at(face, size_px, centre)


def test_nobody_is_found_where_nobody_is(engine: FaceEngine) -> None:
    for look in Look:
        assert engine.detect_faces(scenes.wall(), look) == ()
        assert engine.detect_faces(scenes.room(), look) == ()
        assert engine.detect_faces(scenes.dimmed(scenes.room(), 0.1), look) == ()


@pytest.mark.parametrize("look", list(Look))
def test_two_people_are_two_faces_with_rows_in_their_order(
    engine: FaceEngine, two: Picture, reference: NDArray[np.float32], look: Look
) -> None:
    faces = engine.detect_faces(two, look)
    assert len(faces) == 2
    rows = engine.encode_faces(two, faces, look)
    by_place = sorted(zip(faces, rows, strict=True), key=lambda pair: pair[0].box.left)
    distances = [float(np.linalg.norm(row - reference)) for _, row in by_place]
    assert distances[0] < 0.2
    assert distances[1] > 0.7
    turned_round = engine.encode_faces(two, faces[::-1], look)
    assert turned_round == pytest.approx(rows[::-1], abs=1e-6)
    chips = engine.align_faces(two, faces)
    assert np.array_equal(engine.align_faces(two, faces[::-1]), chips[::-1])


def test_surest_face_comes_first_even_if_only_a_second_glance_saw_it(
    engine: FaceEngine, person: Picture, pixels_of: PixelsOf
) -> None:
    frame = _at_the_border(person)
    small = cv2.resize(pixels_of("biden")[:1100], None, fx=0.14, fy=0.14)
    frame[300 : 300 + small.shape[0], 400 : 400 + small.shape[1]] = small
    for look in (Look.CLOSE, Look.THOROUGH):
        faces = engine.detect_faces(frame, look)
        assert len(faces) == 2
        assert faces[0].detector_score >= faces[1].detector_score


def test_same_pixels_give_the_same_faces_and_rows(engine: FaceEngine, two: Picture) -> None:
    def seen(by: FaceEngine, look: Look) -> tuple[tuple[DetectedFace, ...], NDArray[np.float32]]:
        faces = by.detect_faces(two, look)
        return faces, by.encode_faces(two, faces, look)

    first = {look: seen(engine, look) for look in Look}
    other = OnnxEngine()
    for look in reversed(Look):
        for by in (engine, other):
            faces, rows = seen(by, look)
            assert faces == first[look][0]
            assert np.array_equal(rows, first[look][1])


@pytest.mark.parametrize("name", NAMES)
def test_looks_agree_on_a_face(engine: FaceEngine, pixels_of: PixelsOf, name: str) -> None:
    pixels = pixels_of(name)
    rows = {}
    for look in Look:
        (face,) = engine.detect_faces(pixels, look)
        rows[look] = engine.encode_faces(pixels, (face,), look)[0]
    for one, other in combinations(AVERAGED, 2):
        assert np.linalg.norm(rows[one] - rows[other]) < 0.1, (one, other)
    for look in AVERAGED:  # A glance encodes one chip; that alone costs up to 0.12.
        assert np.linalg.norm(rows[Look.GLANCE] - rows[look]) < 0.16, look


def test_every_encoding_has_nearly_the_usual_length(engine: FaceEngine, two: Picture) -> None:
    for look in Look:
        rows = engine.encode_faces(two, engine.detect_faces(two, look), look)
        assert rows.dtype == np.float32
        assert np.linalg.norm(rows, axis=1) == pytest.approx(USUAL_LENGTH, rel=0.05)


def test_length_of_an_encoding_is_drawn_towards_the_usual_one(engine: FaceEngine) -> None:
    assert engine.encoding_length(USUAL_LENGTH) == USUAL_LENGTH == 1.43
    assert engine.encoding_length(1.2) == pytest.approx(1.43 * (1.2 / 1.43) ** 0.25)


def test_encodings_of_darkness_are_finite(engine: FaceEngine) -> None:
    black = np.zeros((1, 150, 150, 3), np.uint8)
    assert np.isfinite(engine.encode_chips(black, Look.GLANCE)).all()


def test_a_close_look_averages_its_chips_and_a_glance_does_not(
    engine: FaceEngine, person: Picture
) -> None:
    chips = engine.align_faces(person, engine.detect_faces(person))
    mirrored = np.ascontiguousarray(chips[:, :, ::-1])

    def shift_by_mirroring(look: Look) -> float:
        return float(
            np.abs(engine.encode_chips(chips, look) - engine.encode_chips(mirrored, look)).max()
        )

    assert shift_by_mirroring(Look.GLANCE) > 1e-2
    assert shift_by_mirroring(Look.MIRRORED) < 1e-5


def test_buffer_that_is_used_again_gets_an_encoding_of_its_own(engine: FaceEngine) -> None:
    buffer = np.random.default_rng(1).integers(0, 256, (1, 150, 150, 3), np.uint8)
    before = engine.encode_chips(buffer, Look.GLANCE)
    buffer[:] = 255 - buffer
    found = engine.encode_chips(buffer, Look.GLANCE)
    assert np.array_equal(found, engine.encode_chips(buffer.copy(), Look.GLANCE))
    assert np.linalg.norm(found - before) > 0.05


def test_shapes_hold_without_any_face(engine: FaceEngine) -> None:
    wall = scenes.wall()
    assert engine.align_faces(wall, ()).shape == (0, 150, 150, 3)
    for look in Look:
        rows = engine.encode_faces(wall, (), look)
        assert (rows.shape, rows.dtype) == ((0, 128), np.dtype(np.float32))


def test_faces_of_one_picture_are_limited(engine: FaceEngine, person: Picture) -> None:
    face = cv2.resize(person[100:300, 40:240], (110, 110), interpolation=cv2.INTER_AREA)
    crowd = np.tile(np.asarray(face, np.uint8), (8, 10, 1))
    faces = engine.detect_faces(crowd, Look.THOROUGH)
    assert len(faces) == MAX_FACES


@pytest.mark.parametrize("shape", [(64, 300_000), (300_000, 64), (64, 64), (64, 20_000)])
def test_odd_shapes_are_searched(engine: FaceEngine, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 128, np.uint8)
    for look in (Look.GLANCE, Look.CLOSE, Look.THOROUGH):
        assert engine.detect_faces(picture, look) == ()


@pytest.mark.parametrize("shape", [(64, 100_000), (100_000, 64)])
def test_ribbon_is_searched_as_a_smaller_ribbon(
    engine: FaceEngine, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int]
) -> None:
    searched: list[tuple[int, ...]] = []
    search = CnnDetector.search

    def noted(detector: CnnDetector, pixels: Picture) -> tuple[Detection, ...]:
        searched.append(pixels.shape)
        return search(detector, pixels)

    monkeypatch.setattr(CnnDetector, "search", noted)
    engine.detect_faces(np.full((*shape, 3), 128, np.uint8), Look.THOROUGH)
    assert [max(seen) for seen in searched] == [LONGEST_EDGE_PX]


def test_face_in_a_panorama_is_found(engine: FaceEngine, person: Picture) -> None:
    panorama = np.hstack([person[:, 300:]] * 6 + [person] + [person[:, 300:]] * 6)
    (face,) = engine.detect_faces(panorama, Look.THOROUGH)
    assert face.box.left == pytest.approx(6 * 340 + 77, abs=30)


def test_engine_id_names_pipeline_and_every_file_of_weights(
    engine: FaceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, weights, pipeline = engine.engine_id.split("-")
    assert (name, len(weights), pipeline) == ("onnx", 12, PIPELINE_VERSION)
    monkeypatch.setattr(verifier.onnx_engine, "PIPELINE_VERSION", "o0")
    assert OnnxEngine().engine_id == f"onnx-{weights}-o0"


def test_engine_id_changes_with_any_weights(engine: FaceEngine) -> None:
    files = (
        LANDMARK_WEIGHTS,
        TINY_DETECTOR_WEIGHTS,
        TINY_DETECTOR_MANIFEST,
        DETECTOR_WEIGHTS,
        DESCRIPTOR_WEIGHTS,
    )
    assert engine.engine_id == engine_id_of("onnx", PIPELINE_VERSION, *files)
    ids = {engine.engine_id}
    for position, file in enumerate(files):
        others = [*files]
        others[position] = replace(file, sha256=file.sha256[::-1])
        ids.add(engine_id_of("onnx", PIPELINE_VERSION, *others))
    assert len(ids) == 6


FILES = (
    LANDMARK_WEIGHTS,
    DETECTOR_WEIGHTS,
    DESCRIPTOR_WEIGHTS,
    TINY_DETECTOR_WEIGHTS,
    TINY_DETECTOR_MANIFEST,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Links to every file of weights in one folder."""
    copied = {TINY_DETECTOR_WEIGHTS, TINY_DETECTOR_MANIFEST}
    for file in FILES:
        source = copied_weights_folder() if file in copied else weights_folder()
        (tmp_path / file.name).symlink_to(checked_weights(file, source))
    return tmp_path


def test_engine_loads_from_another_folder(folder: Path, engine: FaceEngine) -> None:
    assert OnnxEngine(folder).engine_id == engine.engine_id


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_missing_weights_are_named(folder: Path, file: WeightsFile) -> None:
    (folder / file.name).unlink()
    with pytest.raises(WeightsError, match=file.name) as caught:
        OnnxEngine(folder)
    assert "make install" in str(caught.value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_tampered_weights_are_named(folder: Path, file: WeightsFile) -> None:
    path = folder / file.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="not the trusted one") as caught:
        OnnxEngine(folder)
    assert file.name in str(caught.value)


def test_memory_stays_after_the_first_frames(engine: FaceEngine, person: Picture) -> None:
    process = psutil.Process()

    def look_at(count: int) -> int:
        for number in range(count):
            # Frames of many sizes: memory kept for each size would show.
            frame = np.ascontiguousarray(person[: 300 + number % 90 * 2, : 300 + number % 70 * 2])
            look = Look.CLOSE if number % 25 == 0 else Look.GLANCE
            engine.encode_faces(frame, engine.detect_faces(frame, look), look)
        return process.memory_info().rss

    after_the_first = look_at(50)
    assert look_at(300) < after_the_first * 1.05
