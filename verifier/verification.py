"""One image against the references of one subject."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.agreement import ReferenceAgreement, agreement_of
from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import FaceEngine
from verifier.faces import Chip, DetectedFace, Encodings
from verifier.look import Look
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, FrameQuality, measure_face, measure_frame
from verifier.reasons import REASONS
from verifier.result import ComparedFace, VerificationResult
from verifier.stopwatch import Stopwatch
from verifier.verdict import Verdict, decide

MAX_COMPARED_FACES = 6
"""Faces of one image that are encoded, the largest first: a picture of a crowd must not hold a
worker. The verdict is `multiple_faces` anyway."""


MIN_SUBJECT_SIZE = 0.5
"""Of the largest face's size: a smaller one is somebody behind, or a picture on the wall.
It counts as a face, but who it resembles says nothing about who sits the exam."""

MIN_SUBJECT_SCORE = 0.7
"""Of the surest face's detector score: the same for what may be no face at all."""


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
    *,
    first_look: Look = Look.GLANCE,
    last_look: Look = Look.CLOSE,
    second_person_allowed: bool = False,
) -> VerificationResult:
    """Return the verdict on one image; `decide` holds the table.

    Looks closer and closer, from `first_look` to `last_look`, until the answer is a plain match:
    whatever would accuse somebody stands only after the last look. The same bytes, references,
    engine, policy and looks give the same result but for `timings_ms`. Nothing a client claims is
    an input.

    Parameters
    ----------
    references
        (n, 128) float32, n ≥ 1, of the same engine id.
    first_look
        `Look.CLOSE` spares no effort even on a frame that seems fine.
    last_look
        `Look.THOROUGH` for pictures that come one at a time.
    second_person_allowed
        Somebody may sit beside the subject: see `decide`.

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
    with watch.stage("quality"):
        frame_quality = measure_frame(image.pixels)
    viewing = _Viewing(
        engine, policy, image, frame_quality, references, watch, second_person_allowed
    )
    look = first_look
    seen = viewing.look(look)
    while (closer := _closer_look(policy, look, last_look, seen)) is not None:
        look = closer
        seen = viewing.look(look, seen)
    return VerificationResult(
        verdict=seen.verdict,
        reasons=seen.reasons,
        policy=policy,
        engine_id=engine.engine_id,
        image_width=image.width,
        image_height=image.height,
        faces=seen.faces,
        frame_quality=frame_quality,
        subject_quality=seen.subject_quality,
        look=look,
        agreement=seen.agreement,
        encoding=seen.encoding,
        timings_ms=watch.timings_ms(),
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one look found."""

    detected: tuple[DetectedFace, ...]
    faces: tuple[ComparedFace, ...]
    subject_quality: FaceQuality | None
    agreement: ReferenceAgreement | None
    encoding: NDArray[np.float32] | None
    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Viewing:
    """One image and all it is judged by."""

    engine: FaceEngine
    policy: MatchPolicy
    image: Image
    frame_quality: FrameQuality
    references: Encodings
    watch: Stopwatch
    second_person_allowed: bool

    def look(self, look: Look, before: _Seen | None = None) -> _Seen:
        """Return what is seen; `before` spares a look that keeps the boxes to find them again."""
        if look is Look.MIRRORED and before is not None:
            detected = before.detected
        else:
            with self.watch.stage("detect"):
                detected = self.engine.detect_faces(self.image.pixels, look)
        with self.watch.stage("encode"):
            faces, chip, encoding = self._compare(detected, look)
        subject = next((face for face in faces if face.is_subject), None)
        quality = agreement = None
        if subject is not None and chip is not None:
            with self.watch.stage("quality"):
                quality = measure_face(chip, subject.detected, self.image.width, self.image.height)
            agreement = agreement_of(subject.distances, self.policy.mismatch_threshold)
        verdict, reasons = decide(
            self.policy,
            self.frame_quality,
            len(faces),
            quality,
            agreement,
            second_person_allowed=self.second_person_allowed,
        )
        return _Seen(detected, faces, quality, agreement, encoding, verdict, reasons)

    def _compare(
        self, detected: tuple[DetectedFace, ...], look: Look
    ) -> tuple[tuple[ComparedFace, ...], Chip | None, NDArray[np.float32] | None]:
        """Return every face with its distances, and chip and encoding of the closest one.

        The closest of the faces in front is the subject's. Who that is shows at a glance; only
        the subject's encoding is worth more.
        """
        largest = tuple(sorted(detected, key=lambda face: -face.box.size_px)[:MAX_COMPARED_FACES])
        if not largest:
            return (), None, None
        chips = self.engine.align_faces(self.image.pixels, largest)
        at_a_glance = Look.GLANCE if len(largest) > 1 else look
        encodings = self.engine.encode_chips(chips, at_a_glance)
        distances = [self._distances(encoding) for encoding in encodings]
        closest = min(_in_front(largest), key=lambda index: min(distances[index]))
        encoding = encodings[closest]
        if at_a_glance is not look:
            encoding = self.engine.encode_chips(chips[closest : closest + 1], look)[0]
            distances[closest] = self._distances(encoding)
        of_face = dict(zip(largest, distances, strict=True))
        faces = tuple(
            ComparedFace(face, of_face.get(face, ()), is_subject=face is largest[closest])
            for face in detected
        )
        return faces, chips[closest], np.asarray(encoding, np.float32)

    def _distances(self, encoding: NDArray[np.float32]) -> tuple[float, ...]:
        return tuple(
            float(distance) for distance in np.linalg.norm(self.references - encoding, axis=1)
        )


