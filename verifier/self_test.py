"""Known answers: whether the loaded engine still computes what it must.

Builds of dlib have silently returned wrong descriptors. Readiness and the command line run this
before anybody is judged; it takes a tenth of a second.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.drawn_face import EDGE_PX, draw_face
from verifier.engine import FaceEngine
from verifier.faces import Box, DetectedFace, Encodings
from verifier.known_answers import (
    DRAWN_ENCODING,
    DRAWN_FACE,
    OTHER_DRAWING,
    OTHER_FACE,
    OTHER_UNIT_DISTANCE,
)
from verifier.look import Look

ENCODING_TOLERANCE = 2e-3
"""Largest difference of any of the 128 values, the known ones scaled to the engine's length.
Flipping the lowest bit of a third of the picture's rows moves them by 9e-4, swapping red and blue
by 3e-2; engines differ by 3e-7."""

DISTANCE_TOLERANCE = 5e-3
"""Difference of the distance between the two drawings."""

LANDMARK_TOLERANCE_PX = 8.0
"""Engines with another detector box the face otherwise and move its landmarks; the eyes of the
drawing are 78 px apart."""

MIN_OVERLAP = 0.4
"""Intersection over union of found and known box; two detectors frame a face differently."""

MAX_LOOKS_APART = 0.15
"""Distance between the encodings of one face at a glance and looked at closely."""


@dataclass(frozen=True)
class SelfTestCheck:
    """One question and how far the answer was off."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class SelfTestReport:
    """All checks of one engine."""

    engine_id: str
    checks: tuple[SelfTestCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed; only then may the engine judge anybody."""
        return all(check.passed for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        return {
            "passed": self.passed,
            "engine_id": self.engine_id,
            "checks": [
                {"name": check.name, "passed": check.passed, "detail": check.detail}
                for check in self.checks
            ],
        }


def run_self_test(engine: FaceEngine) -> SelfTestReport:
    """Return whether detection, landmarks and encodings are those of the pinned weights.

    The encodings are asked for at known landmarks, so that they tell about the descriptor
    alone, whichever detector an engine has,.
    Distances are compared at length 1, because engines may scale their encodings.
    """
    return SelfTestReport(
        engine_id=engine.engine_id,
        checks=(
            _check_blank(engine),
            *_check_detection(engine, Look.GLANCE),
            *_check_detection(engine, Look.CLOSE),
            *_check_encodings(engine),
            _check_looks(engine),
        ),
    )


def _check_blank(engine: FaceEngine) -> SelfTestCheck:
    blank = np.full((EDGE_PX, EDGE_PX, 3), 128, dtype=np.uint8)
    found = engine.detect_faces(blank, Look.CLOSE)
    return SelfTestCheck("blank_has_no_face", not found, f"{len(found)} faces in a grey picture")


def _check_detection(engine: FaceEngine, look: Look) -> tuple[SelfTestCheck, SelfTestCheck]:
    face_found, landmarks = f"face_found_{look}", f"landmarks_{look}"
    found = engine.detect_faces(draw_face(), look)
    if len(found) != 1:
        detail = f"{len(found)} faces in a drawing of one"
        return SelfTestCheck(face_found, False, detail), SelfTestCheck(landmarks, False, detail)
    overlap = _overlap(found[0].box, DRAWN_FACE.box)
    shift = _landmark_shift_px(found[0], DRAWN_FACE)
    return (
        SelfTestCheck(face_found, overlap >= MIN_OVERLAP, f"overlap {overlap:.3f}"),
        SelfTestCheck(landmarks, shift <= LANDMARK_TOLERANCE_PX, f"off by {shift:.1f} px"),
    )


def _check_encodings(engine: FaceEngine) -> tuple[SelfTestCheck, SelfTestCheck]:
    encoding = engine.encode_faces(draw_face(), (DRAWN_FACE,), Look.GLANCE)
    other = engine.encode_faces(draw_face(**OTHER_DRAWING), (OTHER_FACE,), Look.GLANCE)
    if encoding.shape != (1, 128) or other.shape != (1, 128):
        detail = f"shapes {encoding.shape} and {other.shape}, expected (1, 128)"
        return SelfTestCheck("encoding", False, detail), SelfTestCheck("distance", False, detail)
    known = np.array(DRAWN_ENCODING)
    length = float(np.linalg.norm(known))
    known *= engine.encoding_length(length) / length
    off = float(np.abs(encoding[0] - known).max())
    between = _unit(encoding[0]) - _unit(other[0])
    distance_off = abs(float(np.linalg.norm(between)) - OTHER_UNIT_DISTANCE)
    # Written so that a NaN, which compares false with everything, fails.
    return (
        SelfTestCheck("encoding", off <= ENCODING_TOLERANCE, f"off by {off:.1e}"),
        SelfTestCheck("distance", distance_off <= DISTANCE_TOLERANCE, f"off by {distance_off:.1e}"),
    )


def _check_looks(engine: FaceEngine) -> SelfTestCheck:
    """Tell whether averaged encodings are still those of the same face."""
    looks = (Look.GLANCE, Look.MIRRORED, Look.CLOSE)
    rows = [engine.encode_faces(draw_face(), (DRAWN_FACE,), look)[0] for look in looks]
    apart = max(float(np.linalg.norm(row - rows[0])) for row in rows)
    return SelfTestCheck("looks", apart <= MAX_LOOKS_APART, f"{apart:.3f} apart")


def _unit(encoding: Encodings) -> Encodings:
    return encoding / max(float(np.linalg.norm(encoding)), 1e-9)


def _overlap(one: Box, other: Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def _landmark_shift_px(one: DetectedFace, other: DetectedFace) -> float:
    moved = np.array(one.landmarks, np.float64) - np.array(other.landmarks, np.float64)
    return float(np.linalg.norm(moved, axis=1).max())
