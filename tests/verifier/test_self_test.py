"""The self-test passes for the right engine and for no other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from verifier import Box, DetectedFace, FaceEngine, run_self_test
from verifier.drawn_face import draw_face
from verifier.faces import Chips, Encodings, Pixels


class TamperedEngine:
    """The real engine with one thing wrong."""

    def __init__(
        self,
        engine: FaceEngine,
        *,
        see: Callable[[Pixels], Pixels] = lambda pixels: pixels,
        find: Callable[[tuple[DetectedFace, ...]], tuple[DetectedFace, ...]] = lambda faces: faces,
        encode: Callable[[Encodings], Encodings] = lambda rows: rows,
    ) -> None:
        self._engine, self._see, self._find, self._encode = engine, see, find, encode
        self.engine_id = f"tampered-{engine.engine_id}"

    def detect_faces(self, pixels: Pixels) -> tuple[DetectedFace, ...]:
        return self._find(self._engine.detect_faces(pixels))

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        return self._engine.align_faces(pixels, faces)

    def encode_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Encodings:
        return self._encode(self._engine.encode_faces(self._see(pixels), faces))


def _moved(faces: tuple[DetectedFace, ...]) -> tuple[DetectedFace, ...]:
    return tuple(
        replace(face, landmarks=tuple((x + 15, y) for x, y in face.landmarks)) for face in faces
    )


def _elsewhere(faces: tuple[DetectedFace, ...]) -> tuple[DetectedFace, ...]:
    return tuple(replace(face, box=Box(0, 0, 60, 60)) for face in faces)


def _always(_: tuple[DetectedFace, ...]) -> tuple[DetectedFace, ...]:
    return (DetectedFace(Box(0, 0, 90, 90), 1.0, "hog", ((1, 1),) * 5),)


TAMPERED = {
    "red and blue swapped": ({"see": lambda p: np.ascontiguousarray(p[..., ::-1])}, "encoding"),
    "values scaled": ({"encode": lambda rows: rows * np.float32(1.02)}, "encoding"),
    "one value off": ({"encode": lambda rows: rows + np.eye(1, 128, 60) * 0.01}, "encoding"),
    "values reordered": ({"encode": lambda rows: rows[:, ::-1]}, "encoding"),
    "not a number": ({"encode": lambda rows: rows * np.nan}, "encoding"),
    "wrong length": ({"encode": lambda rows: rows[:, :64]}, "encoding"),
    "always the same": ({"see": lambda p: draw_face()}, "distance"),
    "blind": ({"find": lambda faces: ()}, "face_found"),
    "sees double": ({"find": lambda faces: faces * 2}, "face_found"),
    "sees elsewhere": ({"find": _elsewhere}, "face_found"),
    "landmarks moved": ({"find": _moved}, "landmarks"),
    "sees faces everywhere": ({"find": _always}, "blank_has_no_face"),
}


def test_real_engine_passes(engine: FaceEngine) -> None:
    report = run_self_test(engine)
    assert report.passed, report.as_dict()
    assert report.engine_id == engine.engine_id
    assert len(report.checks) == 5


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_engine_fails(engine: FaceEngine, name: str) -> None:
    change, check = TAMPERED[name]
    report = run_self_test(TamperedEngine(engine, **change))
    assert not report.passed
    assert check in {item.name for item in report.checks if not item.passed}


def test_drawing_is_the_same_every_time() -> None:
    assert np.array_equal(draw_face(), draw_face())
    assert not np.array_equal(draw_face(), draw_face(eye_gap_px=30.0))
