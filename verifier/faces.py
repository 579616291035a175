"""Faces as an engine finds them: where, how surely, by which detector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(h, w, 3) RGB, upright, contiguous."""

Chip = NDArray[np.uint8]
"""(150, 150, 3) RGB: one face turned upright and scaled, as the network wants it."""

Chips = NDArray[np.uint8]
"""(n, 150, 150, 3) RGB: faces turned upright and scaled alike, as the network wants them."""

Encodings = NDArray[np.float32]
"""(n, 128): one row per face; rows of one person lie close in Euclidean distance."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright picture; it may reach beyond the picture."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column that is not inside."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row that is not inside."""
        return self.top + self.height

    @property
    def size_px(self) -> int:
        """The shorter edge: how large a face is, whatever its shape."""
        return min(self.width, self.height)

    def clipped(self, image_width: int, image_height: int) -> "Box":
        """Return the part inside the picture; of zero width or height if there is none."""
        left = min(max(self.left, 0), image_width)
        top = min(max(self.top, 0), image_height)
        return Box(
            left=left,
            top=top,
            width=max(min(self.right, image_width) - left, 0),
            height=max(min(self.bottom, image_height) - top, 0),
        )

    def outside_fraction(self, image_width: int, image_height: int) -> float:
        """Return which part of the area, 0..1, lies outside the picture."""
        inside = self.clipped(image_width, image_height)
        return 1.0 - inside.width * inside.height / max(self.width * self.height, 1)

    def as_dict(self) -> dict[str, int]:
        """Return the four figures in pixels."""
        return {"x": self.left, "y": self.top, "width": self.width, "height": self.height}

    def normalised(self, image_width: int, image_height: int) -> dict[str, float]:
        """Return the four figures as parts of the picture, 0..1 for a clipped box."""
        return {
            "x": round(self.left / image_width, 5),
            "y": round(self.top / image_height, 5),
            "width": round(self.width / image_width, 5),
            "height": round(self.height / image_height, 5),
        }


@dataclass(frozen=True)
class DetectedFace:
    """One face of a picture."""

    box: Box
    """As the detector gave it: a face at the border may reach outside."""

    detector_score: float
    """The detector's own confidence; comparable only within one `detector`."""

    detector: str
    """Which detector saw it: "tiny", "cnn" or, in the reference engine, "hog"."""

    landmarks: tuple[tuple[int, int], ...]
    """Five (x, y) in pixels, in dlib's order: both corners of the eye at the picture's right,
    outer first, both corners of the eye at its left, outer first, the base of the nose."""
