"""The engine exams run on: dlib's weights, a cascade of detectors, averaged encodings."""

from pathlib import Path

import numpy as np

from verifier.alignment import (
    SCALED,
    VARIED,
    LandmarkPredictor,
    Warp,
    cut_chip,
    with_variants,
)
from verifier.cnn_detector import CnnDetector
from verifier.descriptor import Descriptor
from verifier.detection_cascade import DetectionCascade
from verifier.faces import Chip, Chips, DetectedFace, Encodings, Pixels
from verifier.look import Look
from verifier.tiny_detector import TinyDetector
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    DETECTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    TINY_DETECTOR_MANIFEST,
    TINY_DETECTOR_WEIGHTS,
    checked_weights,
    copied_weights_folder,
    engine_id_of,
)

PIPELINE_VERSION = "o1"
"""Changes with everything here that moves a box, a landmark or an encoding."""

WARPS: dict[Look, tuple[Warp, ...]] = {Look.CLOSE: SCALED, Look.THOROUGH: VARIED}
"""Chips whose encodings are averaged, each with its mirror image."""

USUAL_LENGTH, LENGTH_KEPT = 1.43, 0.25
"""Encodings are scaled towards the usual length, the median of dlib's own in LFW, so that distances
keep their familiar scale; this power of their own length is kept. Poor pictures give short
encodings. At a false match rate of 1:10,000 scaled ones are falsely rejected in 20 % of LFW's pairs
instead of 27 %; scaled to the full, webcam-like ones in 4.1 % at 1:100 instead of 3.5 %."""


class OnnxEngine:
    """Finds and encodes faces in milliseconds."""

    def __init__(self, weights_folder: Path | None = None) -> None:
        landmarks = checked_weights(LANDMARK_WEIGHTS, weights_folder)
        detector = checked_weights(DETECTOR_WEIGHTS, weights_folder)
        copied = weights_folder or copied_weights_folder()
        tiny = checked_weights(TINY_DETECTOR_WEIGHTS, copied)
        tiny_manifest = checked_weights(TINY_DETECTOR_MANIFEST, copied)
        descriptor = checked_weights(DESCRIPTOR_WEIGHTS, weights_folder)
        self._cascade = DetectionCascade(
            TinyDetector(tiny, tiny_manifest), CnnDetector(detector), LandmarkPredictor(landmarks)
        )
        self._descriptor = Descriptor(descriptor)
        self._described: tuple[Chip, Encodings] | None = None
        self._engine_id = engine_id_of(
            "onnx",
            PIPELINE_VERSION,
            LANDMARK_WEIGHTS,
            TINY_DETECTOR_WEIGHTS,
            TINY_DETECTOR_MANIFEST,
            DETECTOR_WEIGHTS,
            DESCRIPTOR_WEIGHTS,
        )

    @property
    def engine_id(self) -> str:
        """As "onnx-3f2a9c01b7de-o1": weights, then pipeline version."""
        return self._engine_id

    def encoding_length(self, network_length: float) -> float:
        """Return the length to which an encoding of the network's `network_length` is scaled."""
        return float(USUAL_LENGTH * (network_length / USUAL_LENGTH) ** LENGTH_KEPT)

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first."""
        return self._cascade.detect_faces(pixels, look)

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return (n, 150, 150, 3) uint8 RGB."""
        chips = [cut_chip(pixels, face.box, face.landmarks) for face in faces]
        return np.stack(chips) if chips else np.empty((0, 150, 150, 3), np.uint8)

    def encode_chips(self, chips: Chips, look: Look = Look.THOROUGH) -> Encodings:
        """Return (n, 128) float32, scaled as `encoding_length` says."""
        rows = [self._encode(chip, look) for chip in chips]
        return np.array(rows, np.float32).reshape(len(rows), 128)

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        """Return `encode_chips` of `align_faces`."""
        return self.encode_chips(self.align_faces(pixels, faces), look)

    def _encode(self, chip: Chip, look: Look) -> Encodings:
        if look.is_at_least(Look.CLOSE):
            rows = self._descriptor.describe(with_variants(chip, WARPS[look], mirrored=True))
        else:
            rows = self._describe_plainly(chip)
        if look is Look.MIRRORED:
            mirrored = self._descriptor.describe(chip[None, :, ::-1])
            rows = np.concatenate([rows, mirrored])
        mean = rows.mean(axis=0, dtype=np.float64)
        length = max(float(np.linalg.norm(mean)), 1e-9)
        return np.asarray(mean * (self.encoding_length(length) / length), np.float32)

    def _describe_plainly(self, chip: Chip) -> Encodings:
        """Return the network's answer for a chip as it is, (1, 128); the last one is remembered.

        The look after a glance averages it with the mirrored chip's.
        """
        if self._described is None or not np.array_equal(self._described[0], chip):
            self._described = chip.copy(), self._descriptor.describe(chip[None])
        return self._described[1]
