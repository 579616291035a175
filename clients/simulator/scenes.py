"""Pictures as a webcam would take them in a student's room, composed from real portraits.

Every function returns a JPEG of 640x480 and depends on its arguments only: the same call gives
the same bytes, in every process.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from clients.simulator.portraits import portrait_path
from clients.simulator.room import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, paint_room

Pixels = NDArray[np.uint8]
"""(h, w, 3) in BGR, OpenCV's order."""


@dataclass(frozen=True)
class Face:
    """Where a portrait shows its face: a square, in pixels of the portrait.

    Boxes of dlib's HOG detector at half size, so that faces come out at the size asked for.
    """

    left_px: int
    top_px: int
    size_px: int

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the square."""
        return self.left_px + self.size_px / 2, self.top_px + self.size_px / 2


FACES = {
    "obama.jpg": Face(378, 158, 252),
    "obama2.jpg": Face(156, 290, 302),
    "obama_partial_face.jpg": Face(-54, 154, 234),
    "obama_partial_face2.jpg": Face(384, 154, 234),
    "biden.jpg": Face(422, 256, 300),
    "astronaut.png": Face(176, 66, 92),
}


@dataclass(frozen=True)
class Shot:
    """What differs between two pictures of the same scene."""

    shift_x_px: int = 0
    shift_y_px: int = 0
    face_size_px: int = 180
    gain: float = 1.0
    """Times the brightness."""
    noise_sigma: float = 2.0
    """Standard deviation of the sensor's noise, in grey levels."""
    jpeg_quality: int = 85
    is_mirrored: bool = False
    """Portraits are turned left to right, as selfie cameras do."""
    seed: int = 0


def shot(number: int, *, is_mirrored: bool = False) -> Shot:
    """Return the variation with this number: small, and always the same."""
    dice = np.random.default_rng(number)
    return Shot(
        shift_x_px=int(dice.integers(-40, 41)),
        shift_y_px=int(dice.integers(-14, 15)),
        face_size_px=int(dice.integers(160, 206)),
        gain=float(dice.uniform(0.86, 1.12)),
        noise_sigma=float(dice.uniform(1.0, 4.0)),
        jpeg_quality=int(dice.integers(72, 93)),
        is_mirrored=is_mirrored,
        seed=number,
    )


def webcam_frame(portrait: str, taken: Shot = Shot()) -> bytes:
    """Return one person before the webcam; `portrait` is one of `PORTRAIT_NAMES`."""
    return _photograph(_one_person(portrait, taken), taken)


def empty_room(taken: Shot = Shot()) -> bytes:
    """Return the room without anybody."""
    return _photograph(paint_room(), taken)


def two_people(left: str, right: str, taken: Shot = Shot()) -> bytes:
    """Return two people side by side, each somewhat smaller than one alone."""
    scene = paint_room()
    size_px = taken.face_size_px * 0.78
    for portrait, centre_x in ((left, 0.26), (right, 0.74)):
        middle = (FRAME_WIDTH_PX * centre_x + taken.shift_x_px / 2, 225 + taken.shift_y_px)
        scene = _seat(scene, portrait, middle, size_px, is_mirrored=taken.is_mirrored)
    return _photograph(scene, taken)


def blurred(portrait: str, taken: Shot = Shot(), *, blur_sigma_px: float = 22.0) -> bytes:
    """Return one person so far out of focus that nobody can be recognised."""
    scene = cv2.GaussianBlur(_one_person(portrait, taken), (0, 0), blur_sigma_px)
    return _photograph(np.asarray(scene, np.uint8), taken)


def dark(portrait: str, taken: Shot = Shot(), *, remaining_light: float = 0.025) -> bytes:
    """Return one person in a room whose light is off: nearly black."""
    scene = _one_person(portrait, taken).astype(np.float32) * remaining_light
    return _photograph(scene.astype(np.uint8), taken)


def _one_person(portrait: str, taken: Shot) -> Pixels:
    middle = (FRAME_WIDTH_PX / 2 + taken.shift_x_px, 205 + taken.shift_y_px)
    return _seat(paint_room(), portrait, middle, taken.face_size_px, is_mirrored=taken.is_mirrored)


def _seat(
    scene: Pixels,
    portrait: str,
    middle: tuple[float, float],
    face_size_px: float,
    *,
    is_mirrored: bool,
) -> Pixels:
    """Return the scene with a person's head and shoulders, the face's middle at `middle`."""
    face = FACES[portrait]
    scale = face_size_px / face.size_px
    turn = -scale if is_mirrored else scale
    x, y = face.centre
    placing = np.array([[turn, 0, middle[0] - turn * x], [0, scale, middle[1] - scale * y]])
    size = (FRAME_WIDTH_PX, FRAME_HEIGHT_PX)
    photograph = _photograph_of(portrait)
    placed = cv2.warpAffine(photograph, placing, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full(photograph.shape[:2], 255, np.uint8), placing, size)
    outline = cv2.min(_outline(middle, face_size_px), inside)
    weight = cv2.GaussianBlur(outline, (0, 0), face_size_px / 40)[..., None] / np.float32(255)
    return np.asarray(placed * weight + scene * (1 - weight), np.uint8)


@cache
def _photograph_of(portrait: str) -> Pixels:
    pixels = cv2.imread(str(portrait_path(portrait)), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f"The portrait {portrait} cannot be read.")
    return np.asarray(pixels, np.uint8)


def _outline(middle: tuple[float, float], face_size_px: float) -> Pixels:
    """Return a mask (h, w) of a head on shoulders: 255 inside."""
    mask = np.zeros((FRAME_HEIGHT_PX, FRAME_WIDTH_PX), np.uint8)
    x, y = middle
    for rise, half_width, half_height in ((0.1, 0.68, 0.92), (-0.9, 0.55, 0.5), (-2.1, 1.5, 1.3)):
        centre = (round(x), round(y - rise * face_size_px))
        axes = (round(half_width * face_size_px), round(half_height * face_size_px))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, cv2.FILLED)
    return mask


def _photograph(scene: Pixels, taken: Shot) -> bytes:
    """Return the scene as the camera's JPEG: exposure, sensor noise, compression."""
    dice = np.random.default_rng(taken.seed)
    noise = dice.normal(0, taken.noise_sigma, scene.shape).astype(np.float32)
    exposed = np.clip(scene.astype(np.float32) * taken.gain + noise, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, taken.jpeg_quality]
    is_encoded, jpeg = cv2.imencode(".jpg", exposed, quality)
    if not is_encoded:
        raise RuntimeError("OpenCV could not encode a JPEG.")
    return jpeg.tobytes()
