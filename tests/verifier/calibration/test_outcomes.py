"""Each pair goes through the path that judges exam frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import pictures, scenes
from tests.verifier.calibration.pair_lists import write_pair_list
from verifier import FaceEngine, MatchPolicy, Verdict, decode_image, verify_image
from verifier.calibration.outcomes import PairOutcome, enrol_for_calibration, run_pairs
from verifier.calibration.pair_list import PairList, read_pair_list
from verifier.faces import Chips, DetectedFace, Encodings, Pixels
from verifier.look import Look

PixelsOf = Callable[[str], NDArray[np.uint8]]


class ListeningEngine:
    """The real engine, noting what it is asked."""

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self.asked: list[tuple[str, bytes, Look]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def detect_faces(self, pixels: Pixels, look: Look) -> tuple[DetectedFace, ...]:
        self.asked.append(("where", pixels.tobytes(), look))
        return self._engine.detect_faces(pixels, look)

    def encode_chips(self, chips: Chips, look: Look) -> Encodings:
        self.asked.append(("who", chips.tobytes(), look))
        return self._engine.encode_chips(chips, look)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairList:
    return read_pair_list(write_pair_list(tmp_path_factory.mktemp("pairs")))


@pytest.fixture(scope="module")
def outcomes(engine: FaceEngine, policy: MatchPolicy, pairs: PairList) -> list[PairOutcome]:
    return list(run_pairs(engine, policy, pairs))


def test_outcomes_stand_in_the_lists_order_with_its_labels(
    outcomes: list[PairOutcome], pairs: PairList
) -> None:
    assert [(o.path_a, o.path_b, o.same, o.group) for o in outcomes] == [
        (str(p.path_a), str(p.path_b), p.same, p.group) for p in pairs.pairs
    ]


def test_undetected_face_is_told_by_side(outcomes: list[PairOutcome]) -> None:
    assert [(o.undetected_a, o.undetected_b) for o in outcomes] == [
        (False, False), (False, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip
    assert [o.distance is None for o in outcomes] == [False, True, True, False, False]
    assert [o.verdict for o in outcomes] == [
        Verdict.MATCH, Verdict.NO_FACE, None, Verdict.MISMATCH, Verdict.MISMATCH,
    ]  # fmt: skip


def test_distance_is_the_production_paths_own(
    engine: FaceEngine, policy: MatchPolicy, pairs: PairList, outcomes: list[PairOutcome]
) -> None:
    reference = enrol_for_calibration(engine, decode_image(pairs.read(Path("obama.jpg"))))
    result = verify_image(engine, policy, pairs.read(Path("biden.jpg")), reference)
    assert outcomes[3].distance == result.as_dict()["distance"]


def test_nothing_is_looked_for_or_encoded_twice(
    engine: FaceEngine, policy: MatchPolicy, pairs: PairList, outcomes: list[PairOutcome]
) -> None:
    listening = ListeningEngine(engine)
    assert list(run_pairs(listening, policy, pairs)) == outcomes
    assert len(listening.asked) > len(pairs.images())
    assert len(set(listening.asked)) == len(listening.asked)


def test_most_central_face_is_enrolled(engine: FaceEngine, pixels_of: PixelsOf) -> None:
    frame = scenes.people(pixels_of("obama2"), pixels_of("biden"))
    boxes = sorted(engine.detect_faces(frame), key=lambda face: face.box.left)
    assert len(boxes) == 2
    for index in range(2):
        centre = boxes[index].box.left + boxes[index].box.width // 2
        half = 320
        shifted = cv2.copyMakeBorder(frame, 0, 0, half, half, cv2.BORDER_REPLICATE)
        centred = np.ascontiguousarray(shifted[:, centre : centre + 2 * half])
        image = decode_image(pictures.png(centred))
        rows = engine.encode_faces(centred, engine.detect_faces(centred))
        expected = min(
            zip(engine.detect_faces(centred), rows, strict=True),
            key=lambda found: abs(found[0].box.left + found[0].box.width / 2 - half),
        )[1]
        reference = enrol_for_calibration(engine, image)
        assert reference.shape == (1, 128)
        assert np.allclose(reference[0], expected)


def test_picture_too_poor_to_enrol_in_production_is_measured(
    engine: FaceEngine, policy: MatchPolicy, tmp_path: Path, pixels_of: PixelsOf
) -> None:
    blurred = scenes.blurred(scenes.people(pixels_of("obama2")), 3)
    path = write_pair_list(
        tmp_path,
        [("blurred.jpg", "obama.jpg", "1", ""), ("blurred.jpg", "biden.jpg", "0", "")],
    )
    (tmp_path / "blurred.jpg").write_bytes(pictures.jpeg(blurred))
    outcomes = list(run_pairs(engine, policy, read_pair_list(path)))
    assert outcomes[0].distance < outcomes[1].distance


def test_owners_own_large_pictures_are_read(
    engine: FaceEngine, policy: MatchPolicy, tmp_path: Path
) -> None:
    path = write_pair_list(
        tmp_path, [("obama.jpg", "studio.jpg", "1", ""), ("obama.jpg", "biden.jpg", "0", "")]
    )
    (tmp_path / "studio.jpg").write_bytes(pictures.jpeg(np.full((4664, 6988, 3), 90, np.uint8)))
    first, _ = run_pairs(engine, policy, read_pair_list(path))
    assert first.undetected_b
