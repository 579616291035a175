"""dlib's CNN face detector (max-margin object detection) on ONNX Runtime.

Source: D. E. King, "Max-Margin Object Detection", 2015, and dlib 20, ``dnn/loss.h``. On the same
picture it gives dlib's own boxes and confidences, in a fifteenth of the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.dlib_network import read_network
from verifier.faces import Pixels
from verifier.image_pyramid import MARGIN_PX, Canvas, lay_out, paint
from verifier.onnx_graph import open_session
from verifier.onnx_network import build_model

WINDOW_PX = 80
"""Edge of the one window the network knows: the size at which it sees a face."""

_CELL_PX = 8
_FIRST_CELL_PX = 14
"""The answer's cell (r, c) is centred at (8c+14, 8r+14) of the canvas."""

_REACH_PX = 29
"""What the network looks at for one cell; of a smaller canvas it cannot say anything."""

MAX_OVERLAP = 0.3382761351109955
"""Intersection over union above which the weaker of two boxes is the same face; stands in the
weights file, where training put it."""

SEARCH_STEP = 3 / 4
"""Of the pyramid in `CnnDetector.search`. With 2/3 it finds the same whole faces a fifth sooner,
but misses some that the picture's border cuts."""

SMALLEST_LEVEL_PX = 40
"""Shorter edge of its last level: the window no longer fits, but half a face at the border does."""

MAX_CANDIDATES = 2000
"""Cells looked at, the strongest first: a hostile picture must not make the comparison of boxes,
whose time grows with the square of their number, hold a worker."""


@dataclass(frozen=True)
class Detection:
    """A box in pixels of the picture, not rounded, and the detector's confidence in it."""

    left: float
    top: float
    width: float
    height: float
    score: float

    def overlap(self, other: "Detection") -> float:
        """Return intersection over union, 0..1."""
        right = min(self.left + self.width, other.left + other.width)
        bottom = min(self.top + self.height, other.top + other.height)
        width = max(right - max(self.left, other.left), 0.0)
        height = max(bottom - max(self.top, other.top), 0.0)
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)


class CnnDetector:
    """The network, ready to look. One thread at a time."""

    def __init__(self, weights: Path) -> None:
        network = read_network(weights)
        self._means = network.means
        self._session = open_session(build_model(network))

    def detect(self, pixels: Pixels, threshold: float = 0.0) -> tuple[Detection, ...]:
        """Return the faces of a picture as dlib finds them, the surest first.

        Its pyramid costs 3.3 times the picture's area.

        Parameters
        ----------
        threshold
            Lowest confidence that counts; 0 is dlib's.
        """
        layout = lay_out(pixels.shape[0], pixels.shape[1])
        answer = self._answer(paint(pixels, layout, self._means))
        found = []
        for x, y, score in _peaks(answer, threshold):
            left, top, right, bottom = layout.in_picture(x, y, WINDOW_PX)
            found.append(Detection(left, top, right - left + 1, bottom - top + 1, score))
        return _without_overlaps(found)

    def search(self, pixels: Pixels, threshold: float = 0.0) -> tuple[Detection, ...]:
        """Return the faces of a picture, the surest first, in little more than half the time.

        With steps of 3/4 instead of 5/6, and each level on a canvas of its own, it costs 2.5 times
        the picture's area. It finds the same faces of two people side by side, in crowds and in
        group photos, and frames them up to a seventh too large or too small.
        """
        height, width = pixels.shape[:2]
        found = []
        scale = 1.0
        while min(width, height) * scale >= SMALLEST_LEVEL_PX:
            size = (max(round(width * scale), 1), max(round(height * scale), 1))
            answer = self._answer(self._framed(_resized(pixels, size)))
            across, down = width / size[0], height / size[1]
            for x, y, score in _peaks(answer, threshold):
                centre_x, centre_y = (x - MARGIN_PX + 0.5) * across, (y - MARGIN_PX + 0.5) * down
                edges = WINDOW_PX * across, WINDOW_PX * down
                left, top = centre_x - edges[0] / 2, centre_y - edges[1] / 2
                found.append(Detection(left, top, *edges, score))
            scale *= SEARCH_STEP
        return _without_overlaps(found)

    def _framed(self, pixels: Pixels) -> Canvas:
        """Return the picture with a margin of the network's mean colour around it."""
        height, width = pixels.shape[:2]
        canvas = np.empty((height + 2 * MARGIN_PX, width + 2 * MARGIN_PX, 3), np.float32)
        canvas[:] = np.array(self._means, np.float32)
        canvas[MARGIN_PX : MARGIN_PX + height, MARGIN_PX : MARGIN_PX + width] = pixels
        return canvas

    def _answer(self, canvas: Canvas) -> NDArray[np.float32]:
        """Return the network's confidence for each cell; empty if no window fits."""
        if min(canvas.shape[:2]) < _REACH_PX:
            return np.empty((0, 0), np.float32)
        answer: NDArray[np.float32] = self._session.run(None, {"pixels": canvas[None]})[0][0, 0]
        return answer


def _peaks(answer: NDArray[np.float32], threshold: float) -> Iterator[tuple[float, float, float]]:
    """Yield x and y on the canvas and confidence of the strongest cells, the surest first."""
    rows, columns = np.nonzero(answer > threshold)
    scores = answer[rows, columns]
    for index in np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]:
        x = _CELL_PX * float(columns[index]) + _FIRST_CELL_PX
        y = _CELL_PX * float(rows[index]) + _FIRST_CELL_PX
        yield x, y, float(scores[index])


def _without_overlaps(found: list[Detection]) -> tuple[Detection, ...]:
    """Return the detections, the surest first, without weaker ones of the same face."""
    kept: list[Detection] = []
    for face in sorted(found, key=lambda face: -face.score)[:MAX_CANDIDATES]:
        if all(face.overlap(other) <= MAX_OVERLAP for other in kept):
            kept.append(face)
    return tuple(kept)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
