"""The self-test passes for the right engine and for no other."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from verifier import Box, DetectedFace, FaceEngine, load_engine, run_self_test
from verifier.drawn_face import draw_face
from verifier.engine import ENGINE_NAMES
from verifier.faces import Chips, Encodings, Pixels
from verifier.look import Look


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
        self.encoding_length = engine.encoding_length

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        return self._find(self._engine.detect_faces(pixels, look))

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        return self._engine.align_faces(pixels, faces)

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        return self._encode(self._engine.encode_faces(self._see(pixels), faces, look))


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
    "blind": ({"find": lambda faces: ()}, "face_found_close"),
    "sees double": ({"find": lambda faces: faces * 2}, "face_found_close"),
    "sees elsewhere": ({"find": _elsewhere}, "face_found_close"),
    "landmarks moved": ({"find": _moved}, "landmarks_glance"),
    "sees faces everywhere": ({"find": _always}, "blank_has_no_face"),
}


@pytest.mark.parametrize("name", ENGINE_NAMES)
def test_real_engine_passes(name: str) -> None:
    engine = load_engine(name)
    report = run_self_test(engine)
    assert report.passed, report.as_dict()
    assert report.engine_id == engine.engine_id
    assert len(report.checks) == 8


def test_averaged_encodings_of_another_face_fail(engine: FaceEngine) -> None:
    class Averaging(TamperedEngine):
        def encode_faces(
            self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
        ) -> Encodings:
            rows = super().encode_faces(pixels, faces, look)
            return rows if look is Look.GLANCE else rows[:, ::-1]

    failed = [item.name for item in run_self_test(Averaging(engine)).checks if not item.passed]
    assert failed == ["looks"]


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_engine_fails(engine: FaceEngine, name: str) -> None:
    change, check = TAMPERED[name]
    report = run_self_test(TamperedEngine(engine, **change))
    assert not report.passed
    assert check in {item.name for item in report.checks if not item.passed}


def test_drawing_is_the_same_every_time() -> None:
    assert np.array_equal(draw_face(), draw_face())
    assert not np.array_equal(draw_face(), draw_face(eye_gap_px=30.0))
