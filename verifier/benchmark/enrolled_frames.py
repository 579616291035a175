"""Webcam frames of people with the references they are verified against."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from verifier.alignment import box_around
from verifier.benchmark.pictures import PICTURE_LIMITS, Picture
from verifier.benchmark.webcam_frame import as_jpeg, changed_copy, webcam_frame
from verifier.decode import decode_image
from verifier.drawn_face import draw_face
from verifier.engine import FaceEngine
from verifier.enrollment import encode_reference
from verifier.faces import DetectedFace, Encodings, Pixels
from verifier.policy import MatchPolicy
from verifier.unreadable import UnreadableImage
from verifier.verification import ReferenceUnusable

MIN_FACE_PX = 60
"""A smaller face would be enlarged threefold and more: no webcam sends such a frame."""

MAX_CUT_FRACTION = 0.1
"""Part of the face outside the picture: repeating the border does not make up for more."""

MAX_OTHERS_TRIED = 4
"""Other pictures of a sub-folder that are tried as the enrolled one."""

REFERENCE_JPEG_QUALITY = 75
"""Other than the frame's, so that a changed copy has none of its coded blocks."""


class EnrolledAs(StrEnum):
    """What the reference of a frame was made of; never the frame's own bytes."""

    ANOTHER_PICTURE = "another_picture"
    """Out of the same sub-folder, and below the mismatch threshold: a folder may hold several
    people, sorted by something else."""

    CHANGED_COPY = "changed_copy"
    """The frame mirrored, larger, darker and compressed anew."""


class Skipped(StrEnum):
    """Why no frame was made of a picture."""

    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    SMALL_OR_CUT = "small_or_cut"


@dataclass(frozen=True, eq=False)
class EnrolledFrame:
    """One frame as a browser sends it, and what it is compared with."""

    data: bytes
    """JPEG, 640x480, with exactly one face."""

    pixels: Pixels
    """The same, decoded."""

    chip: Pixels
    """(150, 150, 3): its face, aligned."""

    own: Encodings
    """(1, 128): the person's reference."""

    strangers: Encodings
    """(1, 128): a reference at the distance of somebody else's."""

    enrolled_as: EnrolledAs


def frames_of_pictures(
    engine: FaceEngine,
    policy: MatchPolicy,
    pictures: Iterable[Picture],
    skipped: Counter[Skipped],
) -> Iterator[EnrolledFrame]:
    """Yield a frame for each picture with exactly one clear face, and count the others.

    What `strangers` holds is a placeholder until `with_strangers` knows every frame.
    """
    for picture in pictures:
        frame = _frame_of_picture(engine, policy, picture)
        if isinstance(frame, Skipped):
            skipped[frame] += 1
        else:
            yield frame


def frame_of_drawing(engine: FaceEngine, policy: MatchPolicy) -> EnrolledFrame | Skipped:
    """Return the frame of the drawn face, for machines without any photograph."""
    return _frame_of_pixels(engine, policy, draw_face(), others=())


def with_strangers(
    frames: Iterable[EnrolledFrame], policy: MatchPolicy
) -> tuple[EnrolledFrame, ...]:
    """Return the frames, each with the reference of the run that is farthest from its own.

    If that is below the policy's mismatch threshold (all show one person), a point opposite its
    own stands in: nobody's, and as suspicious.
    """
    frames = tuple(frames)
    everybody = np.concatenate([frame.own for frame in frames])
    chosen = []
    for frame in frames:
        distances = np.linalg.norm(everybody - frame.own, axis=1)
        farthest = int(distances.argmax())
        is_far = distances[farthest] >= policy.mismatch_threshold
        strangers = everybody[farthest : farthest + 1] if is_far else -frame.own
        chosen.append(replace(frame, strangers=strangers))
    return tuple(chosen)


def _frame_of_picture(
    engine: FaceEngine, policy: MatchPolicy, picture: Picture
) -> EnrolledFrame | Skipped:
    try:
        image = decode_image(picture.path.read_bytes(), PICTURE_LIMITS)
    except (OSError, UnreadableImage):
        return Skipped.UNREADABLE
    return _frame_of_pixels(engine, policy, image.pixels, picture.others)


def _frame_of_pixels(
    engine: FaceEngine, policy: MatchPolicy, picture: Pixels, others: tuple[Path, ...]
) -> EnrolledFrame | Skipped:
    face = _only_face(engine, picture)
    if isinstance(face, Skipped):
        return face
    # Made of the landmarks: the strong detector's own boxes are up to a fifth too large or small.
    box = box_around(face.landmarks)
    height, width = picture.shape[:2]
    if box.size_px < MIN_FACE_PX or box.outside_fraction(width, height) > MAX_CUT_FRACTION:
        return Skipped.SMALL_OR_CUT
    data = as_jpeg(webcam_frame(picture, box))
    pixels = decode_image(data).pixels
    face = _only_face(engine, pixels)
    if isinstance(face, Skipped):
        return face
    chips = engine.align_faces(pixels, (face,))
    own = _another_picture(engine, policy, engine.encode_chips(chips)[0], others)
    enrolled_as = EnrolledAs.CHANGED_COPY if own is None else EnrolledAs.ANOTHER_PICTURE
    try:
        own = _changed_copy(engine, policy, pixels) if own is None else own
    except ReferenceUnusable:
        return Skipped.NO_FACE
    return EnrolledFrame(data, pixels, chips[0], own[None], -own[None], enrolled_as)


def _only_face(engine: FaceEngine, pixels: Pixels) -> DetectedFace | Skipped:
    faces = engine.detect_faces(pixels)
    if len(faces) != 1:
        return Skipped.SEVERAL_FACES if faces else Skipped.NO_FACE
    return faces[0]


def _another_picture(
    engine: FaceEngine, policy: MatchPolicy, encoding: NDArray[np.float32], others: tuple[Path, ...]
) -> NDArray[np.float32] | None:
    """Return the (128,) encoding of another picture of the same person; None if there is none."""
    for path in others[:MAX_OTHERS_TRIED]:
        try:
            other = encode_reference(engine, policy, path.read_bytes(), PICTURE_LIMITS)
        except (OSError, UnreadableImage, ReferenceUnusable):
            continue
        if np.linalg.norm(other - encoding) < policy.mismatch_threshold:
            return other
    return None


def _changed_copy(engine: FaceEngine, policy: MatchPolicy, frame: Pixels) -> NDArray[np.float32]:
    """Return the (128,) encoding of the frame's changed copy."""
    copy = as_jpeg(changed_copy(frame), REFERENCE_JPEG_QUALITY)
    return encode_reference(engine, policy, copy)
