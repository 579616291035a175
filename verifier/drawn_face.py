"""A face drawn by arithmetic: the self-test's picture, so that no photograph has to be shipped.

Only numpy's elementary operations are used: a drawing library may move an edge by a pixel
between releases, which would look like broken weights.
"""

import numpy as np
from numpy.typing import NDArray

from verifier.faces import Pixels

EDGE_PX = 320
"""Width and height of the drawing."""

_EDGE_SOFTNESS_PX = 4.0
_BACKGROUND = (96, 112, 128)
_SHIRT = (64, 72, 104)
_HAIR = (72, 52, 40)
_SKIN = (214, 172, 146)
_EYE_SOCKET = (172, 132, 112)
_BROW = (74, 56, 46)
_EYE_WHITE = (236, 234, 230)
_IRIS = (52, 44, 40)
_NOSE_SHADOW = (150, 108, 92)
_LIPS = (160, 84, 84)
_MOUTH_LINE = (92, 44, 48)


class _Canvas:
    """An RGB picture to which ellipses with soft edges are added."""

    def __init__(self) -> None:
        self._y, self._x = np.mgrid[0:EDGE_PX, 0:EDGE_PX].astype(np.float64)
        self._rgb = np.broadcast_to(np.array(_BACKGROUND, np.float64), (EDGE_PX, EDGE_PX, 3)).copy()

    def ellipse(
        self, centre: tuple[float, float], radii: tuple[float, float], colour: tuple[int, int, int]
    ) -> None:
        """Add one; the centre is (x, y), the radii are (horizontal, vertical), in pixels."""
        reach = np.hypot((self._x - centre[0]) / radii[0], (self._y - centre[1]) / radii[1])
        cover = np.clip((1.0 - reach) * min(radii) / _EDGE_SOFTNESS_PX + 0.5, 0.0, 1.0)
        self._rgb += cover[..., None] * (np.array(colour, np.float64) - self._rgb)

    def pixels(self) -> Pixels:
        rounded: NDArray[np.uint8] = np.floor(self._rgb + 0.5).astype(np.uint8)
        return np.ascontiguousarray(rounded)


def draw_face(eye_gap_px: float = 26.0, mouth_y_px: float = 207.0) -> Pixels:
    """Return (320, 320, 3) uint8 RGB with one frontal face.

    Parameters
    ----------
    eye_gap_px
        From the middle of the face to the middle of each eye.
    mouth_y_px
        Row of the mouth; with the eyes it makes another face of the same drawing.
    """
    canvas = _Canvas()
    canvas.ellipse((160, 330), (125, 85), _SHIRT)
    canvas.ellipse((160, 148), (76, 100), _HAIR)
    canvas.ellipse((160, 162), (62, 84), _SKIN)
    for side in (-1, 1):
        x = 160 + side * eye_gap_px
        canvas.ellipse((x, 146), (19, 12), _EYE_SOCKET)
        canvas.ellipse((x, 129), (18, 5), _BROW)
        canvas.ellipse((x, 147), (13, 6), _EYE_WHITE)
        canvas.ellipse((x, 147), (6, 6), _IRIS)
        canvas.ellipse((160 + side * 8, 184), (5, 4), _NOSE_SHADOW)
    canvas.ellipse((160, 189), (15, 5), _NOSE_SHADOW)
    canvas.ellipse((160, 182), (7, 8), _SKIN)
    canvas.ellipse((160, mouth_y_px), (24, 9), _LIPS)
    canvas.ellipse((160, mouth_y_px), (22, 2), _MOUTH_LINE)
    return canvas.pixels()
