"""One image against the references of one subject."""

import numpy as np
from numpy.typing import NDArray

from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import FaceEngine
from verifier.faces import DetectedFace, Encodings
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, measure_face, measure_frame
from verifier.reasons import REASONS
from verifier.result import ComparedFace, VerificationResult
from verifier.stopwatch import Stopwatch
from verifier.verdict import decide

MAX_COMPARED_FACES = 6
"""Faces of one image that are encoded, the largest first: each costs about 65 ms, and a picture
of a crowd must not hold a worker. The verdict is `multiple_faces` anyway."""


class ReferencesInvalid(ValueError):
    """There is nothing to compare with: no reference, or not encodings of a face."""


class ReferenceUnusable(Exception):
    """The image to compare with does not show exactly one face; `code` says which it is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"The reference image cannot be used. {REASONS[self.code]}"


def verify_image(
    engine: FaceEngine,
    policy: MatchPolicy,
    data: bytes,
    references: NDArray[np.float32],
    limits: ImageLimits = DEFAULT_LIMITS,
) -> VerificationResult:
    """Return the verdict on one image; `decide` holds the table.

    The same bytes, references, engine and policy give the same result but for `timings_ms`.
    Nothing a client claims is an input.

    Parameters
    ----------
    references
        (n, 128) float32, n ≥ 1, of the same engine id.

    Raises
    ------
    UnreadableImage
        The bytes are no picture that can be judged.
    ReferencesInvalid
        There are no references, or they are no encodings.
    """
    references = _checked_references(references)
    watch = Stopwatch()
    with watch.stage("decode"):
        image = decode_image(data, limits)
    with watch.stage("detect"):
        detected = engine.detect_faces(image.pixels)
    with watch.stage("encode"):
        faces = compare_faces(engine, image, detected, references)
    with watch.stage("quality"):
        frame_quality = measure_frame(image.pixels)
        subject = next((face for face in faces if face.is_subject), None)
        subject_quality = measure_detected(engine, image, subject.detected) if subject else None
    verdict, reasons = decide(
        policy,
        frame_quality,
        len(faces),
        subject_quality,
        subject.distance if subject else None,
    )
    return VerificationResult(
        verdict=verdict,
        reasons=reasons,
        policy=policy,
        engine_id=engine.engine_id,
        image_width=image.width,
        image_height=image.height,
        faces=faces,
        frame_quality=frame_quality,
        subject_quality=subject_quality,
        timings_ms=watch.timings_ms(),
    )


def compare_images(
    engine: FaceEngine,
    policy: MatchPolicy,
    image_a: bytes,
    image_b: bytes,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> VerificationResult:
    """Return the verdict on image B with the face of image A as the only reference.

    Raises
    ------
    UnreadableImage
        One of the two is no picture that can be judged.
    ReferenceUnusable
        Image A does not show exactly one face.
    """
    reference = decode_image(image_a, limits)
    detected = engine.detect_faces(reference.pixels)
    if len(detected) != 1:
        raise ReferenceUnusable("multiple_faces" if detected else "no_face")
    encodings = engine.encode_faces(reference.pixels, detected)
    return verify_image(engine, policy, image_b, encodings, limits)


def compare_faces(
    engine: FaceEngine,
    image: Image,
    detected: tuple[DetectedFace, ...],
    references: Encodings,
) -> tuple[ComparedFace, ...]:
    """Return every face with its distances; the closest one is the subject's."""
    largest = sorted(detected, key=lambda face: -face.box.size_px)[:MAX_COMPARED_FACES]
    encodings = engine.encode_faces(image.pixels, tuple(largest))
    distances = {
        face: tuple(float(distance) for distance in np.linalg.norm(references - row, axis=1))
        for face, row in zip(largest, encodings, strict=True)
    }
    subject = min(distances, key=lambda face: min(distances[face]), default=None)
    return tuple(
        ComparedFace(face, distances.get(face, ()), is_subject=face is subject) for face in detected
    )


def measure_detected(engine: FaceEngine, image: Image, face: DetectedFace) -> FaceQuality:
    """Return the figures of one face of an image."""
    chip = engine.align_faces(image.pixels, (face,))[0]
    return measure_face(chip, face.box, image.width, image.height)


def _checked_references(references: NDArray[np.float32]) -> Encodings:
    checked = np.asarray(references, dtype=np.float32)
    if checked.ndim != 2 or checked.shape[1] != 128:
        raise ReferencesInvalid(f"references must be (n, 128), not {checked.shape}")
    if len(checked) == 0:
        raise ReferencesInvalid("there is no reference: enrol the subject first")
    if not np.isfinite(checked).all():
        raise ReferencesInvalid("a reference holds values that are not finite")
    return checked
