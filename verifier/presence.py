"""Whether somebody is there, without comparing anybody: for those who may not be compared."""

from verifier.decode import DEFAULT_LIMITS, Image, ImageLimits, decode_image
from verifier.engine import FaceEngine
from verifier.faces import DetectedFace
from verifier.look import Look
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, FrameQuality, measure_face, measure_frame
from verifier.result import ComparedFace, VerificationResult
from verifier.stopwatch import Stopwatch
from verifier.verdict import FACES_WITH_HELPER, Verdict, face_reasons, frame_reasons
from verifier.verification import is_one_plain_face


def check_presence(
    engine: FaceEngine,
    policy: MatchPolicy,
    data: bytes,
    limits: ImageLimits = DEFAULT_LIMITS,
    *,
    first_look: Look = Look.GLANCE,
    last_look: Look = Look.CLOSE,
    second_person_allowed: bool = False,
) -> VerificationResult:
    """Return whether exactly one face is there: `present`, and nothing is compared or encoded.

    With `second_person_allowed` two faces are `present` too, with that as a reason; a third is
    one too many.

    As in `verify_image`, anything but one plain face stands only after the last look. Poor light
    never turns a face that was found into anything else; its reasons stand with it, as advice.
    The result has no distance, no score and no encoding.

    Raises
    ------
    UnreadableImage
        The bytes are no picture that can be judged.
    """
    watch = Stopwatch()
    with watch.stage("decode"):
        image = decode_image(data, limits)
    with watch.stage("quality"):
        frame_quality = measure_frame(image.pixels)
    look = first_look
    with watch.stage("detect"):
        detected = engine.detect_faces(image.pixels, look)
        if not look.is_at_least(last_look) and not is_one_plain_face(policy, detected):
            look = last_look
            detected = engine.detect_faces(image.pixels, look)
    front = max(detected, key=lambda face: face.box.size_px, default=None)
    with watch.stage("quality"):
        quality = _quality(engine, image, front)
    verdict, reasons = _decide(
        policy,
        frame_quality,
        len(detected),
        quality,
        second_person_allowed=second_person_allowed,
    )
    return VerificationResult(
        verdict=verdict,
        reasons=reasons,
        policy=policy,
        engine_id=engine.engine_id,
        image_width=image.width,
        image_height=image.height,
        faces=tuple(ComparedFace(face, (), is_subject=face is front) for face in detected),
        frame_quality=frame_quality,
        subject_quality=quality,
        look=look,
        agreement=None,
        encoding=None,
        timings_ms=watch.timings_ms(),
    )


def _quality(engine: FaceEngine, image: Image, face: DetectedFace | None) -> FaceQuality | None:
    if face is None:
        return None
    (chip,) = engine.align_faces(image.pixels, (face,))
    return measure_face(chip, face, image.width, image.height)


def _decide(
    policy: MatchPolicy,
    frame: FrameQuality,
    face_count: int,
    face: FaceQuality | None,
    *,
    second_person_allowed: bool,
) -> tuple[Verdict, tuple[str, ...]]:
    if face is None:
        hidden_by = frame_reasons(policy, frame)
        return (Verdict.LOW_QUALITY, hidden_by) if hidden_by else (Verdict.NO_FACE, ("no_face",))
    poor = face_reasons(policy, face)
    if face_count == 1:
        return Verdict.PRESENT, poor
    if face_count == FACES_WITH_HELPER and second_person_allowed:
        return Verdict.PRESENT, ("second_person_allowed", *poor)
    return Verdict.MULTIPLE_FACES, ("multiple_faces", *poor)
