"""Figures on how well a picture can be judged.

All are measured on grey copies of fixed size, so that they mean the same for a webcam's frame
and a camera's portrait. ISO/IEC 29794-5 (OFIQ) names the measures.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.faces import DetectedFace, Pixels
from verifier.pose import pose_of

FRAME_EDGE_PX = 107
"""Longer edge at which a whole frame's sharpness is measured, a sixth of a webcam's width: the
camera's noise is averaged away, and blur that hides a face from the detector still shows."""

LAYOUT_EDGE_PX = 64
"""Longer edge at which only the layout of a scene is left, without its texture."""


@dataclass(frozen=True)
class FrameQuality:
    """Figures of the whole picture, whoever is in it."""

    frame_brightness: float
    """Mean grey, 0..255."""

    frame_highlight: float
    """Part of the pixels, 0..1, that are white (250 and more): nothing can be seen in them."""

    frame_layout: float
    """Standard deviation of the grey layout after its smooth shading (a quadratic surface) is
    taken off, 0..127. A wall has next to none, however the light falls on it; a scene keeps
    its own even when it is badly blurred."""

    frame_sharpness: float
    """Variance of the Laplacian at `FRAME_EDGE_PX` as a part of the squared layout: edges that
    a scene of this contrast has. 3 to 11 in sharp rooms and portraits, 1.5 to 4 in LFW; below
    1 where blur hides a face from the detector. 0 for a picture without layout."""

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return _rounded(asdict(self))


@dataclass(frozen=True)
class FaceQuality:
    """Figures of one face, measured on its aligned chip of 150x150 pixels."""

    face_brightness: float
    """Mean grey, 0..255."""

    face_contrast: float
    """Standard deviation of grey, 0..127."""

    face_sharpness: float
    """Variance of the Laplacian. A face that was scaled up to the chip scores low, rightly."""

    face_size_px: int
    """Shorter edge of the face's box in the picture."""

    face_cut_fraction: float
    """Part of the face's box, 0..1, that lies outside the picture."""

    face_yaw: float = 0.0
    """How far the head is turned; see `Pose`."""

    face_pitch: float = 0.0
    """How far it nods; see `Pose`."""

    face_roll_degrees: float = 0.0
    """How far it is tilted; see `Pose`."""

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return _rounded(asdict(self))


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(figure, 4) for name, figure in figures.items()}


def measure_frame(pixels: Pixels) -> FrameQuality:
    """Return the figures of a picture, (h, w, 3) uint8 RGB."""
    grey = _scaled(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), FRAME_EDGE_PX)
    layout = _layout(_scaled(grey, LAYOUT_EDGE_PX))
    return FrameQuality(
        frame_brightness=float(grey.mean()),
        frame_highlight=float((grey >= 250).mean()),
        frame_layout=layout,
        frame_sharpness=_laplacian_variance(grey) / layout**2 if layout > 1 else 0.0,
    )


def measure_face(
    chip: Pixels, face: DetectedFace, image_width: int, image_height: int
) -> FaceQuality:
    """Return the figures of one face; `chip` is (150, 150, 3) uint8 RGB."""
    pose = pose_of(face.landmarks)
    grey = np.asarray(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), np.uint8)
    return FaceQuality(
        face_brightness=float(grey.mean()),
        face_contrast=float(grey.std()),
        face_sharpness=_laplacian_variance(grey),
        face_size_px=face.box.size_px,
        face_cut_fraction=face.box.outside_fraction(image_width, image_height),
        face_yaw=pose.yaw,
        face_pitch=pose.pitch,
        face_roll_degrees=pose.roll_degrees,
    )


def _scaled(grey: NDArray[Any], longer_edge_px: int) -> NDArray[np.uint8]:
    """Return the picture by averaging, first over whole blocks, which is five times faster."""
    block = max(grey.shape) // longer_edge_px
    if block > 1 and min(grey.shape) >= 3 * block:
        height, width = (edge // block for edge in grey.shape)
        blocks = grey[: height * block, : width * block]
        grey = np.asarray(cv2.resize(blocks, (width, height), interpolation=cv2.INTER_AREA))
    height, width = grey.shape
    scale = longer_edge_px / max(width, height)
    size = (max(round(width * scale), 3), max(round(height * scale), 3))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _laplacian_variance(grey: NDArray[np.uint8]) -> float:
    return float(cv2.Laplacian(grey, cv2.CV_32F, ksize=3).var())


def _layout(grey: NDArray[np.uint8]) -> float:
    """Return the standard deviation that a quadratic surface does not explain."""
    basis = _quadratic_basis(*grey.shape)
    values = grey.astype(np.float64).reshape(-1)
    return float((values - basis @ (basis.T @ values)).std())


@lru_cache(maxsize=8)
def _quadratic_basis(height: int, width: int) -> NDArray[np.float64]:
    """Return (height * width, 6) orthonormal columns that span all quadratic surfaces."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)
    basis, _ = np.linalg.qr(terms)
    return np.asarray(basis, np.float64)
