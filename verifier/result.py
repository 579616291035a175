"""The answer for one image, with every number that went into it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.faces import DetectedFace
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, FrameQuality
from verifier.reasons import reasons_as_dicts
from verifier.verdict import Verdict

_SCORE_MIDDLE = 0.55
_SCORE_SLOPE = 12.0


def match_score_of(distance: float) -> float:
    """Return how alike two faces are, 0 to 100, one decimal; higher is closer.

    ``100 / (1 + exp(12 * (distance - 0.55)))``: falling with the distance and the same for every
    policy. The middle of the shipped thresholds is 50; 0.50 gives 64.6, 0.60 gives
    35.4, 0.30 gives 95.3 and 0.80 gives 4.7, so that scores do not collapse to 0 and 100.
    """
    return round(100.0 / (1.0 + math.exp(_SCORE_SLOPE * (distance - _SCORE_MIDDLE))), 1)


@dataclass(frozen=True)
class ComparedFace:
    """One face of the image beside the references."""

    detected: DetectedFace
    distances: tuple[float, ...]
    """To each reference, in their order; empty for faces beyond `MAX_COMPARED_FACES`."""

    is_subject: bool
    """Whether it is the face closest to the references. It may still be somebody else's."""

    @property
    def distance(self) -> float | None:
        """To the closest reference; None if the face was not compared."""
        return min(self.distances, default=None)

    def as_dict(self, image_width: int, image_height: int) -> dict[str, Any]:
        """Return JSON-safe values; boxes are clipped to the picture."""
        box = self.detected.box.clipped(image_width, image_height)
        return {
            "box": box.as_dict(),
            "box_normalized": box.normalised(image_width, image_height),
            "size_px": self.detected.box.size_px,
            "detector": self.detected.detector,
            "detector_score": round(self.detected.detector_score, 4),
            "landmarks": [list(point) for point in self.detected.landmarks],
            "distance": _rounded(self.distance),
            "is_subject": self.is_subject,
        }


@dataclass(frozen=True)
class VerificationResult:
    """Verdict for one image against the references of one subject."""

    verdict: Verdict
    reasons: tuple[str, ...]
    """Codes of `REASONS`; empty for a match in a good picture."""

    policy: MatchPolicy
    engine_id: str
    image_width: int
    image_height: int
    faces: tuple[ComparedFace, ...]
    """Every face found, the detector's surest first."""

    frame_quality: FrameQuality
    subject_quality: FaceQuality | None
    """Figures of the subject's face; None if there is no face."""

    timings_ms: Mapping[str, float]
    """Wall-clock time by stage: decode, detect, encode, quality, total."""

    @property
    def subject(self) -> ComparedFace | None:
        """The face closest to the references; None if there is no face."""
        return next((face for face in self.faces if face.is_subject), None)

    @property
    def unmatched_faces(self) -> tuple[ComparedFace, ...]:
        """Every face but the subject's."""
        return tuple(face for face in self.faces if not face.is_subject)

    @property
    def face_count(self) -> int:
        """How many faces were found."""
        return len(self.faces)

    @property
    def distances(self) -> tuple[float, ...]:
        """From the subject's face to each reference, in their order; empty without a face."""
        return self.subject.distances if self.subject else ()

    @property
    def distance(self) -> float | None:
        """From the subject's face to the closest reference; None without a face."""
        return self.subject.distance if self.subject else None

    @property
    def match_score(self) -> float | None:
        """`match_score_of(distance)`; None without a face."""
        return None if self.distance is None else match_score_of(self.distance)

    @property
    def quality(self) -> dict[str, float]:
        """Figures by name: `frame_…` always, `face_…` only if there is a face."""
        face = self.subject_quality.as_dict() if self.subject_quality else {}
        return {**self.frame_quality.as_dict(), **face}

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values under the names of the verification API."""
        size = (self.image_width, self.image_height)
        return {
            "verdict": self.verdict.value,
            "distance": _rounded(self.distance),
            "match_score": self.match_score,
            "thresholds": {
                "match": self.policy.match_threshold,
                "mismatch": self.policy.mismatch_threshold,
            },
            "distances": [_rounded(distance) for distance in self.distances],
            "faces": [face.as_dict(*size) for face in self.faces],
            "unmatched_faces": [face.as_dict(*size) for face in self.unmatched_faces],
            "face_count": self.face_count,
            "quality": self.quality,
            "reasons": reasons_as_dicts(self.reasons),
            "image_width": self.image_width,
            "image_height": self.image_height,
            "engine_id": self.engine_id,
            "policy_id": self.policy.policy_id,
            "timings_ms": dict(self.timings_ms),
        }


def _rounded(distance: float | None) -> float | None:
    return None if distance is None else round(distance, 6)
