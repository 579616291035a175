"""From a face in a picture to the chip the descriptor network was trained on.

The chip is dlib's own: its five landmarks, its mean face, its scaling. With another alignment
the network loses 4 to 12 points of accuracy (dlib issue threads), so what is done here beside
it is small and symmetrical.
"""

from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from verifier.faces import Box, Chip, Chips, Pixels

CHIP_PX = 150
"""Edge of the aligned face: what the descriptor network was trained on."""

CHIP_PADDING = 0.25
"""Margin around the face as a part of its size: likewise from the training (dlib's example)."""

Landmarks = tuple[tuple[int, int], ...]
"""Five (x, y) in dlib's order; see `DetectedFace.landmarks`."""


class LandmarkPredictor:
    """dlib's 5-point predictor."""

    def __init__(self, weights: Path) -> None:
        self._predictor: Any = dlib.shape_predictor(str(weights))

    def predict(self, pixels: Pixels, box: Box) -> Landmarks:
        """Return the five points of the face in the box."""
        shape = self._predictor(pixels, dlib_rectangle(box))
        return tuple((point.x, point.y) for point in shape.parts())


_BOX_EDGE, _BOX_BELOW_EYES = 2.4, 0.35
"""How dlib's CNN frames a face, in eye distances: edge of the box, and how far its centre lies
below the eyes (medians of 1,900 frontal faces in LFW)."""


def box_around(landmarks: Landmarks) -> Box:
    """Return the box in which dlib's detector would frame the face with these landmarks."""
    points = np.array(landmarks, np.float64)
    right, left = points[:2].mean(axis=0), points[2:4].mean(axis=0)
    eye_distance = max(float(np.hypot(*(right - left))), 1.0)
    x, y = (right + left) / 2
    edge = _BOX_EDGE * eye_distance
    return Box(
        left=round(x - edge / 2),
        top=round(y + _BOX_BELOW_EYES * eye_distance - edge / 2),
        width=max(round(edge), 1),
        height=max(round(edge), 1),
    )


def cut_chip(pixels: Pixels, box: Box, landmarks: Landmarks) -> Chip:
    """Return (150, 150, 3) uint8 RGB, upright, eyes and nose where dlib's mean face has them."""
    points = [dlib.point(x, y) for x, y in landmarks]
    shape = dlib.full_object_detection(dlib_rectangle(box), points)
    return np.asarray(dlib.get_face_chip(pixels, shape, size=CHIP_PX, padding=CHIP_PADDING))


def dlib_rectangle(box: Box) -> Any:
    """Return dlib's rectangle, whose right and bottom are inside it."""
    return dlib.rectangle(box.left, box.top, box.right - 1, box.bottom - 1)


Warp = tuple[float, float, float]
"""Scale, rotation in degrees and shift to the right in chip pixels."""

AS_IT_IS: Warp = (1.0, 0.0, 0.0)

SCALED: tuple[Warp, ...] = (AS_IT_IS, (0.94, 0.0, 0.0), (1.06, 0.0, 0.0))
"""Three chips: the landmarks of one face at two moments differ by about as much."""

VARIED: tuple[Warp, ...] = (
    *SCALED,
    (1.0, 4.0, 0.0),
    (1.0, -4.0, 0.0),
    (1.0, 0.0, 4.0),
    (1.0, 0.0, -4.0),
)
"""Seven chips, for references, which are made once and compared with for hours."""


def with_variants(chip: Chip, warps: tuple[Warp, ...], *, mirrored: bool) -> Chips:
    """Return the chip under each warp, and then the mirror image of each: (n, 150, 150, 3).

    Fixed warps, unlike dlib's jitter, whose random numbers depend on earlier calls.
    """
    variants = np.stack([chip if warp == AS_IT_IS else _warped(chip, warp) for warp in warps])
    if not mirrored:
        return variants
    return np.concatenate([variants, variants[:, :, ::-1]])


def _warped(chip: Chip, warp: Warp) -> Chip:
    scale, degrees, shift_px = warp
    centre = (CHIP_PX - 1) / 2
    matrix: NDArray[Any] = cv2.getRotationMatrix2D((centre, centre), degrees, scale)
    matrix[0, 2] += shift_px
    size = (CHIP_PX, CHIP_PX)
    warped = cv2.warpAffine(
        chip, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)
