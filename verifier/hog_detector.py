"""dlib's frontal face detector (HOG): cheap, blind to small, dark and turned faces."""

import math
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from verifier.faces import Box, Pixels

Grey = NDArray[np.uint8]
"""(rows, columns)."""


class HogDetector:
    """The detector, ready to look. One thread at a time."""

    def __init__(self, working_pixels: int, max_magnification: float) -> None:
        self._detector: Any = dlib.get_frontal_face_detector()
        self._working_pixels = working_pixels
        self._max_magnification = max_magnification

    def detect(self, pixels: Pixels, threshold: float) -> tuple[tuple[Box, float], ...]:
        """Return boxes with the detector's confidence, the surest first.

        It looks at grey pixels, scaled so that the picture has `working_pixels` but never
        magnified beyond `max_magnification`.
        """
        working, scale = self._working_copy(pixels)
        rectangles, scores, _ = self._detector.run(working, 0, threshold)
        found = [
            (_in_picture(rectangle, scale), float(score))
            for rectangle, score in zip(rectangles, scores, strict=True)
        ]
        return tuple(sorted(found, key=lambda face: -face[1]))

    def _working_copy(self, pixels: Pixels) -> tuple[Grey, float]:
        height, width = pixels.shape[:2]
        scale = min(self._max_magnification, math.sqrt(self._working_pixels / (width * height)))
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(grey, size, interpolation=interpolation), np.uint8), scale


def _in_picture(rectangle: Any, scale: float) -> Box:
    return Box(
        left=round(rectangle.left() / scale),
        top=round(rectangle.top() / scale),
        width=max(round(rectangle.width() / scale), 1),
        height=max(round(rectangle.height() / scale), 1),
    )
