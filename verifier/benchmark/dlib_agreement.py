"""Whether our networks still answer as dlib's own runtime does, picture by picture."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dlib
import numpy as np

from verifier.alignment import LandmarkPredictor, cut_chip
from verifier.benchmark.pictures import PICTURE_LIMITS
from verifier.benchmark.webcam_frame import scaled
from verifier.cnn_detector import CnnDetector, Detection
from verifier.decode import decode_image
from verifier.descriptor import Descriptor
from verifier.faces import Box, Pixels
from verifier.unreadable import UnreadableImage
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    DETECTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    checked_weights,
)

MAX_PIXELS = 1_500_000
"""Larger pictures are scaled down to it, for both alike: dlib's detector takes 5 seconds and a
gigabyte for a million pixels."""

SAME_OVERLAP = 0.9
"""Intersection over union from which two boxes are the same; dlib rounds its to whole pixels."""

SAME_SCORE_DIFFERENCE = 0.05
"""Difference of the detector's confidence up to which they are."""


@dataclass(frozen=True)
class DlibAgreement:
    """What some pictures came to."""

    pictures: int = 0
    pictures_scaled: int = 0
    pictures_unreadable: int = 0
    pictures_with_other_counts: int = 0
    """In which the two detectors do not see the same number of faces."""

    faces: int = 0
    """Found by our CNN detector; each is described by both."""

    descriptor_max_difference: float = 0.0
    """The largest difference of any of the 128 values of any face."""

    detections_same: int = 0
    detections_only_dlib: int = 0
    detections_only_ours: int = 0

    @property
    def detections(self) -> int:
        """How many different detections there are of either."""
        return self.detections_same + self.detections_only_dlib + self.detections_only_ours

    @property
    def detections_same_fraction(self) -> float | None:
        """Which part of them both have; None if there are none."""
        return self.detections_same / self.detections if self.detections else None

    def plus(self, other: "DlibAgreement") -> "DlibAgreement":
        """Return the figures of both together."""
        return DlibAgreement(
            pictures=self.pictures + other.pictures,
            pictures_scaled=self.pictures_scaled + other.pictures_scaled,
            pictures_unreadable=self.pictures_unreadable + other.pictures_unreadable,
            pictures_with_other_counts=self.pictures_with_other_counts
            + other.pictures_with_other_counts,
            faces=self.faces + other.faces,
            descriptor_max_difference=max(
                self.descriptor_max_difference, other.descriptor_max_difference
            ),
            detections_same=self.detections_same + other.detections_same,
            detections_only_dlib=self.detections_only_dlib + other.detections_only_dlib,
            detections_only_ours=self.detections_only_ours + other.detections_only_ours,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values."""
        fraction = self.detections_same_fraction
        return {
            "pictures": self.pictures,
            "pictures_scaled": self.pictures_scaled,
            "pictures_unreadable": self.pictures_unreadable,
            "pictures_with_other_counts": self.pictures_with_other_counts,
            "faces": self.faces,
            "descriptor_max_difference": self.descriptor_max_difference,
            "detections": self.detections,
            "detections_same_fraction": None if fraction is None else round(fraction, 6),
            "detections_only_dlib": self.detections_only_dlib,
            "detections_only_ours": self.detections_only_ours,
        }


class Networks:
    """Our two networks and dlib's, from the same files."""

    def __init__(self) -> None:
        detector, descriptor = (
            checked_weights(DETECTOR_WEIGHTS),
            checked_weights(DESCRIPTOR_WEIGHTS),
        )
        self._predictor = LandmarkPredictor(checked_weights(LANDMARK_WEIGHTS))
        self._ours = CnnDetector(detector), Descriptor(descriptor)
        self._dlib_detector: Any = dlib.cnn_face_detection_model_v1(str(detector))
        self._dlib_descriptor: Any = dlib.face_recognition_model_v1(str(descriptor))

    def compare(self, pixels: Pixels) -> DlibAgreement:
        """Return how far they agree on one picture, as it stands and at dlib's own pyramid."""
        detector, descriptor = self._ours
        ours = detector.detect(pixels)
        theirs = [_detection(found) for found in self._dlib_detector(pixels, 0)]
        same = count_same(ours, theirs)
        chips = [self._chip(pixels, found) for found in ours]
        described = descriptor.describe(np.stack(chips)) if chips else ()
        differences = [
            float(np.abs(row - np.array(self._dlib_descriptor.compute_face_descriptor(chip))).max())
            for row, chip in zip(described, chips, strict=True)
        ]
        return DlibAgreement(
            pictures=1,
            pictures_with_other_counts=int(len(ours) != len(theirs)),
            faces=len(ours),
            descriptor_max_difference=max(differences, default=0.0),
            detections_same=same,
            detections_only_dlib=len(theirs) - same,
            detections_only_ours=len(ours) - same,
        )

    def _chip(self, pixels: Pixels, found: Detection) -> Pixels:
        box = Box(*(round(v) for v in (found.left, found.top, found.width, found.height)))
        return cut_chip(pixels, box, self._predictor.predict(pixels, box))


def agreements(networks: Networks, paths: Iterable[Path]) -> Iterator[DlibAgreement]:
    """Yield how far the networks agree on each picture."""
    for path in paths:
        try:
            pixels = decode_image(path.read_bytes(), PICTURE_LIMITS).pixels
        except (OSError, UnreadableImage):
            yield DlibAgreement(pictures_unreadable=1)
            continue
        working = _scaled_down(pixels)
        found = networks.compare(working)
        yield replace(found, pictures_scaled=int(working is not pixels))


def count_same(ours: Sequence[Detection], theirs: Sequence[Detection]) -> int:
    """Return how many detections both have; each counts once, the best overlap first."""
    pairs = sorted(
        (
            (one.overlap(other), index, number)
            for index, one in enumerate(ours)
            for number, other in enumerate(theirs)
            if abs(one.score - other.score) <= SAME_SCORE_DIFFERENCE
        ),
        reverse=True,
    )
    taken: set[tuple[str, int]] = set()
    same = 0
    for overlap, index, number in pairs:
        if overlap < SAME_OVERLAP or taken & {("ours", index), ("dlib", number)}:
            continue
        taken |= {("ours", index), ("dlib", number)}
        same += 1
    return same


def _detection(found: Any) -> Detection:
    rectangle = found.rect
    return Detection(
        left=rectangle.left(),
        top=rectangle.top(),
        width=rectangle.width(),
        height=rectangle.height(),
        score=found.confidence,
    )


def _scaled_down(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = math.sqrt(MAX_PIXELS / (width * height))
    if scale >= 1:
        return pixels
    return scaled(pixels, max(int(width * scale), 1), max(int(height * scale), 1))
