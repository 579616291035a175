"""Every pair of a list through the path that judges exam frames."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verifier.calibration.pair_list import LIST_LIMITS, ListedPair, PairList
from verifier.calibration.remembering_engine import RememberingEngine
from verifier.decode import Image, decode_image
from verifier.engine import FaceEngine
from verifier.faces import DetectedFace, Encodings
from verifier.policy import MatchPolicy
from verifier.verdict import Verdict
from verifier.verification import verify_image

_NOBODY: Encodings = np.zeros((1, 128), np.float32)
"""Stands in where the enrolled picture shows no face, so that the frame is searched all the same.
It is far from every encoding, and the distance to it is thrown away."""


@dataclass(frozen=True)
class PairOutcome:
    """What became of one pair."""

    path_a: str
    path_b: str
    same: bool
    group: str | None
    distance: float | None
    """Rounded to six decimals, as every result prints it, so that a threshold found here divides
    printed distances in the same way. None if either face is undetected."""

    undetected_a: bool
    undetected_b: bool
    verdict: Verdict | None
    """None if there was nothing to verify against: the enrolled face is undetected."""


def run_pairs(
    engine: FaceEngine, policy: MatchPolicy, pair_list: PairList
) -> Iterator[PairOutcome]:
    """Yield one outcome per pair, in the list's order.

    Each distinct `path_a` is enrolled once. Each `path_b` goes through `verify_image` against the
    reference of its own pair, because how closely it looks may depend on the distance.

    Raises
    ------
    UnreadableImage
        A picture cannot be decoded; `check_images` says so beforehand.
    """
    remembering = RememberingEngine(engine)
    references: dict[Path, Encodings | None] = {}
    for pair in pair_list.pairs:
        if pair.path_a not in references:
            image = decode_image(pair_list.read(pair.path_a), LIST_LIMITS)
            references[pair.path_a] = enrol_for_calibration(remembering, image)
        frame = pair_list.read(pair.path_b)
        yield _outcome(remembering, policy, pair, references[pair.path_a], frame)


def enrol_for_calibration(engine: FaceEngine, image: Image) -> Encodings | None:
    """Return the references of the most central face, (1, 128) float32; None without a face.

    Lists name the central face (Labeled Faces in the Wild does). Neither the floors for
    enrolment pictures nor the rule of exactly one face is applied: a list says who is in a
    picture, and refusing its poor ones would flatter the figures.
    """
    faces = engine.detect_faces(image.pixels)
    if not faces:
        return None
    central = min(faces, key=lambda face: _off_centre_px(face, image))
    return engine.encode_faces(image.pixels, (central,))


def _off_centre_px(face: DetectedFace, image: Image) -> float:
    box = face.box
    return math.hypot(
        box.left + box.width / 2 - image.width / 2, box.top + box.height / 2 - image.height / 2
    )


def _outcome(
    engine: FaceEngine,
    policy: MatchPolicy,
    pair: ListedPair,
    references: Encodings | None,
    frame: bytes,
) -> PairOutcome:
    enrolled = _NOBODY if references is None else references
    result = verify_image(engine, policy, frame, enrolled, LIST_LIMITS)
    distance = None if references is None else result.distance
    return PairOutcome(
        path_a=str(pair.path_a),
        path_b=str(pair.path_b),
        same=pair.same,
        group=pair.group,
        distance=None if distance is None else round(distance, 6),
        undetected_a=references is None,
        undetected_b=result.distance is None,
        verdict=None if references is None else result.verdict,
    )