def _in_front(faces: tuple[DetectedFace, ...]) -> list[int]:
    """Return the positions of the faces that may be the subject's; never empty.

    `faces` are ordered by size, the largest first.
    """
    smallest = MIN_SUBJECT_SIZE * faces[0].box.size_px
    least_score = MIN_SUBJECT_SCORE * max(face.detector_score for face in faces)
    clear = [
        index
        for index, face in enumerate(faces)
        if face.box.size_px >= smallest and face.detector_score >= least_score
    ]
    return clear or [0]


def _closer_look(policy: MatchPolicy, look: Look, last_look: Look, seen: _Seen) -> Look | None:
    """Return the next look, or None if the answer stands."""
    if look.is_at_least(last_look):
        return None
    if look is Look.CLOSE or not is_one_plain_face(policy, seen.detected):
        return last_look
    margin = policy.glance_margin if look is Look.GLANCE else policy.mirrored_margin
    if seen.verdict is Verdict.MATCH and _best(seen) <= policy.match_threshold - margin:
        return None
    is_in_doubt = _best(seen) <= policy.match_threshold + margin
    if look is Look.GLANCE and is_in_doubt and last_look.is_at_least(Look.MIRRORED):
        return Look.MIRRORED
    return last_look


def is_one_plain_face(policy: MatchPolicy, detected: tuple[DetectedFace, ...]) -> bool:
    """Tell whether exactly one face was seen, and seen well."""
    if len(detected) != 1:
        return False
    (face,) = detected
    return (
        face.detector_score >= policy.min_glance_detector_score
        and face.box.size_px >= policy.min_glance_face_size_px
    )


def _best(seen: _Seen) -> float:
    return seen.agreement.best if seen.agreement else float("inf")


def compare_images(
    engine: FaceEngine,
    policy: MatchPolicy,
    image_a: bytes,
    image_b: bytes,
    limits: ImageLimits = DEFAULT_LIMITS,
) -> VerificationResult:
    """Return the verdict on image B with the face of image A as the only reference.

    Both may be looked at thoroughly: they come one at a time.

    Raises
    ------
    UnreadableImage
        One of the two is no picture that can be judged.
    ReferenceUnusable
        Image A does not show exactly one face.
    """
    reference = decode_image(image_a, limits)
    detected = engine.detect_faces(reference.pixels, Look.THOROUGH)
    if len(detected) != 1:
        raise ReferenceUnusable("multiple_faces" if detected else "no_face")
    encodings = engine.encode_faces(reference.pixels, detected, Look.THOROUGH)
    return verify_image(engine, policy, image_b, encodings, limits, last_look=Look.THOROUGH)


def _checked_references(references: NDArray[np.float32]) -> Encodings:
    checked = np.asarray(references, dtype=np.float32)
    if checked.ndim != 2 or checked.shape[1] != 128:
        raise ReferencesInvalid(f"references must be (n, 128), not {checked.shape}")
    if len(checked) == 0:
        raise ReferencesInvalid("there is no reference: enrol the subject first")
    if not np.isfinite(checked).all():
        raise ReferencesInvalid("a reference holds values that are not finite")
    return checked
