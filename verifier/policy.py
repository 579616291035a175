"""The numbers a verdict depends on, as one value with an id."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

POLICY_VERSION = 2
"""Changes with the rules that read the numbers, so that equal numbers under other rules get
another `policy_id`."""


class PolicyInvalid(ValueError):
    """The numbers contradict each other or are out of range."""


@dataclass(frozen=True)
class MatchPolicy:
    """Thresholds and floors. Distances are Euclidean: lower is closer.

    The floors are chosen from LFW (150 images), its webcam-like copies (50 of each kind) and
    the demo's portraits: the poorest 1 to 5 % of plain pictures lie below them, and most that
    are dark on purpose.
    """

    match_threshold: float = 0.50
    """At or below it a face is the enrolled person's. docs/limits.md gives the rates."""

    mismatch_threshold: float = 0.60
    """At or above it a face is somebody else's; the radius dlib's network was trained with."""

    resemblance_threshold: float = 0.42
    """At or below it two subjects are so alike that an admin is warned at enrolment: closer than
    `match_threshold`, because everybody is compared with everybody."""

    glance_margin: float = 0.05
    """A glance settles a match only if it is closer than the threshold by this much: at 0.45 the
    single encoding of a glance lets fewer strangers pass than the averaged one of a close look
    at 0.50."""

    mirrored_margin: float = 0.02
    """The same for the second look, whose encoding is averaged with the mirrored face's."""

    min_glance_face_size_px: int = 80
    """A smaller face is never settled by a glance."""

    min_glance_detector_score: float = 0.5
    """A face the cheap detector is less sure of is never settled by a glance."""

    min_face_size_px: int = 60
    """Shorter edge of the face's box. Scaled down to 49 px the demo's portrait still matches
    (distance 0.41 for 0.34); below that detail is guesswork."""

    min_face_brightness: float = 40.0
    """Mean grey of the face, 0..255. Plain pictures have 62 and more, dark ones 13 to 37."""

    max_face_brightness: float = 220.0
    """Mean grey of the face, 0..255. Plain pictures have at most 172."""

    min_face_contrast: float = 12.0
    """Standard deviation of grey. Plain pictures have 25 and more."""

    min_face_sharpness: float = 50.0
    """Variance of the Laplacian on the chip. Plain pictures have 116 and more, motion-blurred
    ones 36 to 330; at 45 the demo's portrait has moved from 0.34 to 0.52 by blur alone."""

    max_face_yaw: float = 0.45
    """Of `FaceQuality.face_yaw`; 99 % of LFW lies below 0.34."""

    max_face_cut_fraction: float = 0.30
    """Part of the face outside the picture. With 0.22 the demo's portrait still matches."""

    min_frame_brightness: float = 35.0
    """Mean grey of a frame below which a missing face may be hidden by the dark."""

    max_frame_highlight: float = 0.60
    """Part of white pixels above which a missing face may be hidden by glare."""

    min_frame_layout: float = 6.0
    """Contrast without shading below which a frame shows a plain surface: walls with noise have
    at most 1.1, rooms 20 and more. Such a frame is empty, not blurred."""

    min_frame_sharpness: float = 1.2
    """Below it a missing face may be hidden by blur; see `FrameQuality.frame_sharpness`."""

    min_reference_face_size_px: int = 80
    """For enrolment, where every later frame suffers from what the picture lacks."""

    min_reference_face_brightness: float = 50.0
    """Mean grey of the face, 0..255, for enrolment."""

    min_reference_face_contrast: float = 18.0
    """Standard deviation of grey, for enrolment."""

    min_reference_face_sharpness: float = 100.0
    """Variance of the Laplacian on the chip, for enrolment."""

    max_reference_face_yaw: float = 0.25
    """For enrolment; 95 % of LFW lies below 0.24."""

    max_reference_face_pitch: float = 0.30
    """For enrolment; 99 % of LFW lies below 0.26."""

    max_reference_face_roll_degrees: float = 25.0
    """For enrolment: beyond it the landmarks of a tilted head become unsure."""

    max_reference_face_cut_fraction: float = 0.10
    """Part of the face outside the picture, for enrolment."""

    near_copy_distance: float = 0.06
    """Two references closer than this are one picture saved twice."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise PolicyInvalid(f"{field.name} must be a number")
            if not math.isfinite(value) or value < 0:
                raise PolicyInvalid(f"{field.name} must be finite and not negative")
        if not 0 < self.match_threshold <= self.mismatch_threshold <= 2:
            raise PolicyInvalid("0 < match_threshold <= mismatch_threshold <= 2 must hold")
        if self.near_copy_distance >= self.match_threshold:
            raise PolicyInvalid("near_copy_distance must be below match_threshold")
        if self.resemblance_threshold > self.mismatch_threshold:
            raise PolicyInvalid("resemblance_threshold must not be above mismatch_threshold")

    @property
    def policy_id(self) -> str:
        """As "policy-1-5be61fd2c9a4": version of the rules, then a digest of the numbers."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        return f"policy-{POLICY_VERSION}-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"

    def as_dict(self) -> dict[str, float]:
        """Return the numbers by name; `from_dict` reads them back."""
        return {name: float(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, numbers: Mapping[str, Any]) -> "MatchPolicy":
        """Return the policy with these numbers; names left out keep their default.

        Raises
        ------
        PolicyInvalid
            A name is unknown or a number is impossible.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(numbers) - known)
        if unknown:
            raise PolicyInvalid(f"unknown names: {', '.join(unknown)}")
        return cls(**numbers)
