"""What the service answers about faces: boxes, verdicts, verifications."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """The service's answers for one image.

    `Verification.verdict` is a plain string, so that an answer of a newer service can be read;
    these names compare equal to it.
    """

    MATCH = "match"
    MISMATCH = "mismatch"
    INCONCLUSIVE = "inconclusive"
    NO_FACE = "no_face"
    MULTIPLE_FACES = "multiple_faces"
    LOW_QUALITY = "low_quality"
    PRESENT = "present"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle: left, top, width, height. Pixels, or parts of the image when normalised."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something was decided: a stable code and a sentence."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Distances: a match at or below `match`, a mismatch at or above `mismatch`."""

    match: float
    mismatch: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face of a verified image."""

    box: Box
    """In pixels of the image after EXIF orientation."""
    box_normalized: Box | None = None
    detector: str | None = None
    """Which one saw it, as `hog` or `cnn`; scores of two detectors do not compare."""
    detector_score: float | None = None
    distance: float | None = None
    """To the nearest reference; lower is closer."""
    is_subject: bool = False
    size_px: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The service's answer for one image.

    When faces are alike, `distance` is low and `match_score` is high.
    """

    id: str
    status: str
    """`pending` or `done`; everything below stands only when it is done."""
    subject_id: str | None = None
    attempt_id: str | None = None
    seq: int | None = None
    verdict: str | None = None
    distance: float | None = None
    match_score: float | None = None
    thresholds: Thresholds | None = None
    distances: tuple[float, ...] = ()
    """To each reference."""
    reference_agreement: Mapping[str, Any] = field(default_factory=dict)
    """How many references agree: `best` and `median` distance, `agreeing` of `count`."""
    face_count: int | None = None
    faces: tuple[Face, ...] = ()
    unmatched_faces: tuple[Face, ...] = ()
    quality: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    signals: tuple[Mapping[str, Any], ...] = ()
    """Findings beside the verdict, each with a `code` and its own figures."""
    error_code: str | None = None
    look: str | None = None
    """How closely the image had to be looked at: `glance`, `mirrored`, `close` or `thorough`."""
    engine_id: str | None = None
    policy_id: str | None = None
    """The version of the rules and numbers that the verdict was made with."""
    policy: Mapping[str, float] = field(default_factory=dict)
    """Its thresholds and quality floors by name. Empty if the service does not know them, in lists
    and in timelines: `get_verification` asks for them."""
    enrollment_version: int | None = None
    image_width: int | None = None
    image_height: int | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    created_at: datetime | None = None
    received_at: datetime | None = None
    captured_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether there is a verdict."""
        return self.status == "done"
