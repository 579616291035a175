"""The answer for one image, with every number that went into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.agreement import ReferenceAgreement
from verifier.faces import DetectedFace
from verifier.look import Look
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, FrameQuality
from verifier.reasons import reasons_as_dicts
from verifier.verdict import Verdict

EVEN_DISTANCE = 0.60
"""Where one person and two people are equally likely, with both kinds of pairs weighing alike:
between 0.594 on LFW and 0.606 on its webcam-like copies (`face-verify calibrate`)."""

SCORE_POINTS_PER_DISTANCE = 175.0
"""Ten points are a factor of ten in the odds: the logistic fit's slope of 40 on both lists, times
10 / ln(10)."""


def match_score_of(distance: float) -> float:
    """Return how alike two faces are, 0 to 100, one decimal; higher is closer.

    ``50 + 175 * (0.60 - distance)``, within 0 and 100: falling with the distance and the same for
    every policy. At 50 the odds are even, and every ten points more are ten times better odds
    that it is one person: 0.50 gives 67.5, 0.40 gives 85, 0.70 gives 32.5. Odds, not
    probabilities, so that scores do not collapse to 0 and 100.
    """
    points = 50.0 + SCORE_POINTS_PER_DISTANCE * (EVEN_DISTANCE - distance)
    return round(min(max(points, 0.0), 100.0), 1)


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


@dataclass(frozen=True, eq=False)
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

    look: Look
    """How closely the image had to be looked at before the verdict stood."""

    agreement: ReferenceAgreement | None
    """The subject's face beside each reference; None if there is no face."""

    encoding: NDArray[np.float32] | None
    """(128,) of the subject's face; None if there is no face. A person's: in no answer."""

    timings_ms: Mapping[str, float]
    """Wall-clock time by stage, over all looks: decode, detect, encode, quality, total."""

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
            "reference_agreement": self.agreement.as_dict() if self.agreement else None,
            "faces": [face.as_dict(*size) for face in self.faces],
            "unmatched_faces": [face.as_dict(*size) for face in self.unmatched_faces],
            "face_count": self.face_count,
            "quality": self.quality,
            "reasons": reasons_as_dicts(self.reasons),
            "image_width": self.image_width,
            "image_height": self.image_height,
            "look": self.look.value,
            "engine_id": self.engine_id,
            "policy_id": self.policy.policy_id,
            "timings_ms": dict(self.timings_ms),
        }


def _rounded(distance: float | None) -> float | None:
    return None if distance is None else round(distance, 6)
