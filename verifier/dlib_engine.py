"""dlib's own detector and networks behind the engine protocol.

This module is dlib's untyped edge: what leaves it is numpy or ours.
"""

import hashlib
import math
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from verifier.faces import Box, Chips, DetectedFace, Encodings, Pixels
from verifier.weights import (
    DESCRIPTOR_WEIGHTS,
    LANDMARK_WEIGHTS,
    WeightsFile,
    checked_weights,
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

CHIP_PX = 150
"""Edge of the aligned face: what the descriptor network was trained on."""

CHIP_PADDING = 0.25
"""Margin around the face as a part of its size: likewise from the training (dlib's example)."""


class DlibEngine:
    """HOG detector, 5-point predictor and ResNet v1, as dlib ships them.

    Detection looks at grey pixels: on the portraits at several sizes they cost a quarter less
    than RGB and found the same faces. Landmarks and encodings come from the full picture, so
    that scaling for the detector costs no detail.
    """

    def __init__(self, weights_folder: Path | None = None) -> None:
        landmarks = checked_weights(LANDMARK_WEIGHTS, weights_folder)
        descriptor = checked_weights(DESCRIPTOR_WEIGHTS, weights_folder)
        self._detector: Any = dlib.get_frontal_face_detector()
        self._predictor: Any = dlib.shape_predictor(str(landmarks))
        self._network: Any = dlib.face_recognition_model_v1(str(descriptor))
        self._engine_id = _engine_id(LANDMARK_WEIGHTS, DESCRIPTOR_WEIGHTS)

    @property
    def engine_id(self) -> str:
        """As "dlib-3f2a9c01b7de-p1": weights, then pipeline version."""
        return self._engine_id

    def detect_faces(self, pixels: Pixels) -> tuple[DetectedFace, ...]:
        """Return every face of the picture, the surest first."""
        working, scale = _working_copy(pixels)
        rectangles, scores, _ = self._detector.run(working, 0, DETECTOR_THRESHOLD)
        faces = [
            self._face(pixels, _box_in_picture(rectangle, scale), score)
            for rectangle, score in zip(rectangles, scores, strict=True)
        ]
        return tuple(sorted(faces, key=lambda face: -face.detector_score))

    def _face(self, pixels: Pixels, box: Box, score: float) -> DetectedFace:
        shape = self._predictor(pixels, _rectangle(box))
        return DetectedFace(
            box=box,
            detector_score=float(score),
            detector="hog",
            landmarks=tuple((point.x, point.y) for point in shape.parts()),
        )

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return (n, 150, 150, 3) uint8 RGB."""
        chips = np.empty((len(faces), CHIP_PX, CHIP_PX, 3), dtype=np.uint8)
        for index, face in enumerate(faces):
            points = [dlib.point(x, y) for x, y in face.landmarks]
            shape = dlib.full_object_detection(_rectangle(face.box), points)
            chips[index] = dlib.get_face_chip(pixels, shape, size=CHIP_PX, padding=CHIP_PADDING)
        return chips

    def encode_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Encodings:
        """Return (n, 128) float32.

        Without jitter: dlib draws it from a random state that depends on earlier calls.
        """
        chips = self.align_faces(pixels, faces)
        rows = [np.array(self._network.compute_face_descriptor(chip)) for chip in chips]
        return np.array(rows, dtype=np.float32).reshape(len(rows), 128)


def _engine_id(*files: WeightsFile) -> str:
    digest = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    return f"dlib-{digest[:12]}-{PIPELINE_VERSION}"


def _working_copy(pixels: Pixels) -> tuple[NDArray[np.uint8], float]:
    """Return the grey picture the detector looks at and its scale against `pixels`."""
    height, width = pixels.shape[:2]
    scale = min(MAX_MAGNIFICATION, math.sqrt(WORKING_PIXELS / (width * height)))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=interpolation), np.uint8), scale


def _box_in_picture(rectangle: Any, scale: float) -> Box:
    return Box(
        left=round(rectangle.left() / scale),
        top=round(rectangle.top() / scale),
        width=max(round(rectangle.width() / scale), 1),
        height=max(round(rectangle.height() / scale), 1),
    )


def _rectangle(box: Box) -> Any:
    """Return dlib's rectangle, whose right and bottom are inside it."""
    return dlib.rectangle(box.left, box.top, box.right - 1, box.bottom - 1)
