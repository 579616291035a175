"""Known answers: whether the loaded engine still computes what it must.

Builds of dlib have silently returned wrong descriptors. Readiness and the command line run this
before anybody is judged; it takes about half a second.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.drawn_face import EDGE_PX, draw_face
from verifier.engine import FaceEngine
from verifier.faces import Box, DetectedFace
from verifier.known_answers import (
    DRAWN_ENCODING,
    DRAWN_FACE,
    OTHER_DISTANCE,
    OTHER_DRAWING,
    OTHER_FACE,
)

ENCODING_TOLERANCE = 2e-3
"""Largest difference of any of the 128 values. Flipping the lowest bit of a third of the
picture's rows moves them by 9e-4, swapping red and blue by 3e-2; engines differ by 3e-7."""

DISTANCE_TOLERANCE = 5e-3
"""Difference of the distance between the two drawings."""

LANDMARK_TOLERANCE_PX = 8.0
"""Engines with another detector box the face otherwise and move its landmarks; the eyes of the
drawing are 78 px apart."""

MIN_OVERLAP = 0.5
"""Intersection over union of found and known box."""


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
    alone, whichever detector an engine has.
    """
    return SelfTestReport(
        engine_id=engine.engine_id,
        checks=(_check_blank(engine), *_check_detection(engine), *_check_encodings(engine)),
    )


def _check_blank(engine: FaceEngine) -> SelfTestCheck:
    found = engine.detect_faces(np.full((EDGE_PX, EDGE_PX, 3), 128, dtype=np.uint8))
    return SelfTestCheck("blank_has_no_face", not found, f"{len(found)} faces in a grey picture")


def _check_detection(engine: FaceEngine) -> tuple[SelfTestCheck, SelfTestCheck]:
    found = engine.detect_faces(draw_face())
    if len(found) != 1:
        detail = f"{len(found)} faces in a drawing of one"
        return SelfTestCheck("face_found", False, detail), SelfTestCheck("landmarks", False, detail)
    overlap = _overlap(found[0].box, DRAWN_FACE.box)
    shift = _landmark_shift_px(found[0], DRAWN_FACE)
    return (
        SelfTestCheck("face_found", overlap >= MIN_OVERLAP, f"overlap {overlap:.3f}"),
        SelfTestCheck("landmarks", shift <= LANDMARK_TOLERANCE_PX, f"off by {shift:.1f} px"),
    )


def _check_encodings(engine: FaceEngine) -> tuple[SelfTestCheck, SelfTestCheck]:
    encoding = engine.encode_faces(draw_face(), (DRAWN_FACE,))
    other = engine.encode_faces(draw_face(**OTHER_DRAWING), (OTHER_FACE,))
    if encoding.shape != (1, 128) or other.shape != (1, 128):
        detail = f"shapes {encoding.shape} and {other.shape}, expected (1, 128)"
        return SelfTestCheck("encoding", False, detail), SelfTestCheck("distance", False, detail)
    off = float(np.abs(encoding[0] - np.array(DRAWN_ENCODING)).max())
    distance = float(np.linalg.norm(encoding[0] - other[0]))
    distance_off = abs(distance - OTHER_DISTANCE)
    # Written so that a NaN, which compares false with everything, fails.
    return (
        SelfTestCheck("encoding", off <= ENCODING_TOLERANCE, f"off by {off:.1e}"),
        SelfTestCheck("distance", distance_off <= DISTANCE_TOLERANCE, f"off by {distance_off:.1e}"),
    )


def _overlap(one: Box, other: Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0) * max(height, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def _landmark_shift_px(one: DetectedFace, other: DetectedFace) -> float:
    moved = np.array(one.landmarks, np.float64) - np.array(other.landmarks, np.float64)
    return float(np.linalg.norm(moved, axis=1).max())
