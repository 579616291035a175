"""dlib's own detector and networks behind the engine protocol: the reference.

This module is dlib's untyped edge: what leaves it is numpy or ours.
"""

from pathlib import Path
from typing import Any

import dlib
import numpy as np

from verifier.alignment import LandmarkPredictor, cut_chip
from verifier.faces import Chips, DetectedFace, Encodings, Pixels
from verifier.hog_detector import HogDetector
from verifier.look import Look
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    checked_weights,
    engine_id_of,
)

PIPELINE_VERSION = "p1"
"""Changes with everything here that moves a box, a landmark or an encoding."""

WORKING_PIXELS = 1280 * 720
"""Area that detection works on at most; larger pictures are scaled down to it. The detector's
time grows with the area: about 75 ms for this one, 50 ms for a webcam's frame (grey, one core)."""

MAX_MAGNIFICATION = 1.5
"""How much smaller pictures are scaled up before detection. The detector knows faces from
80 px; this finds them from 53 px. Of 150 LFW and 420 degraded images 29 are missed at 1.0, 17 at
1.5 and 26 at 2.0; of 9 group photos with 0 to 8 people 3, 7 and 6 are counted right."""

DETECTOR_THRESHOLD = 0.0
"""dlib's own working point; lower values find more faces and more wallpaper."""


class DlibEngine:
    """HOG detector, 5-point predictor and ResNet v1, as dlib ships them.

    Detection looks at grey pixels: on the portraits at several sizes they cost a quarter less
    than RGB and found the same faces. Landmarks and encodings come from the full picture, so
    that scaling for the detector costs no detail.
    """

    def __init__(self, weights_folder: Path | None = None) -> None:
        landmarks = checked_weights(LANDMARK_WEIGHTS, weights_folder)
        descriptor = checked_weights(DESCRIPTOR_WEIGHTS, weights_folder)
        self._hog = HogDetector(WORKING_PIXELS, MAX_MAGNIFICATION)
        self._predictor = LandmarkPredictor(landmarks)
        self._network: Any = dlib.face_recognition_model_v1(str(descriptor))
        self._engine_id = engine_id_of(
            "dlib", PIPELINE_VERSION, LANDMARK_WEIGHTS, DESCRIPTOR_WEIGHTS
        )

    @property
    def engine_id(self) -> str:
        """As "dlib-3f2a9c01b7de-p1": weights, then pipeline version."""
        return self._engine_id

    def encoding_length(self, network_length: float) -> float:
        """Return the same: encodings are as long as the network makes them."""
        return network_length

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first; however closely it looks."""
        del look
        return tuple(
            DetectedFace(box, score, "hog", self._predictor.predict(pixels, box))
            for box, score in self._hog.detect(pixels, DETECTOR_THRESHOLD)
        )

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return (n, 150, 150, 3) uint8 RGB."""
        chips = [cut_chip(pixels, face.box, face.landmarks) for face in faces]
        return np.stack(chips) if chips else np.empty((0, 150, 150, 3), np.uint8)

    def encode_chips(self, chips: Chips, look: Look = Look.THOROUGH) -> Encodings:
        """Return (n, 128) float32; however closely it looks.

        Without jitter: dlib draws it from a random state that depends on earlier calls.
        """
        del look
        rows = [np.array(self._network.compute_face_descriptor(chip)) for chip in chips]
        return np.array(rows, dtype=np.float32).reshape(len(rows), 128)

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        """Return `encode_chips` of `align_faces`."""
        return self.encode_chips(self.align_faces(pixels, faces), look)
