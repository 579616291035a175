"""Pictures turned into what a webcam would have sent."""

import math

import cv2
import numpy as np
import simplejpeg

from verifier.faces import Box, Pixels

WIDTH_PX, HEIGHT_PX = 640, 480
"""What browsers ask webcams for."""

FACE_PX = 180
"""Height of the face's box: somebody who sits an arm's length from a laptop's camera."""

JPEG_QUALITY = 85
"""As the browser client encodes its frames."""


def webcam_frame(pixels: Pixels, face: Box) -> Pixels:
    """Return the picture scaled and cut to (480, 640, 3) with the face in the middle.

    The face's box becomes `FACE_PX` high. Where the picture ends, its border is repeated.
    """
    scale = FACE_PX / face.height
    width, height = max(round(WIDTH_PX / scale), 1), max(round(HEIGHT_PX / scale), 1)
    left = face.left + face.width // 2 - width // 2
    top = face.top + face.height // 2 - height // 2
    return scaled(_cut(pixels, left, top, width, height), WIDTH_PX, HEIGHT_PX)


def changed_copy(frame: Pixels) -> Pixels:
    """Return another picture of the same person, for want of one: mirrored, larger, darker.

    The face is an eighth larger and a fifth darker than in the frame.
    """
    width, height = WIDTH_PX * 8 // 9, HEIGHT_PX * 8 // 9
    left, top = (WIDTH_PX - width) // 2, (HEIGHT_PX - height) // 2
    nearer = scaled(_cut(frame[:, ::-1], left, top, width, height), WIDTH_PX, HEIGHT_PX)
    return np.asarray(cv2.convertScaleAbs(nearer, alpha=0.8), np.uint8)


def empty_room() -> Pixels:
    """Return (480, 640, 3) of a room with nobody in it: a lit wall, a door, a shelf of books."""
    random = np.random.default_rng(7)
    light = np.linspace(150, 190, WIDTH_PX)[None, :, None] + np.zeros((HEIGHT_PX, 1, 3))
    cv2.rectangle(light, (430, 70), (570, HEIGHT_PX), (92, 70, 54), -1)
    for left in range(40, 330, 18):
        colour = tuple(int(value) for value in random.integers(30, 220, 3))
        cv2.rectangle(light, (left, 110), (left + 15, 200), colour, -1)
    grain = random.normal(0, 4, light.shape)
    return np.clip(light + grain, 0, 255).astype(np.uint8)


def side_by_side(left: Pixels, right: Pixels) -> Pixels:
    """Return a frame with the middle halves of two others beside each other: two people."""
    quarter, half = WIDTH_PX // 4, WIDTH_PX // 2
    middle = slice(quarter, quarter + half)
    return np.ascontiguousarray(np.concatenate([left[:, middle], right[:, middle]], axis=1))


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the picture at this size, without the patterns that shrinking may draw."""
    shrinks = width * height < math.prod(pixels.shape[:2])
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=interpolation), np.uint8)


def as_jpeg(pixels: Pixels, quality: int = JPEG_QUALITY) -> bytes:
    """Return the picture as a JPEG with halved colour resolution, as cameras and browsers do."""
    return bytes(
        simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels), quality, colorspace="RGB", colorsubsampling="420"
        )
    )


def _cut(pixels: Pixels, left: int, top: int, width: int, height: int) -> Pixels:
    """Return a rectangle of a picture, which may reach beyond it."""
    rows = np.clip(np.arange(top, top + height), 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, pixels.shape[1] - 1)
    return np.ascontiguousarray(pixels[rows[:, None], columns[None, :]])
