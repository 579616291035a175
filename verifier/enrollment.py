"""Which images may become references of a subject, and why others may not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import FaceEngine
from verifier.faces import DetectedFace
from verifier.look import Look
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, measure_face, measure_frame
from verifier.reasons import reasons_as_dicts
from verifier.unreadable import UnreadableImage
from verifier.verdict import frame_reasons, reference_reasons
from verifier.verification import ReferenceUnusable


@dataclass(frozen=True, eq=False)
class ReferenceAssessment:
    """What became of one image offered as a reference."""

    accepted: bool
    reasons: tuple[str, ...]
    """Codes of `REASONS`; empty exactly for an accepted image."""

    engine_id: str
    sha256: str
    """Of the image's bytes, hexadecimal."""

    image_width: int | None = None
    """None if the image could not be read; likewise the height."""

    image_height: int | None = None
    face: DetectedFace | None = None
    """The only face; None if there is none or more than one."""

    quality: FaceQuality | None = None
    encoding: NDArray[np.float32] | None = None
    """(128,) float32 of an accepted image, otherwise None."""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values; the encoding, which is a person's, stays out."""
        box = normalised = None
        if self.face and self.image_width and self.image_height:
            size = (self.image_width, self.image_height)
            clipped = self.face.box.clipped(*size)
            box, normalised = clipped.as_dict(), clipped.normalised(*size)
        return {
            "accepted": self.accepted,
            "reasons": reasons_as_dicts(self.reasons),
            "engine_id": self.engine_id,
            "sha256": self.sha256,
            "image_width": self.image_width,
            "image_height": self.image_height,
            "box": box,
            "box_normalized": normalised,
            "detector_score": round(self.face.detector_score, 4) if self.face else None,
            "quality": self.quality.as_dict() if self.quality else {},
        }


def assess_references(
    engine: FaceEngine,
    policy: MatchPolicy,
    images: Sequence[bytes],
    limits: ImageLimits = DEFAULT_LIMITS,
) -> tuple[ReferenceAssessment, ...]:
    """Return one assessment per image, in their order.

    Each image is judged alone first: readable, exactly one face, good enough for later frames.
    Then those left are judged together: copies of an earlier one are refused, and of several
    people the one with most images stays (with equal numbers, the one that comes first). A bad
    image never makes another one fail.
    """
    alone = [_assess_alone(engine, policy, data, limits) for data in images]
    return tuple(_refuse_strangers(policy, _refuse_copies(policy, alone)))


def _assess_alone(
    engine: FaceEngine, policy: MatchPolicy, data: bytes, limits: ImageLimits
) -> ReferenceAssessment:
    refused = ReferenceAssessment(
        accepted=False,
        reasons=(),
        engine_id=engine.engine_id,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    try:
        image = decode_image(data, limits)
    except UnreadableImage as problem:
        return replace(refused, reasons=(problem.code,))
    refused = replace(refused, image_width=image.width, image_height=image.height)
    faces = engine.detect_faces(image.pixels, Look.THOROUGH)
    if len(faces) != 1:
        reasons = ("multiple_faces",) if faces else _why_no_face(policy, image)
        return replace(refused, reasons=reasons)
    return _assess_face(engine, policy, image, replace(refused, face=faces[0]))


def _why_no_face(policy: MatchPolicy, image: Image) -> tuple[str, ...]:
    return ("no_face", *frame_reasons(policy, measure_frame(image.pixels)))


def _assess_face(
    engine: FaceEngine, policy: MatchPolicy, image: Image, refused: ReferenceAssessment
) -> ReferenceAssessment:
    """Return the assessment of an image whose only face is known."""
    face = refused.face
    if face is None:
        return refused
    chips = engine.align_faces(image.pixels, (face,))
    quality = measure_face(chips[0], face, image.width, image.height)
    reasons = reference_reasons(policy, quality)
    if reasons:
        return replace(refused, quality=quality, reasons=reasons)
    encoding = engine.encode_chips(chips, Look.THOROUGH)[0]
    return replace(refused, quality=quality, accepted=True, encoding=encoding)


def _refuse_copies(
    policy: MatchPolicy, assessments: list[ReferenceAssessment]
) -> list[ReferenceAssessment]:
    """Refuse what repeats an earlier accepted image: same bytes, or hardly any distance."""
    kept: list[NDArray[np.float32]] = []
    judged: list[ReferenceAssessment] = []
    for assessment in assessments:
        encoding = assessment.encoding
        if encoding is not None and any(
            _distance(encoding, earlier) < policy.near_copy_distance for earlier in kept
        ):
            judged.append(_refused(assessment, "near_copy"))
            continue
        if encoding is not None:
            kept.append(encoding)
        judged.append(assessment)
    return judged


def _refuse_strangers(
    policy: MatchPolicy, assessments: list[ReferenceAssessment]
) -> list[ReferenceAssessment]:
    """Keep the images around the one that most others agree with; refuse the others."""
    encodings = [a.encoding for a in assessments if a.encoding is not None]
    if len(encodings) < 2:
        return assessments
    near = [
        [_distance(one, other) < policy.mismatch_threshold for other in encodings]
        for one in encodings
    ]
    centre = max(range(len(encodings)), key=lambda index: (sum(near[index]), -index))
    agrees = iter(near[centre])
    return [
        assessment
        if assessment.encoding is None or next(agrees)
        else _refused(assessment, "inconsistent_with_others")
        for assessment in assessments
    ]


def _refused(assessment: ReferenceAssessment, code: str) -> ReferenceAssessment:
    return replace(assessment, accepted=False, reasons=(code,), encoding=None)


def _distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(one - other))


CLEARLY_LARGER = 2
"""How many times as large as the next a face must be to be the one that was enrolled."""


def encode_reference(
    engine: FaceEngine,
    policy: MatchPolicy,  # noqa: ARG001
    data: bytes,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> NDArray[np.float32]:
    """Return the (128,) float32 encoding of an image that was accepted as a reference before.

    The floors of enrolment are not applied again. Where this engine sees several faces, one must
    be clearly larger than the others: the image was accepted with one.

    Raises
    ------
    UnreadableImage
        The bytes are no picture that can be judged.
    ReferenceUnusable
        No face is found, or several of which none is clearly the largest.
    """
    image = decode_image(data, limits)
    faces = sorted(engine.detect_faces(image.pixels), key=lambda face: -face.box.size_px)
    if not faces:
        raise ReferenceUnusable("no_face")
    if len(faces) > 1 and faces[0].box.size_px < CLEARLY_LARGER * faces[1].box.size_px:
        raise ReferenceUnusable("multiple_faces")
    encodings = engine.encode_faces(image.pixels, (faces[0],))
    return np.asarray(encodings[0], np.float32)
